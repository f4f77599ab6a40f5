package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/redrive"
)

// Check is one look at the way of an event.
type Check struct {
	What  string `json:"what"`
	State string `json:"state"` // ok, wrong, unknown
	Says  string `json:"says,omitempty"`
	Fix   string `json:"fix,omitempty"`
}

// States of a check.
const (
	stateOK      = "ok"
	stateWrong   = "wrong"
	stateUnknown = "unknown"
)

// Diagnosis are the checks in the order of the way; the first that is wrong is what to fix first.
type Diagnosis struct {
	Checks []Check `json:"checks"`
	First  *Check  `json:"first,omitempty"`
}

// Wrong reports whether something is.
func (d Diagnosis) Wrong() bool { return d.First != nil }

// exam is a walk along the way of an event.
type exam struct {
	Operator
	about  function
	byHand bool // there is no stack: the function was deployed by other means, such as s.yaml
}

// makes says what makes a queue or a subscription that is missing.
func (o exam) makes() string {
	if o.byHand {
		return "the commands under Serverless Devs in scripts/README.md"
	}
	return o.command("deploy")
}

// inboxTags are the tags of the messages that need a person.
func inboxTags() []string { return []string{"failed", "conflict", "down"} }

// Doctor walks the way of an event from the rule to whoever is told, and changes nothing.
func (o Operator) Doctor(ctx context.Context) (Diagnosis, error) {
	f, err := o.function(ctx)
	if err != nil {
		return Diagnosis{}, err
	}
	e := exam{Operator: o, about: f}
	id, err := o.stackID(ctx)
	e.byHand = err == nil && id == ""
	d := Diagnosis{Checks: []Check{}}
	for _, look := range []func(context.Context) []Check{
		e.checkRules, e.checkQueue, e.checkTriggers, e.checkSettings, e.checkRun, e.checkTopic, e.checkTold,
		e.checkQuotas, e.checkBacklog,
	} {
		d.Checks = append(d.Checks, look(ctx)...)
	}
	for i, c := range d.Checks {
		if c.State == stateWrong {
			d.First = &d.Checks[i]
			break
		}
	}
	return d, nil
}

// found makes a check of what a look came to.
func found(what string, err error, wrong bool, says, fix string) Check {
	switch {
	case isNotLocal(err):
		return Check{What: what, State: stateUnknown, Says: err.Error()}
	case isMissing(err):
		var missing *MissingError
		errors.As(err, &missing)
		return Check{What: what, State: stateWrong, Says: missing.What, Fix: missing.Fix}
	case err != nil:
		return Check{What: what, State: stateUnknown, Says: plain(err.Error())}
	case wrong:
		return Check{What: what, State: stateWrong, Says: says, Fix: fix}
	}
	return Check{What: what, State: stateOK}
}

// checkRules looks whether EventBridge hands on what happens.
func (o exam) checkRules(ctx context.Context) (checks []Check) {
	for name, action := range map[string]string{o.Stack: "TagResources", o.Stack + "-created": "CreateVpnAttachment"} {
		rule, err := ask[struct {
			Data struct{ Status, FilterPattern string }
		}](ctx, o.Operator, Call{Service: "eventbridge", Action: "GetRule",
			Flags: []string{"--EventBusName", "default", "--RuleName", name}})
		what := "rule " + name
		if refused(err, "NotExist") && !o.byHand { // else the rule has a name of its own
			err = &MissingError{What: "it does not exist: no event reaches the queue", Fix: o.command("deploy")}
		}
		state := rule.Data.Status
		checks = append(checks, found(what+" is enabled", err, state != "ENABLE", "it is "+orDash(plain(state)),
			"aliyun eventbridge EnableRule --EventBusName default --RuleName "+name+" --region "+o.Region))
		if err == nil {
			takes := strings.Contains(rule.Data.FilterPattern, action)
			checks = append(checks, found(what+" takes "+action, nil, !takes,
				"its pattern does not name "+action, o.command("deploy")))
		}
	}
	slices.SortStableFunc(checks, func(a, b Check) int { return strings.Compare(a.What, b.What) })
	return checks
}

func (o exam) checkQueue(ctx context.Context) []Check {
	q, err := o.queues(o.about)
	if err != nil {
		return []Check{found("queues can be read", err, false, "", "")}
	}
	var checks []Check
	for _, queue := range []redrive.Queue{q.events, q.letters, q.inbox} {
		_, err := waiting(ctx, queue)
		if isMissing(err) {
			err = &MissingError{What: "it does not exist", Fix: o.makes()}
		}
		checks = append(checks, found("queue "+queue.Name+" is there", err, false, "", ""))
	}
	return checks
}

func (o exam) checkTriggers(ctx context.Context) []Check {
	triggers, err := o.triggers(ctx)
	if err == nil && len(triggers) == 0 {
		err = &MissingError{What: "there are none", Fix: o.command("deploy")}
	}
	if err != nil {
		return []Check{found("triggers", err, false, "", "")}
	}
	if isPaused(triggers) {
		return []Check{found("triggers are started", nil, true, "no, it is paused", o.command("resume"))}
	}
	var checks []Check
	for _, t := range triggers {
		what := "trigger " + plain(t.Name)
		checks = append(checks,
			found(what+" is started", nil, !t.Started, "it is not started", o.command("resume")))
		if t.Type != "timer" {
			checks = append(checks, found(what+" waits for the function", nil, !t.Sync,
				"asyncInvocationType is true: what fails is not delivered again", o.command("deploy")))
		}
	}
	return checks
}

func (o exam) checkSettings(_ context.Context) []Check {
	paused := o.about.EnvironmentVariables["PAUSE"] == "true"
	dry := o.about.EnvironmentVariables["DRY_RUN"] == "true"
	return []Check{
		found("PAUSE is false", nil, paused, "every message is put back", o.command("set", "PAUSE=false")),
		found("DRY_RUN is false", nil, dry, "nothing is attached", o.command("set", "DRY_RUN=false")),
	}
}

// checkRun invokes the function for a sweep that changes nothing, which reads all that an event reads.
func (o exam) checkRun(ctx context.Context) []Check {
	proof, err := o.prove(ctx)
	var broken *FunctionError
	if errors.As(err, &broken) {
		return []Check{found("the function runs", nil, true, broken.Error(),
			o.command("rollback")+" lists versions; "+o.command("logs")+" says more")}
	}
	checks := []Check{found("the function runs", err, false, "", "")}
	if err == nil {
		checks = append(checks, found("it reads connections and routers", nil, len(proof.unread) > 0,
			"refused: "+strings.Join(proof.unread, ", "),
			"give the role what function/README.md lists under Role, or "+o.command("deploy")))
	}
	return checks
}

func (o exam) checkTopic(ctx context.Context) []Check {
	q, err := o.queues(o.about)
	if err != nil {
		return nil
	}
	subscriptions, err := q.topic.Subscriptions(ctx)
	if cloud.HasCode(err, "TopicNotExist") {
		err = &MissingError{What: "it does not exist: outcomes wait in the event queue", Fix: o.makes()}
	}
	checks := []Check{found("topic "+q.topic.Name+" is there", err, false, "", "")}
	if err != nil {
		return checks
	}
	for _, tag := range inboxTags() {
		has := false
		for _, s := range subscriptions {
			inbox := strings.HasSuffix(s.Endpoint, "/"+q.inbox.Name)
			has = has || inbox && (s.FilterTag == tag || s.FilterTag == "")
		}
		checks = append(checks, found("the inbox is subscribed for "+tag, nil, !has,
			"what is "+tag+" does not reach the inbox", o.makes()))
	}
	return checks
}

func (o exam) checkBacklog(ctx context.Context) []Check {
	q, err := o.queues(o.about)
	if err != nil {
		return nil
	}
	events, err := waiting(ctx, q.events)
	if err != nil {
		return nil // it was said before
	}
	letters, err := waiting(ctx, q.letters)
	old := !events.Oldest.IsZero() && time.Since(events.Oldest) > late
	return []Check{
		found("events are fresh", nil, old, "the oldest waits for "+age(events.Oldest), o.command("logs")),
		found("there are no dead letters", err, letters.Messages > 0,
			several(letters.Messages, "message")+" given up", o.command("letters")),
	}
}

// Text implements Result.
func (d Diagnosis) Text() string {
	var text strings.Builder
	for _, c := range d.Checks {
		fmt.Fprintf(&text, "%-8s %s", c.State, c.What)
		if c.Says != "" {
			text.WriteString(": " + c.Says)
		}
		text.WriteString("\n")
	}
	if d.First == nil {
		text.WriteString("nothing is wrong\n")
	} else {
		fmt.Fprintf(&text, "\nFirst: %s: %s\n  fix: %s\n", d.First.What, d.First.Says, d.First.Fix)
	}
	return text.String()
}
