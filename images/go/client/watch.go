package main

import (
	"context"

	"google.golang.org/grpc/stats"
)

// callKey is the context key under which a watcher finds the call of an event.
type callKey struct{}

// watcher tells a call how far the library has got with it, which no unary stub does: it returns only when the call is over.
type watcher struct{}

func (watcher) HandleRPC(ctx context.Context, event stats.RPCStats) {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return
	}
	switch event.(type) {
	case *stats.OutHeader:
		c.start()
	case *stats.OutPayload:
		c.accept()
	}
}

func (watcher) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (watcher) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (watcher) HandleConn(context.Context, stats.ConnStats)                       {}
