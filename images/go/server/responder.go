package main

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"interop/testpb"
)

// responder sends the responses of one call through its stream, whose headers go out with the first of them.
type responder struct {
	stream responseStream
	opened bool // a response has been sent, so the headers have
	mixed  bool // Send compresses because of a response that is to be: the others have to be kept from it
}

// answer sends the responses that one request asks for.
func (r *responder) answer(request *testpb.StreamingOutputCallRequest) error {
	if err := echoStatus(request.ResponseStatus); err != nil {
		return err
	}
	if err := checkStreaming(request); err != nil {
		return err
	}
	if err := r.chooseCompressor(request); err != nil {
		return err
	}
	for _, parameters := range request.ResponseParameters {
		if err := pause(r.stream.Context(), parameters.IntervalUs); err != nil {
			return err
		}
		response := &testpb.StreamingOutputCallResponse{Payload: newPayload(parameters.Size)}
		if err := r.send(response, parameters.Compressed); err != nil {
			return err
		}
	}
	return nil
}

// chooseCompressor gives the stream its compressor as far as the requests say anything of it, which grpc-go allows before the first
// response only. Where they do not, its own choice stands: the compressor of the requests.
func (r *responder) chooseCompressor(requests ...*testpb.StreamingOutputCallRequest) (err error) {
	var said, compress bool
	for _, request := range requests {
		for _, parameters := range request.ResponseParameters {
			said = said || parameters.Compressed != nil
			compress = compress || parameters.Compressed.GetValue()
		}
	}
	if r.opened || r.mixed || !said {
		return nil
	}
	r.mixed, err = setCompressor(r.stream.Context(), compress)
	return err
}

// send sends one response. Send compresses all of them or none, and there is no option for one message. But a prepared message is
// encoded with the compressor that the call had before its handler ran, which is that of the requests, and SetSendCompressor does
// not change that (https://pkg.go.dev/google.golang.org/grpc#PreparedMsg): so it is plain, unless the requests have grpc-encoding.
func (r *responder) send(response *testpb.StreamingOutputCallResponse, compressed *testpb.BoolValue) error {
	r.opened = true
	if !r.mixed || compressed.GetValue() {
		return r.stream.Send(response)
	}
	plain := &grpc.PreparedMsg{}
	if err := plain.Encode(r.stream, response); err != nil {
		return err
	}
	return r.stream.SendMsg(plain)
}

// pause waits for an interval, or until the call is over.
func pause(ctx context.Context, intervalUs int32) error {
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
