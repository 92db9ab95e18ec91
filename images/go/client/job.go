package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"interop/scriptpb"
)

var errBudget = errors.New("the script's budget ran out")

// run runs the job's script and returns what was seen.
func (j job) run(ctx context.Context, scripts string) *scriptpb.Observation {
	began := time.Now()
	observation := &scriptpb.Observation{Case: j.name}
	script, err := loadScript(filepath.Join(scripts, j.name+".binpb"))
	if err != nil {
		observation.Result, observation.Detail = scriptpb.Observation_BAD_SCRIPT, err.Error()
		return observation
	}
	if name := missingFeature(script.Requires); name != "" {
		observation.Result, observation.Detail = scriptpb.Observation_UNSUPPORTED, name
		return observation
	}
	if err := checkScript(script); err != nil {
		observation.Result, observation.Detail = scriptpb.Observation_BAD_SCRIPT, err.Error()
		return observation
	}

	ctx, cancel := withBudget(ctx, time.Duration(script.BudgetMs)*time.Millisecond)
	defer cancel()
	err = runGroups(ctx, began, j.address, script, observation)
	switch {
	case ctx.Err() != nil:
		observation.Result, observation.Detail = scriptpb.Observation_TIMED_OUT, context.Cause(ctx).Error()
	case err != nil:
		observation.Result, observation.Detail = scriptpb.Observation_CONNECT_FAILED, err.Error()
	default:
		observation.Result = scriptpb.Observation_DONE
	}
	return observation
}

func loadScript(path string) (*scriptpb.Script, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read script: %w", err)
	}
	script := &scriptpb.Script{}
	if err := proto.Unmarshal(data, script); err != nil {
		return nil, fmt.Errorf("parse script: %w", err)
	}
	return script, nil
}

// withBudget returns a context that ends when the budget does. It is not context.WithTimeout, because grpc-go would send that
// context's deadline to the server as grpc-timeout.
func withBudget(parent context.Context, budget time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	timer := time.AfterFunc(budget, func() { cancel(errBudget) })
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}

// runGroups runs the groups in order and adds their calls to the observation, until ctx ends. The error is that of a channel.
func runGroups(ctx context.Context, began time.Time, address string, script *scriptpb.Script, observation *scriptpb.Observation) error {
	var conn *grpc.ClientConn
	defer func() {
		if conn != nil {
			conn.Close()
		}
	}()
	for g, group := range script.Groups {
		for r := range max(group.Repeat, 1) {
			if conn != nil && group.FreshChannel {
				conn.Close()
				conn = nil
			}
			if conn == nil {
				var err error
				if conn, err = dial(ctx, address, script.Channel); err != nil {
					return err
				}
			}
			seen := runCalls(ctx, began, conn, group.Calls)
			for i, call := range seen {
				call.Group, call.Repeat, call.Call = uint32(g), r, uint32(i)
			}
			observation.Calls = append(observation.Calls, seen...)
			if ctx.Err() != nil {
				return nil
			}
		}
	}
	return nil
}

// runCalls starts the calls of a group in order, lets them run concurrently, and returns what each has seen when all have ended.
func runCalls(ctx context.Context, began time.Time, conn grpc.ClientConnInterface, scripts []*scriptpb.Call) []*scriptpb.CallObservation {
	var calls sync.WaitGroup
	var seen []*scriptpb.CallObservation
	for _, script := range scripts {
		if ctx.Err() != nil {
			break
		}
		c := newCall(ctx, began, script)
		seen = append(seen, c.seen)
		calls.Go(func() { c.run(conn) })
		<-c.started
	}
	calls.Wait()
	return seen
}
