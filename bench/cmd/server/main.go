// Command server answers every request on a loopback address, which it prints.
package main

import (
	"fmt"
	"net"
	"os"

	perfbench "github.com/imlc-lang/imlc/bench"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	perfbench.ServeAnswers(l)
}
