// Command client is the client role of the Go peer: it runs scripts with grpc-go and reports what it saw.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protodelim"

	"interop/peer"
)

// linger is how long the process lives after its last job, for the transport to send its last frames.
const linger = 100 * time.Millisecond

// job is one case to be run against one address.
type job struct {
	name    string
	address string
}

// jobList is the value of the repeated flag --job.
type jobList []job

func (l *jobList) String() string { return fmt.Sprint(*l) }

func (l *jobList) Set(value string) error {
	name, address, found := strings.Cut(value, "=")
	if !found || name == "" || address == "" {
		return errors.New("not of the form CASE=IP:PORT")
	}
	*l = append(*l, job{name, address})
	return nil
}

func main() {
	var jobs jobList
	flag.Var(&jobs, "job", "a case and where to run it, CASE=IP:PORT; can be repeated")
	scripts := flag.String("scripts", "", "directory of the scripts, CASE.binpb")
	describe := flag.Bool("describe", false, "print what this peer is, as a line of JSON")
	peer.ParseFlags()

	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	var err error
	if *describe {
		err = peer.Describe(os.Stdout, features)
	} else {
		err = runJobs(ctx, *scripts, jobs, os.Stdout)
		time.Sleep(linger)
	}
	if err != nil {
		slog.Error("client failed", "error", err)
		os.Exit(1)
	}
}

// runJobs runs the jobs one after another and writes the observation of each as soon as it is complete.
func runJobs(ctx context.Context, scripts string, jobs []job, out io.Writer) error {
	slog.Info("client", "grpc", grpc.Version, "jobs", len(jobs))
	for _, j := range jobs {
		observation := j.run(ctx, scripts)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("job %s: %w", j.name, err)
		}
		slog.Info("job ended", "case", j.name, "address", j.address, "result", observation.Result, "detail", observation.Detail)
		// One write for each observation, and os.Stdout has no buffer: nothing is left to flush.
		if _, err := protodelim.MarshalTo(out, observation); err != nil {
			return fmt.Errorf("job %s: write observation: %w", j.name, err)
		}
	}
	return nil
}
