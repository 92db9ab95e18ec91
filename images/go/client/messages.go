package main

import (
	"bytes"
	"maps"
	"slices"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"interop/scriptpb"
	"interop/testpb"
)

// requestOf returns the request of a send, without a payload; nil if there is none.
func requestOf(send *scriptpb.Send) proto.Message {
	switch r := send.Request.(type) {
	case *scriptpb.Send_Empty:
		return r.Empty
	case *scriptpb.Send_Simple:
		return r.Simple
	case *scriptpb.Send_StreamingInput:
		return r.StreamingInput
	case *scriptpb.Send_StreamingOutput:
		return r.StreamingOutput
	default:
		return nil
	}
}

// newRequest returns the request of a send, complete with its payload.
func newRequest(send *scriptpb.Send) proto.Message {
	request := proto.Clone(requestOf(send))
	switch r := request.(type) {
	case *testpb.SimpleRequest:
		r.Payload = newPayload(send)
	case *testpb.StreamingInputCallRequest:
		r.Payload = newPayload(send)
	case *testpb.StreamingOutputCallRequest:
		r.Payload = newPayload(send)
	}
	return request
}

// newPayload returns a body of zeros, nil where the request is to have no payload.
func newPayload(send *scriptpb.Send) *testpb.Payload {
	if send.BodySize == nil {
		return nil
	}
	return &testpb.Payload{Body: make([]byte, *send.BodySize)}
}

// newReceived notes a response, which loses its payload to the two facts that are told of it.
func newReceived(response proto.Message) *scriptpb.Received {
	switch r := response.(type) {
	case *testpb.Empty:
		return &scriptpb.Received{AllZero: true, Response: &scriptpb.Received_Empty{Empty: r}}
	case *testpb.SimpleResponse:
		size, zero := takePayload(&r.Payload)
		return &scriptpb.Received{BodySize: size, AllZero: zero, Response: &scriptpb.Received_Simple{Simple: r}}
	case *testpb.StreamingInputCallResponse:
		return &scriptpb.Received{AllZero: true, Response: &scriptpb.Received_StreamingInput{StreamingInput: r}}
	case *testpb.StreamingOutputCallResponse:
		size, zero := takePayload(&r.Payload)
		return &scriptpb.Received{BodySize: size, AllZero: zero, Response: &scriptpb.Received_StreamingOutput{StreamingOutput: r}}
	default:
		panic("no method returns " + proto.MessageName(response))
	}
}

// takePayload removes a payload and returns the size of its body, nil if there was no payload, and whether that is all zeros.
func takePayload(payload **testpb.Payload) (size *uint32, zero bool) {
	if *payload == nil {
		return nil, true
	}
	body := (*payload).Body
	*payload = nil
	return proto.Uint32(uint32(len(body))), bytes.Count(body, []byte{0}) == len(body)
}

// metadataList sorts metadata by key, because grpc-go keeps only the order of one key's values; nil stays nil.
func metadataList(md metadata.MD) *scriptpb.MetadataList {
	if md == nil {
		return nil
	}
	list := &scriptpb.MetadataList{}
	for _, key := range slices.Sorted(maps.Keys(md)) {
		for _, value := range md[key] {
			list.Entries = append(list.Entries, &scriptpb.Metadata{Key: key, Value: []byte(value)})
		}
	}
	return list
}
