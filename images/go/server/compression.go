package main

import (
	"bytes"
	"context"
	"io"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"interop/testpb"
)

// compressedMark is a protobuf field that no message of the schema has, with the value 1.
var compressedMark = protowire.AppendVarint(protowire.AppendTag(nil, protowire.MaxValidNumber, protowire.VarintType), 1)

// markingCompressor leaves compressedMark, as an unknown field, in every message it decompresses.
//
// grpc-go does not tell a handler whether a message came with the compressed flag
// (https://github.com/grpc/grpc-go/issues/1357), and the lengths that a stats handler sees only suggest it, since a compressed
// message can be as long as the plain one. But a decompressor runs for exactly the flagged messages, so it can leave word.
type markingCompressor struct{ encoding.Compressor }

func (c markingCompressor) Decompress(r io.Reader) (io.Reader, error) {
	plain, err := c.Compressor.Decompress(r)
	if err != nil {
		return nil, err
	}
	return io.MultiReader(plain, bytes.NewReader(compressedMark)), nil
}

// The gzip package has registered its compressor by now; the last one registered under a name is used.
func init() {
	encoding.RegisterCompressor(markingCompressor{encoding.GetCompressor(gzip.Name)})
}

// wasCompressed reports whether a received message had the compressed flag.
func wasCompressed(message proto.Message) bool {
	return bytes.HasSuffix(message.ProtoReflect().GetUnknown(), compressedMark)
}

// checkCompressed fails where a request says how it is to arrive and has arrived otherwise.
func checkCompressed(expected *testpb.BoolValue, request proto.Message) error {
	if expected == nil || expected.Value == wasCompressed(request) {
		return nil
	}
	if expected.Value {
		return status.Error(codes.InvalidArgument, "the request is not compressed")
	}
	return status.Error(codes.InvalidArgument, "the request is compressed")
}

// compressResponse chooses the compressor of a unary response. Where the request asks for none in particular, grpc-go's own
// choice stands: the one the request came with.
func compressResponse(ctx context.Context, compressed *testpb.BoolValue) error {
	if compressed == nil {
		return nil
	}
	_, err := setCompressor(ctx, compressed.Value)
	return err
}

// setCompressor makes the responses of a call leave compressed with gzip or not, and reports which: they do not where the client does
// not accept it, even if it has compressed its request. It is to be called before the first of them.
func setCompressor(ctx context.Context, compress bool) (compresses bool, err error) {
	name := encoding.Identity
	if compress {
		accepted, err := grpc.ClientSupportedCompressors(ctx)
		if err != nil {
			return false, err
		}
		if slices.Contains(accepted, gzip.Name) {
			name = gzip.Name
		}
	}
	return name == gzip.Name, grpc.SetSendCompressor(ctx, name)
}
