package operate

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Alarm is one that rings.
type Alarm struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	State string `json:"state"`
}

// answers say which verb shows more of an alarm, by a word of its name or title. The first that fits counts.
func answers() [][2]string {
	return [][2]string{
		{"needs a person", "inbox"}, {"failed, or conflicts", "inbox"}, {"carries no traffic", "inbox"},
		{"dead-letter", "letters"}, {"again and again", "sweep --dry-run"},
		{"throttled", "logs --message invocation"}, {"too long", "logs"},
	}
}

// text is what an alarm says, without the name of the stack.
func (a Alarm) text(stack string) string {
	return plain(cmp.Or(a.Title, strings.TrimPrefix(a.Name, stack+": ")))
}

// answer is the verb that shows more, with its flags.
func (a Alarm) answer(stack string) string {
	for _, pair := range answers() {
		if strings.Contains(a.text(stack), pair[0]) {
			return pair[1]
		}
	}
	return "doctor"
}

// alarms are those of CloudMonitor that ring. Log Service has no call for its own; a local cloud has one for both.
func (o Operator) alarms(ctx context.Context) ([]Alarm, error) {
	if _, isLocal := o.Console.(Local); isLocal {
		return o.localAlarms(ctx)
	}
	answer, err := ask[struct {
		Alarms struct {
			Alarm []struct{ RuleName, AlertState string }
		}
	}](ctx, o, Call{Service: "cms", Action: "DescribeMetricRuleList", Flags: []string{
		"--AlertState", "ALARM", "--RuleName", o.Stack + ":", "--PageSize", "100",
	}})
	ringing := []Alarm{}
	for _, a := range answer.Alarms.Alarm {
		if strings.HasPrefix(a.RuleName, o.Stack+":") {
			ringing = append(ringing, Alarm{Name: a.RuleName, State: a.AlertState})
		}
	}
	return ringing, err
}

func (o Operator) localAlarms(ctx context.Context) ([]Alarm, error) {
	state, err := ask[struct {
		Alarms []Alarm `json:"alarms"`
	}](ctx, o, Call{Service: localService, Action: "GET", Path: "/local/state"})
	ringing := []Alarm{}
	for _, a := range state.Alarms {
		if a.State == "ringing" {
			ringing = append(ringing, a)
		}
	}
	return ringing, err
}

// told lists who hears of alarms, by the parameters of the stack.
func (o Operator) told(ctx context.Context) ([]string, error) {
	s, err := o.stack(ctx)
	if err != nil {
		return nil, err
	}
	all := []string{}
	for _, name := range []string{
		"NotifyMail", "NotifyDingTalk", "NotifyWebhook", "AlarmContactGroup", "AlertActionPolicy",
	} {
		value := s.parameters[name]
		switch {
		case value == "":
		case name == "NotifyDingTalk" || name == "NotifyWebhook":
			all = append(all, name) // the address may hold a token
		default:
			all = append(all, name+"="+value)
		}
	}
	slices.Sort(all)
	switch {
	case len(all) == 0:
		all = append(all, "nobody: "+o.command("set", "NotifyMail=ops@example.com"))
	case s.parameters["AlertActionPolicy"] == "":
		all = append(all, "nobody of the alarms on the log: "+o.command("set", "AlertActionPolicy=ID")+
			", of an action policy that is made in the console of Log Service")
	}
	return all, nil
}

// toldBy is who hears of alarms by these parameters; the addresses of robots and webhooks may hold a token.
func toldBy(pairs []Pair) []string {
	all := []string{}
	for _, p := range pairs {
		switch p.Name {
		case "NotifyMail", "AlarmContactGroup", "AlertActionPolicy":
			all = append(all, p.Name+"="+p.Value)
		case "NotifyDingTalk", "NotifyWebhook":
			all = append(all, p.Name)
		}
	}
	if len(all) == 0 {
		all = append(all, "whoever was told before; nobody at a first deployment: give --notify ops@example.com")
	}
	return all
}
