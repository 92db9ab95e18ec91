package main

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"interop/peer"
	"interop/testpb"
)

// otherCompressor is what a client accepts that does not accept gzip: the names have to be those of registered compressors.
type otherCompressor struct{ encoding.Compressor }

func (otherCompressor) Name() string { return "other" }

func init() {
	encoding.RegisterCompressor(otherCompressor{encoding.GetCompressor(gzip.Name)})
}

// start serves the service on an address of its own, and returns that and the server.
func start(t *testing.T) (string, *grpc.Server) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := newServer(options{})
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	return listener.Addr().String(), server
}

// connect returns a stub for a server of its own.
func connect(t *testing.T) testpb.TestServiceClient {
	t.Helper()
	address, server := start(t)
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return testpb.NewTestServiceClient(conn)
}

func parse[M proto.Message](t *testing.T, message M, text string) M {
	t.Helper()
	if err := prototext.Unmarshal([]byte(text), message); err != nil {
		t.Fatal(err)
	}
	return message
}

// TestStreamCompression looks at the marks that the responses get in this process, whose client has the same compressors.
func TestStreamCompression(t *testing.T) {
	const yes, no, none = `response_parameters {size: 1000 compressed {value: true}}`,
		`response_parameters {size: 1000 compressed {}}`, `response_parameters {size: 1000}`
	accept := experimental.AcceptCompressors
	tests := []struct {
		name    string
		request string
		options []grpc.CallOption
		want    []bool
	}{
		{"yes and no", yes + no, nil, []bool{true, false}},
		{"no and yes", no + yes, nil, []bool{false, true}},
		{"nothing said", none, nil, []bool{false}},
		{"yes and nothing said", yes + none, nil, []bool{true, false}},
		{"gzip request, nothing said", none, []grpc.CallOption{grpc.UseCompressor(gzip.Name)}, []bool{true}},
		{"gzip request, no", no + none, []grpc.CallOption{grpc.UseCompressor(gzip.Name)}, []bool{false, false}},
		{"gzip request, both", yes + no, []grpc.CallOption{grpc.UseCompressor(gzip.Name)}, []bool{true, true}}, // as far as it goes
		{"gzip not accepted", yes, []grpc.CallOption{accept("other")}, []bool{false}},
		{"gzip request, gzip not accepted", yes, []grpc.CallOption{accept("other"), grpc.UseCompressor(gzip.Name)}, []bool{false}},
	}
	stub := connect(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request := parse(t, &testpb.StreamingOutputCallRequest{}, test.request)
			stream, err := stub.StreamingOutputCall(t.Context(), request, test.options...)
			if err != nil {
				t.Fatal(err)
			}
			var got []bool
			for {
				response, err := stream.Recv()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, wasCompressed(response))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("compressed: got %v, want %v", got, test.want)
			}
		})
	}
}

// TestLargestMessage sends the largest message there may be, compressed, which the server marks.
func TestLargestMessage(t *testing.T) {
	request := &testpb.SimpleRequest{Payload: &testpb.Payload{Body: make([]byte, peer.MaxMessage)}}
	request.Payload.Body = request.Payload.Body[proto.Size(request)-peer.MaxMessage:]
	if got := proto.Size(request); got != peer.MaxMessage {
		t.Fatalf("the request has %d bytes", got)
	}
	if _, err := connect(t).UnaryCall(t.Context(), request, grpc.UseCompressor(gzip.Name)); err != nil {
		t.Error(err)
	}
}

func TestHalfDuplexCompression(t *testing.T) {
	stream, err := connect(t).HalfDuplexCall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`response_parameters {size: 9}`, `response_parameters {size: 9 compressed {value: true}}`} {
		if err := stream.Send(parse(t, &testpb.StreamingOutputCallRequest{}, text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true} {
		response, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if got := wasCompressed(response); got != want {
			t.Errorf("response %d: compressed %t, want %t", i, got, want)
		}
	}
}

func TestUsername(t *testing.T) {
	tests := []struct {
		request     string
		credentials []string
		want        string
	}{
		{`fill_username: true`, []string{"Bearer ann"}, "ann"},
		{`fill_username: true`, []string{"Basic Ym9iOg=="}, ""},
		{`fill_username: true`, nil, ""},
		{``, []string{"Bearer ann"}, ""},
	}
	stub := connect(t)
	for _, test := range tests {
		ctx := t.Context()
		for _, credentials := range test.credentials {
			ctx = metadata.AppendToOutgoingContext(ctx, "authorization", credentials)
		}
		response, err := stub.UnaryCall(ctx, parse(t, &testpb.SimpleRequest{}, test.request))
		if err != nil {
			t.Fatal(err)
		}
		if response.Username != test.want {
			t.Errorf("%q with %q: got %q, want %q", test.request, test.credentials, response.Username, test.want)
		}
	}
}

func TestStatus(t *testing.T) {
	tests := []struct {
		request string
		want    codes.Code
	}{
		{`response_parameters {size: 1}`, codes.OK},
		{`response_status {code: 0 message: "not sent"}`, codes.OK},
		{`response_status {code: 16}`, codes.Unauthenticated},
		{`response_status {code: 17}`, codes.Unknown},
		{`response_status {code: -1}`, codes.Unknown},
		{`response_type: 1`, codes.InvalidArgument}, // there is no response parameter, and it is looked at all the same
		{`response_parameters {size: 1} response_parameters {size: -1}`, codes.InvalidArgument},
		{`response_parameters {size: 1} response_parameters {interval_us: -1}`, codes.InvalidArgument},
	}
	stub := connect(t)
	for _, test := range tests {
		t.Run(test.request, func(t *testing.T) {
			stream, err := stub.StreamingOutputCall(t.Context(), parse(t, &testpb.StreamingOutputCallRequest{}, test.request))
			if err != nil {
				t.Fatal(err)
			}
			var responses int
			for {
				if _, err = stream.Recv(); err != nil {
					break
				}
				responses++
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			if got := status.Code(err); got != test.want || got != codes.OK && responses > 0 {
				t.Errorf("got %s after %d responses, want %s", got, responses, test.want)
			}
		})
	}
}

// TestStopWithHalfOpenConnection has a client that connects and says nothing.
func TestStopWithHalfOpenConnection(t *testing.T) {
	address, server := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err != nil { // the server's SETTINGS: it has accepted the connection
		t.Fatal(err)
	}

	began := time.Now()
	stopWithin(50*time.Millisecond, server)
	if took := time.Since(began); took > time.Second {
		t.Errorf("stopping took %s", took)
	}
}
