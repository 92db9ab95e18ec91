package main

import (
	"testing"

	"interop/peer/peertest"
)

func TestFeaturesAreDeclared(t *testing.T) {
	peertest.Declares(t, "../peer.yaml", features)
}

func TestMissingFeature(t *testing.T) {
	if got := missingFeature([]string{"unary", "telepathy", "clairvoyance"}); got != "telepathy" {
		t.Errorf("got %q, want the first unknown name", got)
	}
	if got := missingFeature(features); got != "" {
		t.Errorf("own feature %q is missing", got)
	}
}
