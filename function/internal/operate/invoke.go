package operate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// Answer is what the function answered to a request by hand.
type Answer struct {
	Events   int               `json:"events"`
	Ignored  int               `json:"ignored"`
	Queued   int               `json:"queued,omitempty"`
	Paused   bool              `json:"paused,omitempty"`
	Outcomes []json.RawMessage `json:"outcomes,omitempty"`
	Sweeps   []json.RawMessage `json:"sweeps,omitempty"`
	Health   []json.RawMessage `json:"health,omitempty"`

	attach string                 // the command that has sweeps attach what they find
	health func(id string) string // the command that shows whether a connection is attached and up
}

// FunctionError is that the function ended with an error.
type FunctionError struct{ Type, Message string }

func (e *FunctionError) Error() string {
	return fmt.Sprintf("the function ended with an error: %s: %s", plain(e.Type), plain(e.Message))
}

// Invoke runs the function once, through its alias, with a request.
func (o Operator) Invoke(ctx context.Context, request map[string]any) (Answer, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return Answer{}, fmt.Errorf("writing the request: %w", err)
	}
	o.say("invoking %s", o.Stack)
	text, err := o.Console.Call(ctx, o.fc("POST", "invocations", string(body), "--qualifier", alias))
	if refused(err, "AliasNotFound", "VersionNotFound") {
		text, err = o.Console.Call(ctx, o.fc("POST", "invocations", string(body)))
	}
	if refused(err, "FunctionNotFound") {
		_, err = o.function(ctx)
	}
	if err != nil {
		return Answer{}, err
	}
	var said struct {
		Answer
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return Answer{}, fmt.Errorf("reading the function's answer: %w", err)
	}
	if said.ErrorType != "" || said.ErrorMessage != "" {
		return Answer{}, &FunctionError{said.ErrorType, said.ErrorMessage}
	}
	said.attach = o.command("set", "SWEEP=attach")
	said.health = func(id string) string { return o.command("health", id) }
	return said.Answer, nil
}

// outcome is what is read of a document that the function answered.
type outcome struct {
	Subject string `json:"subject"`
	Data    struct {
		Status, State, Reason string
		RouterID              string `json:"transitRouterId"`
		AttachmentID          string `json:"transitRouterAttachmentId"`
		DryRun                bool   `json:"dryRun"`
		Notes                 []string
		Cause, Advice, Actor  string
		Error                 *fault
		Tunnels               []struct{ ID, IKE, IPsec, BGP, HealthCheck string }
	} `json:"data"`
}

// Failed reports whether an outcome says that a person must act.
func (a Answer) Failed() bool {
	for _, text := range a.Outcomes {
		if status := readOutcome(text).Data.Status; status == "failed" || status == "conflict" {
			return true
		}
	}
	return a.Paused
}

func readOutcome(text json.RawMessage) (o outcome) {
	_ = json.Unmarshal(text, &o) // what does not fit stays empty
	return o
}

// Text implements Result.
func (a Answer) Text() string {
	var text strings.Builder
	if a.Paused {
		text.WriteString("the function is paused (PAUSE=true): nothing was done\n")
	}
	for _, document := range a.Outcomes {
		o := readOutcome(document)
		text.WriteString(o.text())
		if o.Data.Status == "attaching" && a.health != nil {
			text.WriteString("  see it attached, in some minutes: " + a.health(plainID(o.Subject)) + "\n")
		}
	}
	for _, document := range a.Sweeps {
		text.WriteString(sweepText(document, a.attach))
	}
	for _, document := range a.Health {
		text.WriteString(readOutcome(document).text())
	}
	if a.Queued > 0 {
		fmt.Fprintf(&text, "%s in the queue; the outcome is published later\n", goesOn(a.Queued))
	}
	if text.Len() == 0 {
		fmt.Fprintf(&text, "%s, %d ignored\n", several(a.Events, "event"), a.Ignored)
	}
	return text.String()
}

func goesOn(n int) string {
	if n == 1 {
		return "1 request goes on"
	}
	return fmt.Sprintf("%d requests go on", n)
}

// inWords says what a reason means beside its code.
func inWords(reason string) string {
	words := map[string]string{
		"NoTarget":    "no tag, match or default names a transit router",
		"OptedOut":    "the connection is tagged none",
		"Gone":        "the connection does not exist",
		"NotAttached": "the connection is not attached, or not yet",
	}[reason]
	if words == "" {
		return reason
	}
	return reason + ": " + words
}

func (o outcome) text() string {
	d := o.Data
	line := orDash(plainID(o.Subject)) + ": " + plain(cmp.Or(d.Status, d.State))
	for _, more := range []string{inWords(d.Reason), d.RouterID, d.AttachmentID} {
		if more != "" {
			line += "  " + plain(more)
		}
	}
	if d.DryRun {
		line += "  (dry run)"
	}
	line += "\n"
	if d.Error != nil {
		line += "  cause: " + plain(d.Error.Code+": "+d.Error.Message) + "\n  advice: " + plain(d.Error.Advice) + "\n"
	}
	if d.Cause != "" {
		line += "  cause: " + plain(d.Cause) + "\n"
	}
	if d.Advice != "" {
		line += "  advice: " + plain(d.Advice) + "\n"
	}
	for _, t := range d.Tunnels {
		line += fmt.Sprintf("  tunnel %s: IKE %s, IPsec %s, BGP %s, health check %s\n", plainID(t.ID),
			orDash(plain(t.IKE)), orDash(plain(t.IPsec)), orDash(plain(t.BGP)), orDash(plain(t.HealthCheck)))
	}
	if d.Actor != "" {
		line += "  who must act: " + plain(d.Actor) + "\n"
	}
	for _, note := range d.Notes {
		line += "  note: " + plain(note) + "\n"
	}
	return line
}
