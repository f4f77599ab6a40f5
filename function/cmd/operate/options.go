package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"vpn-attach/function/internal/operate"
)

// localAddress is where make serve listens.
const localAddress = "127.0.0.1:8600"

// options are the flags of all verbs; each verb defines those that it has.
type options struct {
	region, stack, at string
	local, json       bool
	dryRun, yes, ack  bool
	force, newKey     bool
	tail              bool
	bucket            string
	connection, code  string
	event, kind       string
	id                string
	older, since      time.Duration
	most              int
	parameters        parameters
	regionID, router  string
	handed            []string // flags that the program of a verb takes
}

// parameters are the values of a flag that may be there more than once.
type parameters []operate.Pair

func (p *parameters) String() string { return "" }

func (p *parameters) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	if !found || name == "" {
		return errors.New("it must be NAME=VALUE")
	}
	*p = append(*p, operate.Pair{Name: name, Value: value})
	return nil
}

// define makes the flags of a verb.
func (o *options) define(flags *flag.FlagSet, getenv func(string) string, v verb) {
	flags.StringVar(&o.region, "region", getenv("ALIBABA_CLOUD_REGION_ID"), "`region` of the stack")
	flags.StringVar(&o.stack, "stack", "vpn-attach", "`name` of the stack and the function")
	flags.BoolVar(&o.local, "local", false, "use the local cloud of make serve")
	flags.StringVar(&o.at, "at", localAddress, "`host:port` of the local cloud")
	flags.BoolVar(&o.json, "json", false, "print one JSON document")
	for _, group := range strings.Fields(v.flags) {
		o.more(flags, group)
	}
}

// more makes the flags of a group.
func (o *options) more(flags *flag.FlagSet, group string) {
	switch group {
	case "dry":
		flags.BoolVar(&o.dryRun, "dry-run", false, "say what would be done, and change nothing")
	case "choice":
		flags.StringVar(&o.connection, "connection", "", "only what is about this `vco-…`")
		flags.StringVar(&o.code, "code", "", "only what has this error `code`")
		flags.DurationVar(&o.older, "older", 0, "only what is older than this `time`, such as 30m")
		flags.StringVar(&o.id, "id", "", "only this `message`")
		flags.IntVar(&o.most, "max", 0, "at most so many `messages`")
	case "ack":
		flags.BoolVar(&o.ack, "ack", false, "delete from the inbox what is listed: somebody has seen to it")
	case "yes":
		flags.BoolVar(&o.yes, "yes", false, "do it; without, only what would be done is said")
	case "deploy":
		flags.StringVar(&o.bucket, "bucket", "", "`bucket` for the code (default STACK-code-ACCOUNT-REGION)")
		flags.Var(&o.parameters, "set", "`NAME=VALUE` of a setting, more than once; what is not named stays as it is")
		flags.BoolVar(&o.newKey, "new-key", false, "change the key that signs what the function queues for itself")
		flags.Func("notify", "who is told of alarms: a `mail` address", func(mail string) error {
			o.parameters = append(o.parameters, operate.Pair{Name: "NotifyMail", Value: mail})
			return nil
		})
	case "logs":
		flags.StringVar(&o.connection, "connection", "", "only lines about this `vco-…`")
		flags.StringVar(&o.event, "event", "", "only lines about the event with this `id`")
		flags.StringVar(&o.kind, "message", "",
			"only lines of this `kind`: event, health, sweep, wanted, places, invocation, report, ignored")
		flags.DurationVar(&o.since, "since", 24*time.Hour, "how far back, as a `time` such as 2h")
		flags.BoolVar(&o.tail, "tail", false, "go on with lines as they come, until Ctrl-C")
	case "request":
		flags.StringVar(&o.regionID, "region-id", "", "`region` of the connection (default: the function's)")
	case "router":
		flags.StringVar(&o.router, "router", "", "attach to this transit `router` (tr-…), whatever the tags say")
	case "plan":
		o.definePlan(flags)
	case "force":
		flags.BoolVar(&o.force, "force", false, "detach although the connection is not tagged none")
	}
}

// choice is which messages are meant.
func (o options) choice() operate.Choice {
	c := operate.Choice{Connection: o.connection, Code: o.code, Older: o.older, Most: o.most}
	if o.id != "" {
		c.IDs = []string{o.id}
	}
	return c
}

// lines is which lines of the log are meant.
func (o options) lines() operate.LogChoice {
	return operate.LogChoice{Connection: o.connection, Event: o.event, Kind: o.kind, Since: o.since}
}

// parse reads flags before, between and after arguments.
func parse(flags *flag.FlagSet, arguments []string) (rest []string, err error) {
	for {
		if err := flags.Parse(arguments); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest, arguments = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}

func splitLines(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }

// operator checks what every verb needs, and gives who does it.
func (p program) operator(o options) (operate.Operator, error) {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,18}[a-z0-9]$`).MatchString(o.stack) {
		return operate.Operator{}, &operate.UsageError{
			Text: "--stack takes 2 to 20 lower-case letters, digits and hyphens"}
	}
	operator := operate.Operator{
		Region: o.region, Stack: o.stack, Folder: p.folder, Prefix: "scripts/vpn-attach",
		Settle: operate.Patience{Looks: 360, Pause: 5 * time.Second},
		Make:   operate.MakePackage(p.folder),
		Say:    func(text string) { fmt.Fprintln(p.errors, "… "+text) },
	}
	if o.stack != "vpn-attach" {
		operator.After = append(operator.After, "--stack", o.stack)
	}
	if o.local {
		operator.Console, operator.Keys = operate.Local{Address: o.at}, operate.LocalKeys
		operator.After = append(operator.After, "--local")
		if o.at != localAddress {
			operator.After = append(operator.After, "--at", o.at)
		}
		return operator, nil
	}
	if !regexp.MustCompile(`^[a-z]+-[a-z0-9-]+$`).MatchString(o.region) {
		return operator, &operate.UsageError{
			Text: "name the region: --region cn-hangzhou, or export ALIBABA_CLOUD_REGION_ID=cn-hangzhou"}
	}
	if p.getenv("ALIBABA_CLOUD_REGION_ID") != o.region {
		operator.After = append(operator.After, "--region", o.region)
	}
	operator.Console = operate.CLI{Path: cmp.Or(p.getenv("ALIYUN_CLI"), "aliyun"), Region: o.region}
	operator.Keys = func() (operate.Keys, error) { return operate.OwnKeys(p.getenv) }
	if o.dryRun { // which may need no call at all
		return operator, nil
	}
	if _, err := exec.LookPath(cmp.Or(p.getenv("ALIYUN_CLI"), "aliyun")); err != nil {
		return operator, &operate.MissingError{What: "there is no aliyun CLI",
			Fix: "install it (https://github.com/aliyun/aliyun-cli) and run aliyun configure; or use --local"}
	}
	return operator, nil
}
