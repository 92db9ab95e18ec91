package main

import (
	"context"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// unaryStub is a unary method of a generated client.
type unaryStub[Request, Response proto.Message] func(context.Context, Request, ...grpc.CallOption) (Response, error)

// unary is the exchange of a unary call. Its stub returns when the call is over, so it runs beside the steps.
type unary[Request, Response proto.Message] struct {
	call *call
	stub unaryStub[Request, Response]

	done              chan struct{} // nil before send; what follows is written before it is closed
	response          Response
	err               error
	headers, trailers metadata.MD
}

func newUnary[Request, Response proto.Message](c *call, stub unaryStub[Request, Response]) exchange {
	return &unary[Request, Response]{call: c, stub: stub}
}

func (u *unary[Request, Response]) send(request proto.Message) error {
	u.done = make(chan struct{})
	ctx := u.call.context()
	options := append(u.call.options(), grpc.Header(&u.headers), grpc.Trailer(&u.trailers))
	go func() {
		defer close(u.done)
		u.response, u.err = u.stub(ctx, request.(Request), options...)
	}()
	select {
	case <-u.call.accepted:
	case <-u.done:
	}
	return nil
}

// closeSend has nothing to do: the stub half-closes.
func (u *unary[Request, Response]) closeSend() error { return nil }

func (u *unary[Request, Response]) receive() (proto.Message, error) {
	if u.done == nil {
		return nil, errNotSent
	}
	<-u.done
	if u.err != nil {
		return nil, u.err
	}
	return u.response, io.EOF
}

func (u *unary[Request, Response]) header() metadata.MD  { return u.headers }
func (u *unary[Request, Response]) trailer() metadata.MD { return u.trailers }
