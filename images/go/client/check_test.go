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
		{"request of another method", `method: UNARY_CALL steps {send {empty {}}}`, false},
		{"send without request", `method: UNARY_CALL steps {send {}}`, false},
		{"body in an empty request", `method: EMPTY_CALL steps {send {empty {} body_size: 1}}`, false},
		{"step without action", `method: FULL_DUPLEX_CALL steps {}`, false},
		{"compression of one message", `method: UNARY_CALL steps {send {simple {} compress: NO}}`, false},
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
