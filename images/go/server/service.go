package main

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"interop/testpb"
)

// service is grpc.testing.TestService. The embedded type answers UNIMPLEMENTED to the methods that are not here.
type service struct {
	testpb.UnimplementedTestServiceServer
}

// The streams of the calls, by their direction.
type (
	requestStream  = grpc.ClientStreamingServer[testpb.StreamingInputCallRequest, testpb.StreamingInputCallResponse]
	responseStream = grpc.ServerStreamingServer[testpb.StreamingOutputCallResponse]
	duplexStream   = grpc.BidiStreamingServer[testpb.StreamingOutputCallRequest, testpb.StreamingOutputCallResponse]
)

// EmptyCall answers an empty request with an empty response.
func (service) EmptyCall(context.Context, *testpb.Empty) (*testpb.Empty, error) {
	return &testpb.Empty{}, nil
}

// UnaryCall answers with a body of the size asked for.
func (service) UnaryCall(ctx context.Context, request *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	header, trailer := echoMetadata(ctx)
	if err := grpc.SetHeader(ctx, header); err != nil {
		return nil, err
	}
	if err := grpc.SetTrailer(ctx, trailer); err != nil {
		return nil, err
	}
	if err := checkCompressed(request.ExpectCompressed, request); err != nil {
		return nil, err
	}
	if err := echoStatus(request.ResponseStatus); err != nil {
		return nil, err
	}
	if err := checkUnary(request); err != nil {
		return nil, err
	}
	if err := compressResponse(ctx, request.ResponseCompressed); err != nil {
		return nil, err
	}
	response := &testpb.SimpleResponse{Payload: newPayload(request.ResponseSize)}
	if request.FillUsername {
		response.Username = username(ctx)
	}
	return response, nil
}

// StreamingInputCall adds up the body sizes of its requests.
func (service) StreamingInputCall(stream requestStream) error {
	var sum int
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: int32(sum)})
		}
		if err != nil {
			return err
		}
		if err := checkCompressed(request.ExpectCompressed, request); err != nil {
			return err
		}
		sum += len(request.GetPayload().GetBody())
	}
}

// StreamingOutputCall answers its one request.
func (service) StreamingOutputCall(request *testpb.StreamingOutputCallRequest, stream responseStream) error {
	responses := &responder{stream: stream}
	return responses.answer(request)
}

// FullDuplexCall answers each request as it comes.
func (service) FullDuplexCall(stream duplexStream) error {
	header, trailer := echoMetadata(stream.Context())
	if err := stream.SetHeader(header); err != nil {
		return err
	}
	stream.SetTrailer(trailer)
	responses := &responder{stream: stream}
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := responses.answer(request); err != nil {
			return err
		}
	}
}

// HalfDuplexCall answers all requests, in order, once the client has half-closed.
func (service) HalfDuplexCall(stream duplexStream) error {
	header, trailer := echoMetadata(stream.Context())
	if err := stream.SetHeader(header); err != nil {
		return err
	}
	stream.SetTrailer(trailer)
	var requests []*testpb.StreamingOutputCallRequest
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		request.Payload = nil // not needed any more, and a client may send many
		requests = append(requests, request)
	}
	responses := &responder{stream: stream}
	if err := responses.chooseCompressor(requests...); err != nil {
		return err
	}
	for _, request := range requests {
		if err := responses.answer(request); err != nil {
			return err
		}
	}
	return nil
}

// echoStatus returns the error that a request asks its call to end with, if it does.
func echoStatus(echo *testpb.EchoStatus) error {
	code := codes.Code(echo.GetCode())
	if code > codes.Unauthenticated { // the last one there is
		code = codes.Unknown
	}
	return status.Error(code, echo.GetMessage()) // nil for code 0
}

// newPayload makes a body of zeros.
func newPayload(size int32) *testpb.Payload {
	return &testpb.Payload{Body: make([]byte, size)}
}
