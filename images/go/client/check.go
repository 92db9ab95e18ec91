package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"interop/scriptpb"
	"interop/testpb"
)

var (
	metadataKey = regexp.MustCompile(`^[0-9a-z_.-]+$`)
	printable   = regexp.MustCompile(`^[ -~]*$`)
)

// reservedKeys are those that grpc-go leaves out of a call's metadata, silently (isReservedHeader of
// https://github.com/grpc/grpc-go/blob/v1.79.3/internal/transport/http_util.go).
var reservedKeys = []string{
	"content-type",
	"grpc-encoding",
	"grpc-message",
	"grpc-message-type",
	"grpc-status",
	"grpc-timeout",
	"te",
	"user-agent",
}

// checkScript finds what makes no sense, or cannot be given to the library at all, before anything is dialled.
func checkScript(script *scriptpb.Script) error {
	if err := checkChannel(script.Channel); err != nil {
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

func checkChannel(channel *scriptpb.Channel) error {
	if _, known := scriptpb.Channel_Connect_name[int32(channel.GetConnect())]; !known {
		return fmt.Errorf("unknown connect %d", channel.GetConnect())
	}
	_, err := channelCredentials(channel.GetTls())
	return err
}

func checkCall(call *scriptpb.Call) error {
	if requestType(call.Method) == nil {
		return fmt.Errorf("unknown method %s", call.Method)
	}
	if _, known := scriptpb.Compressor_name[int32(call.Compressor)]; !known {
		return fmt.Errorf("unknown compressor %d", call.Compressor)
	}
	if !printable.MatchString(call.BearerToken) {
		return errors.New("bearer_token is not printable ASCII")
	}
	for _, entry := range call.Metadata {
		if err := checkMetadata(entry); err != nil {
			return err
		}
	}
	return checkSteps(call)
}

func checkMetadata(entry *scriptpb.Metadata) error {
	switch {
	case !metadataKey.MatchString(entry.Key):
		return fmt.Errorf("not a metadata key: %q", entry.Key)
	case slices.Contains(reservedKeys, entry.Key):
		return fmt.Errorf("reserved metadata key %s", entry.Key)
	case !strings.HasSuffix(entry.Key, "-bin") && !printable.Match(entry.Value):
		return fmt.Errorf("value of %s is not printable ASCII", entry.Key)
	default:
		return nil
	}
}

func checkSteps(call *scriptpb.Call) error {
	streams := streamsRequests(call.Method)
	var sent, closed bool
	for i, step := range call.Steps {
		var err error
		switch action := step.Action.(type) {
		case *scriptpb.Step_Send:
			switch {
			case closed:
				err = errors.New("send after half_close")
			case sent && !streams:
				err = fmt.Errorf("second send on %s", call.Method)
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
	request := requestOf(send)
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
