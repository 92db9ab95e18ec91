package main

import "slices"

// features are those of the client role in the peer contract; "per_message_compression" is missing, see peer.yaml.
var features = []string{
	"unary",
	"client_streaming",
	"server_streaming",
	"bidi",
	"unimplemented_service",
	"half_duplex",
	"metadata",
	"deadline",
	"gzip",
	"call_credentials",
	"cancel",
	"wait",
	"repeat",
	"fresh_channel",
	"concurrent_calls",
	"lazy_connect",
	"tls",
}

// missingFeature returns the first name that this client does not know, or "".
func missingFeature(requires []string) string {
	for _, name := range requires {
		if !slices.Contains(features, name) {
			return name
		}
	}
	return ""
}
