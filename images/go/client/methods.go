package main

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"interop/scriptpb"
	"interop/testpb"
)

// open makes the exchange for the call's method. A stream whose stub takes no request is created here.
func (c *call) open(conn grpc.ClientConnInterface) (err error) {
	tests := testpb.NewTestServiceClient(conn)
	switch c.script.Method {
	case scriptpb.Method_EMPTY_CALL:
		c.exchange = newUnary(c, tests.EmptyCall)
	case scriptpb.Method_UNARY_CALL:
		c.exchange = newUnary(c, tests.UnaryCall)
	case scriptpb.Method_UNIMPLEMENTED_CALL:
		c.exchange = newUnary(c, tests.UnimplementedCall)
	case scriptpb.Method_UNIMPLEMENTED_SERVICE_CALL:
		c.exchange = newUnary(c, testpb.NewUnimplementedServiceClient(conn).UnimplementedCall)
	case scriptpb.Method_STREAMING_INPUT_CALL:
		c.exchange, err = newClientStreaming(c, tests)
	case scriptpb.Method_STREAMING_OUTPUT_CALL:
		c.exchange = newServerStreaming(c, tests)
	case scriptpb.Method_FULL_DUPLEX_CALL:
		c.exchange, err = newDuplex(c, tests.FullDuplexCall)
	case scriptpb.Method_HALF_DUPLEX_CALL:
		c.exchange, err = newDuplex(c, tests.HalfDuplexCall)
	default:
		err = fmt.Errorf("method %s", c.script.Method) // checkScript lets none through
	}
	return err
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
