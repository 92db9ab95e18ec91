// Package peertest helps to test the two roles.
package peertest

import (
	"os"
	"strings"
	"testing"
)

// Declares fails the test if path, the peer.yaml, does not list the features just as the role itself does.
func Declares(t *testing.T, path string, features []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list := "features: [" + strings.Join(features, ", ") + "]"
	if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), list) {
		t.Errorf("%s does not have %s", path, list)
	}
}
