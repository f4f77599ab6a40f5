// Command redrive moves dead letters back to the event queue.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/app"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/redrive"
)

const usage = `Usage: scripts/redrive [flags]

Moves dead letters back to the event queue, the oldest first: what the function gave up, what
the queue's trigger could not deliver, what the EventBridge rule could not. What the function
wrote goes back byte for byte, since it is signed. All else gets a new event id, <event id>#<n>,
so that subscribers do not take its second ending for a duplicate. A letter that cannot be moved
stays where it is, is named and counted, and the others are moved. Fix the cause first.

Environment: MNS_ENDPOINT, ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET,
ALIBABA_CLOUD_SECURITY_TOKEN (for a role), MNS_DEAD_LETTER_QUEUE and MNS_QUEUE.

Exit status: 0 all moved, 1 something was left or failed, 2 wrong usage.

--version tells the version.

Flags:
`

// settings are what a run needs.
type settings struct {
	endpoint           *url.URL
	key, secret, token string
	from, to           string
	max                int
	dryRun             bool
	getenv             func(string) string
	missing            []string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("redrive", app.Version())
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Getenv)
	stop()
	os.Exit(status)
}

// maxError is how much is printed of an error, in characters: it may repeat what a service says.
const maxError = 1000

func run(ctx context.Context, arguments []string, getenv func(string) string) int {
	s, err := read(arguments, getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, "redrive:", event.Printable(err.Error(), maxError))
		return 2
	}
	count, err := s.move(ctx)
	done := "moved"
	if s.dryRun {
		done = "would be moved"
	}
	fmt.Printf("%d %s, %d left\n", count.Moved, done, count.Left)
	if err != nil {
		fmt.Fprintln(os.Stderr, "redrive:", event.Printable(err.Error(), maxError))
	}
	if err != nil || count.Left > 0 {
		return 1
	}
	return 0
}

// read reads flags and environment, and names everything that is missing at once.
func read(arguments []string, getenv func(string) string) (settings, error) {
	s := settings{getenv: getenv}
	flags := flag.NewFlagSet("redrive", flag.ContinueOnError)
	flags.StringVar(&s.from, "from", getenv("MNS_DEAD_LETTER_QUEUE"), "dead-letter `queue`")
	flags.StringVar(&s.to, "to", getenv("MNS_QUEUE"), "event `queue`")
	flags.IntVar(&s.max, "max", 0, "move at most so many `letters` (default: all that are there)")
	flags.BoolVar(&s.dryRun, "dry-run", false, "show what would be moved, of the first 16, and change nothing")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("reading the arguments: there are only flags (--help tells more)")
	}
	err := s.complete()
	return s, err
}

// complete reads what no flag says, and checks everything.
func (s *settings) complete() error {
	address := s.required("MNS_ENDPOINT")
	s.key, s.secret = s.required("ALIBABA_CLOUD_ACCESS_KEY_ID"), s.required("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
	s.token = s.getenv("ALIBABA_CLOUD_SECURITY_TOKEN")
	if s.from == "" {
		s.missing = append(s.missing, "--from or MNS_DEAD_LETTER_QUEUE")
	}
	if s.to == "" {
		s.missing = append(s.missing, "--to or MNS_QUEUE")
	}
	switch {
	case len(s.missing) > 0:
		return fmt.Errorf("reading the settings: not set: %s", strings.Join(s.missing, ", "))
	case s.from == s.to:
		return fmt.Errorf("reading the settings: the letters are in queue %s already", s.to)
	case s.max < 0:
		return fmt.Errorf("reading the settings: --max must be 0 or more")
	}
	endpoint, err := app.ParseMNSEndpoint(address)
	if err != nil {
		return fmt.Errorf("reading MNS_ENDPOINT: %w", err)
	}
	s.endpoint = endpoint
	return nil
}

func (s *settings) required(name string) string {
	value := strings.TrimSpace(s.getenv(name))
	if value == "" {
		s.missing = append(s.missing, name)
	}
	return value
}

// callTimeout is of one call.
const callTimeout = 10 * time.Second

func (s settings) move(ctx context.Context) (redrive.Count, error) {
	client, err := mns.New(s.endpoint, aliyun.NewCredentials(s.key, s.secret, s.token), callTimeout, nil)
	if err != nil {
		return redrive.Count{}, err
	}
	from := redrive.Queue{Queue: mns.Queue{Client: client, Name: s.from}}
	return redrive.Move(ctx, from, mns.Queue{Client: client, Name: s.to},
		redrive.Options{Max: s.max, DryRun: s.dryRun, Out: os.Stdout})
}
