package main

import (
	"bytes"
	"io"
	"testing"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/protobuf/proto"

	"interop/peer/peertest"
	"interop/testpb"
)

func TestFeaturesAreDeclared(t *testing.T) {
	peertest.Declares(t, "../peer.yaml", features)
}

func TestCompressedMessageIsMarked(t *testing.T) {
	sent := &testpb.SimpleRequest{ResponseSize: 7}
	plain, err := proto.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}

	received := &testpb.SimpleRequest{}
	if err := proto.Unmarshal(plain, received); err != nil {
		t.Fatal(err)
	}
	if wasCompressed(received) {
		t.Error("a plain message is taken for a compressed one")
	}
	if err := proto.Unmarshal(throughGzip(t, plain), received); err != nil {
		t.Fatal(err)
	}
	if !wasCompressed(received) || received.ResponseSize != sent.ResponseSize {
		t.Errorf("compressed %v arrived as %v", sent, received)
	}
}

// throughGzip compresses and decompresses data as grpc-go would.
func throughGzip(t *testing.T, data []byte) []byte {
	t.Helper()
	compressor := encoding.GetCompressor(gzip.Name)
	var packed bytes.Buffer
	w, err := compressor.Compress(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := compressor.Decompress(&packed)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return unpacked
}
