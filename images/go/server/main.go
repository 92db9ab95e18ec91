// Command server is the server role of the Go peer: grpc.testing.TestService on grpc-go.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"interop/peer"
	"interop/testpb"
)

// stopGrace is how long calls may go on after SIGTERM; the process has to be gone within a second.
const stopGrace = 500 * time.Millisecond

// maxStreams is how many calls a connection may have at once: what the contract asks for.
const maxStreams = 100

// features are those of the server role in the peer contract: all of them.
var features = []string{
	"unary",
	"client_streaming",
	"server_streaming",
	"bidi",
	"half_duplex",
	"echo_status",
	"echo_metadata",
	"echo_username",
	"compressed_response",
	"compressed_stream_response",
	"expect_compressed",
	"tls",
}

type options struct {
	port     int
	useTLS   bool
	certFile string
	keyFile  string
}

func main() {
	var opts options
	flag.IntVar(&opts.port, "port", 8080, "port to listen on, on all addresses")
	flag.BoolVar(&opts.useTLS, "use_tls", false, "serve TLS")
	flag.StringVar(&opts.certFile, "tls_cert_file", "", "certificate chain, PEM")
	flag.StringVar(&opts.keyFile, "tls_key_file", "", "private key, PEM")
	describe := flag.Bool("describe", false, "print what this peer is, as a line of JSON")
	peer.ParseFlags()

	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	var err error
	if *describe {
		err = peer.Describe(os.Stdout, features)
	} else {
		err = serve(ctx, opts)
	}
	if err != nil {
		slog.Error("server failed", "error", err)
		os.Exit(1)
	}
}

// serve runs the server until ctx is done.
func serve(ctx context.Context, opts options) error {
	server, err := newServer(opts)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("", strconv.Itoa(opts.port)))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	slog.Info("serving", "address", listener.Addr(), "tls", opts.useTLS, "grpc", grpc.Version)

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}

	slog.Info("stopping")
	stopWithin(stopGrace, server)
	return nil
}

func newServer(opts options) (*grpc.Server, error) {
	serverOptions := []grpc.ServerOption{
		// The library's own limit is none.
		grpc.MaxConcurrentStreams(maxStreams),
		// Counts the mark that a compressed message is given, see markingCompressor.
		grpc.MaxRecvMsgSize(peer.MaxMessage + len(compressedMark)),
	}
	if opts.useTLS {
		creds, err := credentials.NewServerTLSFromFile(opts.certFile, opts.keyFile)
		if err != nil {
			return nil, fmt.Errorf("load certificate: %w", err)
		}
		serverOptions = append(serverOptions, grpc.Creds(creds))
	}
	server := grpc.NewServer(serverOptions...)
	testpb.RegisterTestServiceServer(server, service{})
	return server, nil
}

// stopWithin lets running calls end, for as long as grace. What is still there then ends with the process: Stop, which is to cut it
// off, would first wait for connections that have not finished their handshake, as GracefulStop does, for up to
// grpc.ConnectionTimeout, which is 120 s.
func stopWithin(grace time.Duration, server *grpc.Server) {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		server.GracefulStop()
	}()
	select {
	case <-stopped:
	case <-time.After(grace):
	}
}
