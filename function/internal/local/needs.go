package local

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/decide"
)

// Attention is something that a person has to see to.
type Attention struct {
	Kind       string    `json:"kind"`       // connection, message, deadLetters or function
	Connection string    `json:"connection"` // its id
	Name       string    `json:"name"`
	Status     string    `json:"status"`
	Code       string    `json:"code"`
	Cause      string    `json:"cause"`
	Remedy     string    `json:"remedy"`
	Command    string    `json:"command"` // a line for a shell at the root of the repository
	Since      time.Time `json:"since,omitzero"`
}

// Kinds of Attention.
const (
	needConnection  = "connection"
	needMessage     = "message"
	needDeadLetters = "deadLetters"
	needFunction    = "function"
)

// needs is the list of what needs a person: connections that failed, are in conflict or are not up, messages of which
// no connection is known, dead letters, and a function that fails.
func (c *Cloud) needs(s State, told map[string][]Told) []Attention {
	all := []Attention{}
	known := map[string]bool{}
	toSeeTo := []string{ConditionFailed, ConditionConflict, ConditionDown, ConditionDegraded}
	for _, v := range s.Connections {
		known[v.ID] = true
		latest := latestOf(v.History)
		if !slices.Contains(toSeeTo, v.Condition) {
			continue
		}
		if v.Condition == ConditionConflict && latest.Status != string(decide.StatusConflict) {
			latest = Told{
				Status: ConditionConflict, Code: "AttachedElsewhere", Time: latest.Time,
				Message: fmt.Sprintf("it is attached to transit router %s, which its tag does not name", v.Router),
				Advice:  "Correct the tag, or detach the VPN connection.",
			}
		}
		need := needOf(latest)
		need.Kind, need.Connection, need.Name = needConnection, v.ID, v.Name
		need.Command = remedyOf(s, v, latest)
		all = append(all, need)
	}
	for subject, page := range told {
		if latest := latestOf(page); !known[subject] && latest.Status == string(decide.StatusFailed) {
			need := needOf(latest)
			need.Kind, need.Name = needMessage, subject
			all = append(all, need)
		}
	}
	slices.SortStableFunc(all, func(a, b Attention) int { return b.Since.Compare(a.Since) })
	if s.DeadLetters > 0 {
		all = append(all, Attention{
			Kind: needDeadLetters, Status: "dead letters", Cause: count(s.DeadLetters, "message") + " was given up",
			Remedy:  "Look into the queue, fix the cause, then move the messages back to the event queue.",
			Command: deskCommand(c.Address, "redrive", `{}`),
		})
	}
	if len(s.Invocations) > 0 && s.Invocations[0].Failure != "" {
		i := s.Invocations[0]
		all = append([]Attention{{
			Kind: needFunction, Status: "failed", Code: "Invocation", Cause: i.Failure, Since: i.Started,
			Remedy: "Read the log of the invocation, at the end of this page.",
		}}, all...)
	}
	return all
}

// needOf is the need of an outcome. Its remedy ends before "then", which says how to have the event tried again: the
// command does that.
func needOf(told Told) Attention {
	remedy := told.Advice
	for _, then := range []string{", then ", "; then "} {
		remedy, _, _ = strings.Cut(remedy, then)
	}
	if remedy != told.Advice {
		remedy += "."
	}
	return Attention{
		Status: told.Status, Code: told.Code, Since: told.Time,
		Cause:  strings.TrimSpace(told.Message + " " + strings.Join(told.Notes, " ")),
		Remedy: remedy,
	}
}

// deskCommand is a request to the page's own interface, as curl makes it.
func deskCommand(address, path, body string) string {
	return fmt.Sprintf("curl -H 'Origin: http://%[1]s' -H 'Content-Type: application/json' -d '%[3]s' "+
		"http://%[1]s/local/%[2]s", address, path, body)
}

// command is a program with its arguments.
type command []string

// line is the command as a shell reads it; "" if an argument holds what a person would not see.
func (c command) line() string {
	var words []string
	for _, word := range c {
		if Safe(word) != word || len(word) > 1000 {
			return ""
		}
		const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/,=@"
		if word == "" || strings.Trim(word, plain) != "" {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// remedyOf is a line for a shell that removes the cause and has the event tried again; "" where an id in it cannot be
// written. It is chosen by the code alone. A change of the connection's tags is an event by itself.
func remedyOf(s State, v ConnectionState, told Told) string {
	again := command{"curl", "-d", `{"vpnConnectionId":"` + v.ID + `"}`, s.Function}.line()
	tag := func(value string) string {
		return s.tagging("vpc", "VPNATTACHMENT", v.ID, "transit-router", value).line()
	}
	i := slices.IndexFunc(s.Routers, func(r RouterState) bool { return r.ID == told.Router })
	var first command
	switch told.Code {
	case "ConsentMissing":
		if i >= 0 && !consents(s.Routers[i].Tags[s.Prefix+"accept"], s.Account) {
			accept := strings.Trim(s.Routers[i].Tags[s.Prefix+"accept"]+", "+s.Account, ", ")
			first = s.tagging("cbn", "TransitRouter", told.Router, "accept", accept)
		}
	case "RouterWithoutCidr":
		first = append(slices.Clone(s.cli), "cbn", "CreateTransitRouterCidr", "--RegionId", s.Region,
			"--TransitRouterId", told.Router, "--Cidr", "10.250.0.0/24")
	case "AttachedElsewhere":
		if v.Router != "" {
			return tag(v.Router)
		}
	case "TargetNotFound", "TargetAmbiguous", "RouterNotEnterprise", "OtherRegion":
		if len(s.Routers) > 0 {
			return tag(s.Routers[0].ID)
		}
	case "NotOptedOut":
		return tag("none")
	case "BoundToGateway":
		return append(slices.Clone(s.cli), "vpc", "UnTagResources", "--RegionId", s.Region,
			"--ResourceType", "VPNATTACHMENT", "--ResourceId.1", v.ID, "--TagKey.1", s.Prefix+"transit-router").line()
	}
	if len(first) == 0 {
		return again
	}
	if line := first.line(); line != "" {
		return line + " && " + again
	}
	return ""
}

// tagging is a command that sets a tag of the function.
func (s State) tagging(service, kind, id, key, value string) command {
	return append(slices.Clone(s.cli), service, "TagResources", "--RegionId", s.Region, "--ResourceType", kind,
		"--ResourceId.1", id, "--Tag.1.Key", s.Prefix+key, "--Tag.1.Value", value)
}

// CLI is scripts/local-aliyun, with what it needs to know of a cloud that is not the default one.
func (c *Cloud) CLI() (words []string) {
	if c.Address != "127.0.0.1:8600" {
		words = append(words, "LOCAL_ENDPOINT=http://"+c.Address)
	}
	if c.Spec.Region != "cn-hangzhou" {
		words = append(words, "LOCAL_REGION="+c.Spec.Region)
	}
	return append(words, "scripts/local-aliyun")
}

// consents reports whether an accept tag names the account, or any.
func consents(accept, account string) bool {
	return slices.ContainsFunc(strings.Split(accept, ","), func(one string) bool {
		return strings.TrimSpace(one) == account || strings.TrimSpace(one) == "any"
	})
}
