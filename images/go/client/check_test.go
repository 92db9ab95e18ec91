package main

import (
	"testing"

	"google.golang.org/protobuf/encoding/prototext"

	"interop/scriptpb"
)

func TestCheckCall(t *testing.T) {
	tests := []struct {
		name string
		call string
		ok   bool
	}{
		{"unary", `method: UNARY_CALL steps {send {simple {}}} steps {receive {count: 1}}`, true},
		{"cancel before send", `method: UNARY_CALL steps {cancel {}} steps {send {simple {}}}`, true},
		{"stream without send", `method: FULL_DUPLEX_CALL`, true},
		{"receive before half_close", `method: STREAMING_INPUT_CALL steps {receive {}}`, true},
		{"no method", `steps {send {simple {}}}`, false},
		{"unary without send", `method: UNARY_CALL`, false},
		{"second send", `method: UNARY_CALL steps {send {simple {}}} steps {send {simple {}}}`, false},
		{"receive before send", `method: STREAMING_OUTPUT_CALL steps {receive {}} steps {send {streaming_output {}}}`, false},
		{"send after half_close", `method: FULL_DUPLEX_CALL steps {half_close {}} steps {send {streaming_output {}}}`, false},
		{"send after half_close on unary", `method: UNARY_CALL steps {half_close {}} steps {send {simple {}}}`, false},
		{"half_close after send on unary", `method: UNARY_CALL steps {send {simple {}}} steps {half_close {}}`, true},
		{"request of another method", `method: UNARY_CALL steps {send {empty {}}}`, false},
		{"send without request", `method: UNARY_CALL steps {send {}}`, false},
		{"body in an empty request", `method: EMPTY_CALL steps {send {empty {} body_size: 1}}`, false},
		{"step without action", `method: FULL_DUPLEX_CALL steps {}`, false},
		{"compression of one message", `method: UNARY_CALL steps {send {simple {} compress: NO}}`, false},
		{"unknown compress", `method: UNARY_CALL steps {send {simple {} compress: 3}}`, false},
		{"unknown method", `method: 99 steps {send {empty {}}}`, false},
		{"compressor", `method: FULL_DUPLEX_CALL compressor: GZIP`, true},
		{"unknown compressor", `method: FULL_DUPLEX_CALL compressor: 2`, false},
		{"bearer token", `method: FULL_DUPLEX_CALL bearer_token: "a b~"`, true},
		{"bearer token with a line break", `method: FULL_DUPLEX_CALL bearer_token: "a\n"`, false},
		{"metadata", `method: FULL_DUPLEX_CALL metadata {key: "a-b_c.1" value: " ~"} metadata {key: "a-bin" value: "\000\377"}`, true},
		{"metadata without key", `method: FULL_DUPLEX_CALL metadata {value: "a"}`, false},
		{"metadata key in capitals", `method: FULL_DUPLEX_CALL metadata {key: "A"}`, false},
		{"metadata key with a line break", `method: FULL_DUPLEX_CALL metadata {key: "a\n"}`, false},
		{"metadata key of a pseudo-header", `method: FULL_DUPLEX_CALL metadata {key: ":path" value: "/"}`, false},
		{"metadata key that is reserved", `method: FULL_DUPLEX_CALL metadata {key: "grpc-timeout" value: "1S"}`, false},
		{"metadata value not printable", `method: FULL_DUPLEX_CALL metadata {key: "a" value: "\303\244"}`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			call := &scriptpb.Call{}
			if err := prototext.Unmarshal([]byte(test.call), call); err != nil {
				t.Fatal(err)
			}
			if err := checkCall(call); (err == nil) != test.ok {
				t.Errorf("got error %v, want ok %t", err, test.ok)
			}
		})
	}
}

func TestCheckChannel(t *testing.T) {
	tests := []struct {
		name    string
		channel string
		ok      bool
	}{
		{"plaintext", ``, true},
		{"lazy", `connect: LAZY`, true},
		{"unknown connect", `connect: 2`, false},
		{"tls without certificate", `tls {ca_pem: "none"}`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			channel := &scriptpb.Channel{}
			if err := prototext.Unmarshal([]byte(test.channel), channel); err != nil {
				t.Fatal(err)
			}
			if err := checkChannel(channel); (err == nil) != test.ok {
				t.Errorf("got error %v, want ok %t", err, test.ok)
			}
		})
	}
}
