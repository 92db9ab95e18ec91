package main

import (
	"context"
	"strings"

	"google.golang.org/grpc/metadata"
)

// Keys whose values, all of them and in their order, go back to the client.
const (
	echoInitial  = "x-grpc-test-echo-initial"
	echoTrailing = "x-grpc-test-echo-trailing-bin"
)

// echoMetadata returns what of the request's metadata is to come back, in the headers and in the trailers.
func echoMetadata(ctx context.Context) (header, trailer metadata.MD) {
	header, trailer = metadata.MD{}, metadata.MD{}
	header.Append(echoInitial, metadata.ValueFromIncomingContext(ctx, echoInitial)...)
	trailer.Append(echoTrailing, metadata.ValueFromIncomingContext(ctx, echoTrailing)...)
	return header, trailer
}

// username returns the user whom the request's bearer token authenticates, "" if there is none. For these tests a token is its user's
// name.
func username(ctx context.Context) string {
	for _, credentials := range metadata.ValueFromIncomingContext(ctx, "authorization") {
		if token, ok := strings.CutPrefix(credentials, "Bearer "); ok {
			return token
		}
	}
	return ""
}
