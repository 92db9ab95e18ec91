package main

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"interop/testpb"
)

// checkUnary fails where a request asks for what there cannot be.
func checkUnary(request *testpb.SimpleRequest) error {
	if err := checkType(request.ResponseType); err != nil {
		return err
	}
	return checkSize(request.ResponseSize)
}

// checkStreaming is checkUnary for a streaming request, all of it: it is refused before its first response.
func checkStreaming(request *testpb.StreamingOutputCallRequest) error {
	if err := checkType(request.ResponseType); err != nil {
		return err
	}
	for _, parameters := range request.ResponseParameters {
		if err := checkSize(parameters.Size); err != nil {
			return err
		}
		if parameters.IntervalUs < 0 {
			return status.Errorf(codes.InvalidArgument, "interval of %d us is negative", parameters.IntervalUs)
		}
	}
	return nil
}

func checkType(kind testpb.PayloadType) error {
	if kind != testpb.PayloadType_COMPRESSABLE {
		return status.Errorf(codes.InvalidArgument, "unknown response_type %d", kind)
	}
	return nil
}

func checkSize(size int32) error {
	if size < 0 {
		return status.Errorf(codes.InvalidArgument, "response size %d is negative", size)
	}
	return nil
}
