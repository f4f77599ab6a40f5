package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"

	"vpn-attach/function/internal/local"
)

const serveHelp = `Usage: go run ./function/cmd/local serve [flags]

Keeps a local cloud running, with the function behind it, for any client: Message Service
under /queues and /topics, CBN and VPC as signed RPC on /, Function Compute's invoke API
under /2023-03-30/functions/ (from this machine without a signature, too), and a status page
on / for browsers. A connection that is made
by CreateVpnAttachment, or tagged, becomes an event by itself. Terraform's resources of VPN
connections, their attachments and bindings find the operations that they need, and so does
scripts/vpn-attach, with --local or through the aliyun CLI, to deploy, set, roll back and remove:
ROS, OSS and others are there; function/README.md lists them all. Prints the environment and
the commands with which to use it. Ctrl-C ends it, with exit status 0.
`

// serveFlags are the arguments of serve.
type serveFlags struct {
	listen, cloud, function, save, quotas string
	speed                                 float64
	signed                                bool
	deployed                              deployedFlags
}

func parseServe(arguments []string) (serveFlags, error) {
	var f serveFlags
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8600", "`address` to listen at; with\n"+
		"another than loopback, other machines reach it (0.0.0.0:8600 is all of them)")
	flags.StringVar(&f.cloud, "cloud", "", "`file` that describes the cloud (default: events/clouds/default.yaml)")
	flags.StringVar(&f.save, "save", "", "write the state down in this `file` at the end, as a cloud file with\n"+
		"the messages of the queues")
	flags.StringVar(&f.function, "function", "", "`binary` of the function (default: built from the source)")
	flags.StringVar(&f.quotas, "quotas", "", "calls a minute by API `action`, such as "+
		"CreateTransitRouterVpnAttachment=60,DescribeVpnConnection=600; what is more is throttled")
	flags.Float64Var(&f.speed, "speed", 1, "how much faster than the real cloud time passes, 1 to 100")
	flags.BoolVar(&f.signed, "signed", false, "refuse invocations without a signature, even from this machine")
	f.deployed.define(flags)
	describe(flags, serveHelp)
	rest, err := parse(flags, arguments)
	switch {
	case err != nil:
		return f, err
	case len(rest) > 0:
		return f, &usageError{"serve takes flags only (--help tells more)"}
	case !(f.speed >= 1 && f.speed <= 100):
		return f, &usageError{"--speed must be from 1 to 100"}
	}
	return f, nil
}

func serve(ctx context.Context, arguments []string) error {
	f, err := parseServe(arguments)
	if err != nil {
		return err
	}
	quotas, err := local.ReadQuotas(f.quotas)
	if err != nil {
		return &usageError{err.Error()}
	}
	read := func() (local.Spec, error) { return servedSpec(f.cloud) }
	spec, err := read()
	if err != nil {
		return err
	}
	deployed, err := f.deployed.read()
	if err != nil {
		return err
	}
	binary, cleanUp, err := functionBinary(ctx, f.function)
	if err != nil {
		return err
	}
	defer cleanUp()
	terminal := newTerminal()
	served, err := local.StartServed(spec, read, local.Options{
		Deployed: deployed, Listen: f.listen, Speed: f.speed, Binary: binary, Watch: terminal.Watch(),
		Draw: quotas.Draw(f.speed), Signed: f.signed,
	})
	if err != nil {
		return whereToListen(err)
	}
	defer served.Close()
	fmt.Fprint(os.Stderr, warning(served.Cloud()))
	fmt.Print(announcement(served.Cloud()))
	err = served.Serve(ctx, terminal.Outcome)
	if f.save != "" {
		err = errors.Join(err, served.Cloud().Save(f.save))
	}
	return err
}

// whereToListen names the flag that helps where the address is the problem.
func whereToListen(err error) error {
	var network *net.OpError
	if errors.As(err, &network) && network.Op == "listen" {
		return fmt.Errorf("%w; choose another address with --listen: 127.0.0.1:0 is any free port", err)
	}
	return err
}

func servedSpec(path string) (local.Spec, error) {
	if path != "" {
		return local.ReadSpecFile(path)
	}
	return defaultSpec()
}
