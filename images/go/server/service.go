package main

import (
	"context"
	"errors"
	"io"
	"time"

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
	payload, err := newPayload(request.ResponseType, request.ResponseSize)
	if err != nil {
		return nil, err
	}
	if err := compressResponse(ctx, request.ResponseCompressed); err != nil {
		return nil, err
	}
	return &testpb.SimpleResponse{Payload: payload}, nil
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
	return answer(request, stream)
}

// FullDuplexCall answers each request as it comes.
func (service) FullDuplexCall(stream duplexStream) error {
	header, trailer := echoMetadata(stream.Context())
	if err := stream.SetHeader(header); err != nil {
		return err
	}
	stream.SetTrailer(trailer)
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := answer(request, stream); err != nil {
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
		requests = append(requests, request)
	}
	for _, request := range requests {
		if err := answer(request, stream); err != nil {
			return err
		}
	}
	return nil
}

// answer sends the responses that one streaming request asks for. Its `compressed` fields have no effect: grpc-go chooses a
// stream's compressor once, before the stream's headers (https://github.com/grpc/grpc-go/issues/1357).
func answer(request *testpb.StreamingOutputCallRequest, stream responseStream) error {
	if err := echoStatus(request.ResponseStatus); err != nil {
		return err
	}
	for _, parameters := range request.ResponseParameters {
		payload, err := newPayload(request.ResponseType, parameters.Size)
		if err != nil {
			return err
		}
		if err := pause(stream.Context(), parameters.IntervalUs); err != nil {
			return err
		}
		if err := stream.Send(&testpb.StreamingOutputCallResponse{Payload: payload}); err != nil {
			return err
		}
	}
	return nil
}

// echoStatus returns the error that a request asks its call to end with, if it does.
func echoStatus(echo *testpb.EchoStatus) error {
	return status.Error(codes.Code(echo.GetCode()), echo.GetMessage()) // nil for code 0
}

// newPayload makes a body of zeros.
func newPayload(kind testpb.PayloadType, size int32) (*testpb.Payload, error) {
	if kind != testpb.PayloadType_COMPRESSABLE {
		return nil, status.Errorf(codes.InvalidArgument, "unknown response_type %d", kind)
	}
	if size < 0 {
		return nil, status.Errorf(codes.InvalidArgument, "response size %d is negative", size)
	}
	return &testpb.Payload{Type: kind, Body: make([]byte, size)}, nil
}

// pause waits for an interval, or until the call is over.
func pause(ctx context.Context, intervalUs int32) error {
	if intervalUs < 0 {
		return status.Errorf(codes.InvalidArgument, "interval of %d us is negative", intervalUs)
	}
	if intervalUs == 0 {
		return nil
	}
	timer := time.NewTimer(time.Duration(intervalUs) * time.Microsecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}
