package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"interop/scriptpb"
	"interop/testpb"
)

// open makes the exchange for the call's method. A stream whose stub takes no request is created here.
func (c *call) open(ctx context.Context, conn grpc.ClientConnInterface) (exchange, error) {
	tests := testpb.NewTestServiceClient(conn)
	switch c.script.Method {
	case scriptpb.Method_EMPTY_CALL:
		return newUnary(ctx, c, tests.EmptyCall), nil
	case scriptpb.Method_UNARY_CALL:
		return newUnary(ctx, c, tests.UnaryCall), nil
	case scriptpb.Method_UNIMPLEMENTED_CALL:
		return newUnary(ctx, c, tests.UnimplementedCall), nil
	case scriptpb.Method_UNIMPLEMENTED_SERVICE_CALL:
		return newUnary(ctx, c, testpb.NewUnimplementedServiceClient(conn).UnimplementedCall), nil
	case scriptpb.Method_STREAMING_INPUT_CALL:
		return newClientStreaming(ctx, c, tests)
	case scriptpb.Method_STREAMING_OUTPUT_CALL:
		return newServerStreaming(ctx, c, tests), nil
	case scriptpb.Method_FULL_DUPLEX_CALL:
		return newDuplex(ctx, c, tests.FullDuplexCall)
	case scriptpb.Method_HALF_DUPLEX_CALL:
		return newDuplex(ctx, c, tests.HalfDuplexCall)
	default:
		return nil, fmt.Errorf("method %s", c.script.Method) // checkScript lets none through
	}
}

// requestType returns an example of what a method takes, nil for an unknown method.
func requestType(method scriptpb.Method) proto.Message {
	switch method {
	case scriptpb.Method_EMPTY_CALL, scriptpb.Method_UNIMPLEMENTED_CALL, scriptpb.Method_UNIMPLEMENTED_SERVICE_CALL:
		return &testpb.Empty{}
	case scriptpb.Method_UNARY_CALL:
		return &testpb.SimpleRequest{}
	case scriptpb.Method_STREAMING_INPUT_CALL:
		return &testpb.StreamingInputCallRequest{}
	case scriptpb.Method_STREAMING_OUTPUT_CALL, scriptpb.Method_FULL_DUPLEX_CALL, scriptpb.Method_HALF_DUPLEX_CALL:
		return &testpb.StreamingOutputCallRequest{}
	default:
		return nil
	}
}

// streamsRequests reports whether a call of the method takes any number of requests; the others take exactly one.
func streamsRequests(method scriptpb.Method) bool {
	switch method {
	case scriptpb.Method_STREAMING_INPUT_CALL, scriptpb.Method_FULL_DUPLEX_CALL, scriptpb.Method_HALF_DUPLEX_CALL:
		return true
	default:
		return false
	}
}
