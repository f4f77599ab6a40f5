package operate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// root is the path of Function Compute's API.
const root = "/2023-03-30/functions/"

// function is what Function Compute says of the function.
type function struct {
	FunctionName         string            `json:"functionName"`
	FunctionARN          string            `json:"functionArn"`
	EnvironmentVariables map[string]string `json:"environmentVariables"`
	CodeChecksum         string            `json:"codeChecksum"`
	State                string            `json:"state"`
}

// Version is one that was published; the newest is first in a list.
type Version struct {
	ID      string `json:"versionId"`
	Source  string `json:"description"` // the sha256 of the code
	Created string `json:"createdTime"`
	Live    bool   `json:"live"`
}

// Trigger invokes the function.
type Trigger struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Started   bool   `json:"started"`
	Qualifier string `json:"qualifier"`
	Status    string `json:"status,omitempty"`
	Sync      bool   `json:"synchronous"`

	config map[string]any
}

// alias is the name that the triggers invoke.
const alias = "live"

// noFunction is the code of Function Compute for a function that does not exist.
const noFunction = "FunctionNotFound"

// fc makes a call about the function, below its path.
func (o Operator) fc(method, below, body string, flags ...string) Call {
	path := root + o.Stack
	if below != "" {
		path += "/" + below
	}
	return Call{Service: "fc", Action: method, Path: path, Flags: flags, Body: body}
}

// function reads the function as its alias runs it.
func (o Operator) function(ctx context.Context) (function, error) {
	f, err := ask[function](ctx, o, o.fc("GET", "", "", "--qualifier", alias))
	if refused(err, "AliasNotFound", "VersionNotFound") {
		f, err = ask[function](ctx, o, o.fc("GET", "", ""))
	}
	if refused(err, noFunction) {
		return f, &MissingError{What: fmt.Sprintf("region %s has no function %s", o.Region, o.Stack), Code: noFunction,
			Fix: o.command("deploy") + ", or name another by --region and --stack"}
	}
	return f, err
}

// live is the version that the alias points at.
func (o Operator) live(ctx context.Context) (string, error) {
	answer, err := ask[struct {
		VersionID string `json:"versionId"`
	}](ctx, o, o.fc("GET", "aliases/"+alias, ""))
	return answer.VersionID, err
}

// versions are those that were published, the newest first.
func (o Operator) versions(ctx context.Context) ([]Version, error) {
	live, err := o.live(ctx)
	if err != nil {
		return nil, err
	}
	var all []Version
	for next := ""; ; {
		flags := []string{"--limit", "100"}
		if next != "" {
			flags = append(flags, "--nextToken", next)
		}
		page, err := ask[struct {
			Versions  []Version `json:"versions"`
			NextToken string    `json:"nextToken"`
		}](ctx, o, o.fc("GET", "versions", "", flags...))
		if err != nil {
			return nil, err
		}
		all = append(all, page.Versions...)
		if next = page.NextToken; next == "" {
			break
		}
	}
	for i := range all {
		all[i].Live = all[i].ID == live
	}
	slices.SortFunc(all, func(a, b Version) int { return cmp.Compare(number(b.ID), number(a.ID)) })
	return all, nil
}

// number is a version's; the text LATEST is before all.
func number(id string) int {
	n, _ := strconv.Atoi(id) // 0 is no number
	return n
}

// triggers are those of the function.
func (o Operator) triggers(ctx context.Context) (all []Trigger, err error) {
	answer, err := ask[struct {
		Triggers []struct {
			Name      string `json:"triggerName"`
			Type      string `json:"triggerType"`
			Config    string `json:"triggerConfig"`
			Qualifier string `json:"qualifier"`
			Status    string `json:"status"`
		} `json:"triggers"`
	}](ctx, o, o.fc("GET", "triggers", ""))
	if err != nil {
		return nil, err
	}
	for _, t := range answer.Triggers {
		one := Trigger{Name: t.Name, Type: t.Type, Qualifier: t.Qualifier, Status: t.Status}
		if err := json.Unmarshal([]byte(t.Config), &one.config); err != nil {
			return nil, fmt.Errorf("reading the configuration of trigger %s: %w", plain(t.Name), err)
		}
		one.Started, _ = one.config[one.switches()].(bool)
		async, _ := one.config["asyncInvocationType"].(bool)
		one.Sync = !async
		all = append(all, one)
	}
	return all, nil
}

// switches is the field of the configuration that starts a trigger of this type.
func (t Trigger) switches() string {
	if t.Type == "timer" {
		return "enable"
	}
	return "triggerEnable"
}

// account is the account and region of the function's ARN, acs:fc:REGION:ACCOUNT:functions/NAME.
func (f function) account() string {
	parts := strings.Split(f.FunctionARN, ":")
	if len(parts) < 4 {
		return ""
	}
	return parts[3]
}
