package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"interop/scriptpb"
)

// call runs the steps of one call and notes what it sees.
type call struct {
	script *scriptpb.Call
	seen   *scriptpb.CallObservation
	began  time.Time // of the job

	// A call lives as long as its contexts: job is the whole job's, and its end cuts the call off; ctx, derived from it, is what the
	// library gets, and a step can cancel it.
	job, ctx context.Context
	cancel   context.CancelFunc

	exchange         exchange // nil where the library did not create the call
	cancelled, ended bool

	// started is closed when the request headers have been handed to the transport, or the call has begun to wait before that.
	// The next call of the group waits for it, so that calls get their stream ids in the script's order.
	started chan struct{}
	start   func()
	// accepted is closed when the first request has been handed to the transport.
	accepted chan struct{}
	accept   func()
}

// exchange is the library's side of a call. Each kind of call has one: see unary.go and streaming.go.
type exchange interface {
	// send hands a request to the library. io.EOF means that the call has ended; receive says how.
	send(proto.Message) error
	// closeSend half-closes; it can be called again without effect.
	closeSend() error
	// receive waits for the next response. An error is the end of the call, io.EOF its end with OK; the only response of a call
	// comes together with that.
	receive() (proto.Message, error)
	// header and trailer return the metadata that the library shows after the end, nil if it shows none.
	header() metadata.MD
	trailer() metadata.MD
}

func newCall(job context.Context, began time.Time, script *scriptpb.Call) *call {
	ctx, cancel := context.WithCancel(job)
	started, accepted := make(chan struct{}), make(chan struct{})
	return &call{
		script:   script,
		seen:     &scriptpb.CallObservation{},
		began:    began,
		job:      job,
		ctx:      ctx,
		cancel:   cancel,
		started:  started,
		start:    sync.OnceFunc(func() { close(started) }),
		accepted: accepted,
		accept:   sync.OnceFunc(func() { close(accepted) }),
	}
}

// run runs the call to its end, or until it is cut off.
func (c *call) run(conn grpc.ClientConnInterface) {
	defer c.start()
	defer c.cancel()

	if err := c.open(conn); err != nil {
		c.end(err)
	}
	for i, step := range c.script.Steps {
		c.step(step)
		if c.cutOff() {
			break
		}
		c.seen.Steps = append(c.seen.Steps, &scriptpb.StepEnd{Index: uint32(i), EndedUs: uint64(time.Since(c.began).Microseconds())})
	}
	c.closeSend()
	c.receive(0)
	if c.exchange == nil {
		return
	}
	c.seen.InitialMetadata = metadataList(c.exchange.header())
	if c.seen.Status != nil {
		c.seen.TrailingMetadata = metadataList(c.exchange.trailer())
	}
}

// cutOff reports whether the job is over.
func (c *call) cutOff() bool { return c.job.Err() != nil }

// step runs one step. On a call that has ended it has no effect; nor has what would send on one that was cancelled, because
// grpc-go cancels beside its caller, and what is written meanwhile can still leave. A unary call cancelled before its send is
// begun all the same: there is no status without it.
func (c *call) step(step *scriptpb.Step) {
	switch action := step.Action.(type) {
	case *scriptpb.Step_WaitMs:
		c.start()
		wait(c.job, time.Duration(action.WaitMs)*time.Millisecond)
	case *scriptpb.Step_Cancel:
		c.cancelled = true
		c.cancel()
	case *scriptpb.Step_Send:
		c.send(action.Send)
	case *scriptpb.Step_HalfClose:
		c.closeSend()
	case *scriptpb.Step_Receive:
		c.receive(action.Receive.Count)
	}
}

func (c *call) send(send *scriptpb.Send) {
	if c.ended || c.cancelled && streamsRequests(c.script.Method) {
		return
	}
	if err := c.exchange.send(newRequest(send)); err != nil && !errors.Is(err, io.EOF) {
		c.end(err)
	}
}

func (c *call) closeSend() {
	if c.ended || c.cancelled || c.cutOff() {
		return
	}
	if err := c.exchange.closeSend(); err != nil {
		c.end(err)
	}
}

// receive reads count messages, or to the end of the call if count is 0. What comes after the end of the job is dropped.
func (c *call) receive(count uint32) {
	for n := uint32(0); !c.ended && (count == 0 || n < count); n++ {
		response, err := c.exchange.receive()
		if response != nil && !c.cutOff() {
			c.seen.Messages = append(c.seen.Messages, newReceived(response))
		}
		if err != nil {
			c.end(err)
		}
	}
}

// end notes the status, unless the call was cut off.
func (c *call) end(err error) {
	c.ended = true
	if c.cutOff() {
		return
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	s := status.Convert(err)
	// A server can send any bytes as its message, which the Observation, being protobuf, cannot hold.
	c.seen.Status = &scriptpb.Status{Code: int32(s.Code()), Message: strings.ToValidUTF8(s.Message(), "\uFFFD")}
}

// context returns the context to create the call with. It is to be made just then: the deadline counts from here.
func (c *call) context() context.Context {
	ctx := context.WithValue(c.ctx, callKey{}, c)
	// Appended metadata keeps its order, which a metadata.MD, being a map, does not.
	for _, entry := range c.script.Metadata {
		ctx = metadata.AppendToOutgoingContext(ctx, entry.Key, string(entry.Value))
	}
	if c.script.DeadlineMs == 0 {
		return ctx
	}
	limited, cancel := context.WithTimeout(ctx, time.Duration(c.script.DeadlineMs)*time.Millisecond)
	context.AfterFunc(ctx, cancel) // ctx ends with the call
	return limited
}

// options returns the options to create the call with.
func (c *call) options() []grpc.CallOption {
	var options []grpc.CallOption
	if c.script.Compressor == scriptpb.Compressor_GZIP {
		options = append(options, grpc.UseCompressor(gzip.Name))
	}
	if c.script.BearerToken != "" {
		options = append(options, grpc.PerRPCCredentials(bearerToken(c.script.BearerToken)))
	}
	return options
}

// bearerToken is a credential for a call. On a channel without TLS grpc-go refuses to send it.
type bearerToken string

func (t bearerToken) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(t)}, nil
}

func (bearerToken) RequireTransportSecurity() bool { return true }

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
