package main

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"interop/testpb"
)

// errNotSent is the end of a call that was cut off before its request was sent.
var errNotSent = errors.New("no request was sent")

// The streams of the calls, by their direction.
type (
	requestStream  = grpc.ClientStreamingClient[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse]
	responseStream = grpc.ServerStreamingClient[testpb.StreamingOutputCallResponse]
	duplexStream   = grpc.BidiStreamingClient[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]
)

// duplexStub is FullDuplexCall or HalfDuplexCall of the generated client.
type duplexStub func(context.Context, ...grpc.CallOption) (duplexStream, error)

// clientStreaming is the exchange of StreamingInputCall.
type clientStreaming struct{ stream requestStream }

func newClientStreaming(c *call, tests testpb.TestServiceClient) (exchange, error) {
	stream, err := tests.StreamingInputCall(c.context(), c.options()...)
	if err != nil {
		return nil, err
	}
	return clientStreaming{stream}, nil
}

func (x clientStreaming) send(request proto.Message) error {
	return x.stream.Send(request.(*testpb.StreamingInputCallRequest))
}

func (x clientStreaming) closeSend() error { return x.stream.CloseSend() }

// receive does not call CloseAndRecv, because that half-closes before it waits, and the server may answer earlier.
func (x clientStreaming) receive() (proto.Message, error) {
	response := &testpb.StreamingInputCallResponse{}
	if err := x.stream.RecvMsg(response); err != nil {
		return nil, err
	}
	return response, io.EOF
}

func (x clientStreaming) header() metadata.MD  { return shownHeader(x.stream) }
func (x clientStreaming) trailer() metadata.MD { return x.stream.Trailer() }

// serverStreaming is the exchange of StreamingOutputCall. Its stub takes the request, so the call begins with send.
type serverStreaming struct {
	call   *call
	tests  testpb.TestServiceClient
	stream responseStream // nil before send, and where the library did not create it
}

func newServerStreaming(c *call, tests testpb.TestServiceClient) exchange {
	return &serverStreaming{call: c, tests: tests}
}

func (x *serverStreaming) send(request proto.Message) (err error) {
	x.stream, err = x.tests.StreamingOutputCall(x.call.context(), request.(*testpb.StreamingOutputCallRequest), x.call.options()...)
	return err
}

// closeSend has nothing to do: the stub half-closes.
func (x *serverStreaming) closeSend() error { return nil }

func (x *serverStreaming) receive() (proto.Message, error) {
	if x.stream == nil {
		return nil, errNotSent
	}
	return nextResponse(x.stream)
}

func (x *serverStreaming) header() metadata.MD {
	if x.stream == nil {
		return nil
	}
	return shownHeader(x.stream)
}

func (x *serverStreaming) trailer() metadata.MD {
	if x.stream == nil {
		return nil
	}
	return x.stream.Trailer()
}

// duplex is the exchange of FullDuplexCall and HalfDuplexCall.
type duplex struct{ stream duplexStream }

func newDuplex(c *call, stub duplexStub) (exchange, error) {
	stream, err := stub(c.context(), c.options()...)
	if err != nil {
		return nil, err
	}
	return duplex{stream}, nil
}

func (x duplex) send(request proto.Message) error {
	return x.stream.Send(request.(*testpb.StreamingOutputCallRequest))
}

func (x duplex) closeSend() error                { return x.stream.CloseSend() }
func (x duplex) receive() (proto.Message, error) { return nextResponse(x.stream) }
func (x duplex) header() metadata.MD             { return shownHeader(x.stream) }
func (x duplex) trailer() metadata.MD            { return x.stream.Trailer() }

// nextResponse keeps a nil response from becoming a message that is not nil.
func nextResponse(stream responseStream) (proto.Message, error) {
	response, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	return response, nil
}

// shownHeader drops the error of Header: receive has returned the call's end already. In a call that ended without headers
// (trailers-only, or locally) grpc-go shows no initial metadata, nil.
func shownHeader(stream grpc.ClientStream) metadata.MD {
	header, _ := stream.Header()
	return header
}
