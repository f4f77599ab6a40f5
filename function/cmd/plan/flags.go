package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/plan"
)

const usage = `Usage: scripts/plan --region R [flags]
       scripts/plan --from FILE [flags]

Says what the function would do to your estate before it does anything. It reads the account, with read calls only, runs
the real function on a copy of it on this machine, and shows what would become of every VPN connection. Nothing is
changed.

Exit status: 0 nothing to do, 2 something would change, 1 an error, or not everything could be read.

Credentials: ALIBABA_CLOUD_ACCESS_KEY_ID, _SECRET and, for a role, ALIBABA_CLOUD_SECURITY_TOKEN; else the profile of the
aliyun CLI (ALIBABA_CLOUD_PROFILE chooses one). VPC_ENDPOINT, CBN_ENDPOINT, STS_ENDPOINT and FC_ENDPOINT name other
addresses of the services, such as a local cloud.

--version tells the version.

Flags:
`

// console is where a plan is written to, and what it is told by the environment.
type console struct {
	out, err io.Writer
	getenv   func(string) string
	progress *progress
	cache    string // a folder for what can be read again; "" is none
}

// list is a flag that may be given several times.
type list struct {
	values []string
	split  bool // at commas
}

func (l *list) String() string { return strings.Join(l.values, ",") }

// Set implements flag.Value.
func (l *list) Set(text string) error {
	if l.split {
		l.values = append(l.values, strings.Split(text, ",")...)
		return nil
	}
	l.values = append(l.values, text)
	return nil
}

// flags are the arguments.
type flags struct {
	regions, accounts, from list
	save, deployed          string
	share                   float64
	set                     list
	only, connections       list
	json, csv, policy       bool
	template                string
	parameters              list
	inventory, anonymise    bool
	against                 bool
	html, terraform, diff   string
	function                string
	places                  int

	settings   map[string]string
	stack      local.Deployed
	actions    []plan.Action
	anonymiser *plan.Anonymiser // of all regions: they name the same accounts and transit routers
}

func (f *flags) declare(set *flag.FlagSet) {
	f.regions.split, f.accounts.split, f.only.split, f.connections.split = true, true, true, true
	set.Var(&f.regions, "region", "read this `region` of the account, such as cn-hangzhou")
	set.Var(&f.accounts, "account", "read connections of this other `account`, too, by the role that OWNER_ROLE names")
	set.StringVar(&f.deployed, "deployed", "", "take the configuration of a deployed function: `name` or NAME:ALIAS")
	set.StringVar(&f.template, "template", "", "take the configuration of this template `file`, such as template.yml")
	set.Var(&f.parameters, "parameter", "`NAME=VALUE` of a parameter of --template")
	set.StringVar(&f.save, "save", "", "write what is read to this `file`, a cloud file for --from and for make serve")
	set.Float64Var(&f.share, "share", 0.5, "the `part` of every API quota that reading may use")
	set.BoolVar(&f.policy, "policy", false, "print the RAM policy that reading needs, and do nothing else")
	set.Var(&f.from, "from", "plan for the estate of a cloud `file`; several times for several regions")
	set.Var(&f.set, "set", "`KEY=VALUE` of the function's configuration, in the place of what it is otherwise")
	set.Var(&f.only, "only", "show and count `actions` alone: attach, bind, retry, refuse, conflict, skip, unchanged")
	set.Var(&f.connections, "connection", "show these connections alone, by their `ids`")
	set.BoolVar(&f.anonymise, "anonymise", false, "replace names, ids, accounts and addresses in what --save writes")
	set.BoolVar(&f.inventory, "inventory", false, "list what is attached, by whom and since when, in place of a plan")
	set.StringVar(&f.terraform, "terraform", "", "write what stands to this `file`, as import blocks and resources")
	set.StringVar(&f.html, "html", "", "write the plan to this `file`, as a page for browsers")
	set.StringVar(&f.diff, "diff", "", "compare with the plan in this `file`, which --json wrote")
	set.BoolVar(&f.against, "against", false, "compare the plan with the one under --set and --function")
	set.BoolVar(&f.json, "json", false, "print one document for programs")
	set.BoolVar(&f.csv, "csv", false, "print a line for each connection, with commas")
	set.StringVar(&f.function, "function", "", "`binary` of another version of the function")
	set.IntVar(&f.places, "places", plan.DefaultPlaces, "VPN attachments that a transit router takes, by your `quota`")
}

func readFlags(arguments []string, c console) (f flags, err error) {
	set := flag.NewFlagSet("plan", flag.ContinueOnError)
	set.SetOutput(c.err)
	set.Usage = func() {
		fmt.Fprint(set.Output(), usage)
		set.PrintDefaults()
	}
	f.declare(set)
	switch err := set.Parse(arguments); {
	case err != nil:
		return f, err
	case set.NArg() > 0:
		return f, errors.New("reading the arguments: there are only flags (--help tells more)")
	}
	return f, f.check()
}

// check reads what the flags say, before any call is made.
func (f *flags) check() (err error) {
	f.anonymiser = plan.NewAnonymiser()
	f.regions.values = unique(f.regions.values) // each is planned once
	for _, word := range f.only.values {
		if !slices.Contains(plan.Actions(), plan.Action(word)) {
			return fmt.Errorf("reading --only: there is no action %q", word)
		}
		f.actions = append(f.actions, plan.Action(word))
	}
	switch {
	case f.policy:
		return nil
	case len(f.from.values) == 0 == (len(f.regions.values) == 0):
		return errors.New("reading the arguments: name the estate: --region R, or --from FILE (--help tells more)")
	case len(f.regions.values) == 0 && (f.save != "" || f.deployed != "" || len(f.accounts.values) > 0):
		return errors.New("reading the arguments: --save, --deployed and --account belong to --region")
	case slices.ContainsFunc(f.regions.values, isNoRegion):
		return errors.New("reading the arguments: --region takes ids of regions, such as cn-hangzhou")
	case slices.ContainsFunc(f.accounts.values, func(a string) bool { return !event.IsAccountID(a) }):
		return errors.New("reading the arguments: --account takes ids of accounts, 10 to 20 digits")
	case !(f.share > 0 && f.share <= 1):
		return errors.New("reading the arguments: --share is above 0 and at most 1")
	case f.template == "" && len(f.parameters.values) > 0:
		return errors.New("reading the arguments: --parameter belongs to --template")
	case f.template != "" && f.deployed != "":
		return errors.New("reading the arguments: --template or --deployed, not both")
	case f.anonymise && f.save == "":
		return errors.New("reading the arguments: --anonymise belongs to --save")
	case f.against && f.diff != "":
		return errors.New("reading the arguments: --against or --diff, not both")
	case f.against && len(f.set.values) == 0 && f.function == "":
		return errors.New("reading the arguments: --against what? Add --set KEY=VALUE or --function BINARY")
	case (f.html != "" || f.csv) && (f.inventory || f.against || f.diff != ""):
		return errors.New("reading the arguments: --html and --csv show a plan, no inventory and no comparison")
	case f.json && f.csv:
		return errors.New("reading the arguments: --json or --csv, not both")
	}
	if f.settings, err = plan.ReadSettings(f.set.values); err != nil {
		return err
	}
	return f.readTemplate()
}

func unique(all []string) (once []string) {
	for _, one := range all {
		if !slices.Contains(once, one) {
			once = append(once, one)
		}
	}
	return once
}

// isNoRegion reports whether a text cannot be the id of a region. It becomes a part of hosts' names.
func isNoRegion(text string) bool {
	return text == "" || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != ""
}

// readTemplate reads the template that says how the function would be deployed.
func (f *flags) readTemplate() (err error) {
	if f.template == "" {
		return nil
	}
	f.stack.Parameters = map[string]string{}
	for _, pair := range f.parameters.values {
		name, value, found := strings.Cut(pair, "=")
		if !found {
			return errors.New("reading the arguments: --parameter takes NAME=VALUE")
		}
		f.stack.Parameters[name] = value
	}
	if f.stack.Template, err = local.ReadTemplate(f.template); err != nil {
		return err
	}
	return f.stack.Validate()
}
