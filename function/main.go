// Command main is the function: it attaches IPsec-VPN connections to the transit
// routers that their tags name. Function Compute starts it (runtime go1, handler
// main); configuration comes from the environment.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/aliyun/fc-runtime-go-sdk/fc"

	"vpn-attach/function/internal/app"
)

// An instance has 128 MB. Garbage may grow to what the limit leaves of it: an event makes half
// a megabyte, and collecting it costs more than the work that makes it.
const (
	memoryLimit = 80 << 20
	garbage     = 400 // percent of what is in use
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("vpn-attach", app.Version())
		return
	}
	debug.SetMemoryLimit(memoryLimit)
	debug.SetGCPercent(garbage)
	function, err := start()
	if err != nil {
		fmt.Fprintf(os.Stderr, "vpn-attach cannot start; correct the function's environment variables:\n%v\n", err)
		os.Exit(1)
	}
	fc.Start(function.Handle)
}

func start() (*app.App, error) {
	config, err := app.ReadConfig(os.Getenv)
	if err != nil {
		return nil, err
	}
	return app.New(config, os.Stdout, app.Transports{})
}
