// Package peer holds what the client and the server of this peer have in common.
package peer

import (
	"encoding/json"
	"io"

	"google.golang.org/grpc"
)

// MaxMessage is the size of the largest message either role accepts, in bytes. grpc-go's own limit is 4 MiB for received
// messages; what it sends is not limited. Metadata needs no option: the default limit of both roles is 16 MiB.
const MaxMessage = 16 << 20

// Describe writes the line of JSON that --describe asks for.
func Describe(w io.Writer, features []string) error {
	return json.NewEncoder(w).Encode(struct {
		Name     string   `json:"name"`
		Language string   `json:"language"`
		Library  string   `json:"library"`
		Version  string   `json:"version"`
		Features []string `json:"features"`
	}{"go", "Go", "grpc-go", grpc.Version, features})
}
