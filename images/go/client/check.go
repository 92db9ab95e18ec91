package main

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"interop/scriptpb"
	"interop/testpb"
)

// checkScript finds what cannot be given to the library at all, before anything is dialled.
func checkScript(script *scriptpb.Script) error {
	if _, err := channelCredentials(script.Channel.GetTls()); err != nil {
		return err
	}
	for g, group := range script.Groups {
		for c, call := range group.Calls {
			if err := checkCall(call); err != nil {
				return fmt.Errorf("group %d, call %d: %w", g, c, err)
			}
		}
	}
	return nil
}

func checkCall(call *scriptpb.Call) error {
	if requestType(call.Method) == nil {
		return fmt.Errorf("unknown method %s", call.Method)
	}
	streams := streamsRequests(call.Method)
	var sent, closed bool
	for i, step := range call.Steps {
		var err error
		switch action := step.Action.(type) {
		case *scriptpb.Step_Send:
			switch {
			case sent && !streams:
				err = fmt.Errorf("second send on %s", call.Method)
			case closed && streams:
				err = errors.New("send after half_close")
			default:
				err = checkSend(call.Method, action.Send)
			}
			sent = true
		case *scriptpb.Step_HalfClose:
			closed = true
		case *scriptpb.Step_Receive:
			if !sent && !streams {
				err = errors.New("receive before send")
			}
		case nil:
			err = errors.New("no known action")
		}
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	if !sent && !streams {
		return fmt.Errorf("no send on %s", call.Method)
	}
	return nil
}

func checkSend(method scriptpb.Method, send *scriptpb.Send) error {
	request := newRequest(send)
	if request == nil {
		return errors.New("send without a request")
	}
	if got, want := proto.MessageName(request), proto.MessageName(requestType(method)); got != want {
		return fmt.Errorf("%s takes %s, not %s", method, want, got)
	}
	if _, empty := request.(*testpb.Empty); empty && send.BodySize != nil {
		return errors.New("a body in an empty request")
	}
	if send.Compress != scriptpb.Send_DEFAULT {
		return errors.New("compression of a single message") // the feature that the script should have required
	}
	return nil
}
