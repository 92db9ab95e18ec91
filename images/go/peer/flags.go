package peer

import (
	"flag"
	"fmt"
	"os"
)

// ParseFlags parses the command line, which has flags and nothing else. It exits like flag.Parse does if there is anything wrong.
func ParseFlags() {
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "not a flag:", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}
}
