package fault

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// The two moments at which a call can be cut off: before the service has seen it, or when the effect stands.
const (
	Before = "before"
	After  = "after"
)

// The kinds of body a fault can answer with.
const (
	BodyHTML      = "html"
	BodyEmpty     = "empty"
	BodyTruncated = "truncated"
)

// Fault is one entry of a cloud file's list of faults: which calls it strikes and what then happens to them.
// Durations are written as time.ParseDuration reads them, such as 7s or 5m.
type Fault struct {
	// Action is the API action, or "*" for every request to every service. Several with commas are a fault each.
	Action string `yaml:"action"`
	// Skip lets so many matching calls pass first: the second create of a batch fails, the first succeeds.
	// A call that an earlier fault of the list strikes is not counted.
	Skip int `yaml:"skip,omitempty"`
	// Times is how many calls are struck; 0 means 1, unless For is set.
	Times int `yaml:"times,omitempty"`
	// For strikes every matching call of a window instead, which opens with the first of them. Speed divides it.
	For time.Duration `yaml:"for,omitempty"`
	// Probability strikes a matching call with this chance only, more than 0 and at most 1; 0 means 1. The draws of a
	// fault are the same in every run.
	Probability float64 `yaml:"probability,omitempty"`

	// Status and Code are answered in the service's own form, and there is no effect.
	Status int    `yaml:"status,omitempty"`
	Code   string `yaml:"code,omitempty"`
	// Body makes the answer one that the service itself would never give:
	//   - html: a proxy's page with Status, by default 502, and no effect. A redirect is one, with a Location header.
	//   - empty: no body. With a failing Status there is no effect; with 200, the default, the effect stands.
	//   - truncated: the effect stands, the service's own answer breaks off in the middle. One without a body,
	//     which has no middle, is not sent at all.
	Body string `yaml:"body,omitempty"`
	// Headers are set on the answer, whoever gives it. Alone they leave the call and its answer as they are.
	Headers map[string]string `yaml:"headers,omitempty"`
	// Delay is waited before anything else, cut short when the client leaves. Whatever else happens comes after it in
	// either case: a client that gave up has its effect nevertheless.
	Delay time.Duration `yaml:"delay,omitempty"`
	// Drop closes the connection without an answer, before or after the effect.
	Drop string `yaml:"drop,omitempty"`
	// Kill ends the instance that made the call, before or after the effect, and nothing is answered. A caller that is
	// no running instance is served as if there were no fault, which then waits for the next call.
	Kill string `yaml:"kill,omitempty"`
	// StaleDescribe asks the service to answer as things stood so long ago, as a read from a lagging replica does.
	// It is for the service to honour, see Stale.
	StaleDescribe time.Duration `yaml:"staleDescribe,omitempty"`
	// EmptyList asks the service to answer a list without entries, as it does when it takes a parameter for invalid. It
	// is for the service to honour, see Emptied.
	EmptyList bool `yaml:"emptyList,omitempty"`
	// Rewrite changes the body of the service's own answer, whose effect stands. A call whose answer does not contain
	// the pattern is not struck.
	Rewrite *Rewrite `yaml:"rewrite,omitempty"`
}

// Rewrite puts another text in the place of every match of a regular expression; $1 is its first group.
type Rewrite struct {
	Pattern string `yaml:"pattern"`
	With    string `yaml:"with"`
}

// String is the fault as a cloud file has it.
func (f Fault) String() string {
	text, err := yaml.MarshalWithOptions(f, yaml.Flow(true))
	if err != nil {
		return fmt.Sprintf("fault on %q", f.Action)
	}
	return strings.TrimSpace(string(text))
}

// Validate refuses a fault that could not strike as it is written. The error names the field and what it may be.
func (f Fault) Validate() error {
	for _, rule := range slices.Concat(f.fields(), f.combinations()) {
		if rule.broken {
			return fmt.Errorf("fault on action %q: %s", f.Action, rule.text)
		}
	}
	return nil
}

type rule struct {
	broken bool
	text   string
}

// fields are the rules of each field by itself.
func (f Fault) fields() []rule {
	moment := func(m string) bool { return m == "" || m == Before || m == After }
	return []rule{
		{!legalAction(f.Action), `action must be an API action, several with commas between, or "*"`},
		{f.Skip < 0, "skip must be 0 or more"},
		{f.Times < 0, "times must be 1 or more"},
		{f.For < 0, "for must be more than 0s"},
		{!(f.Probability >= 0 && f.Probability <= 1), "probability must be more than 0 and at most 1"},
		{f.Status != 0 && f.Status != 200 && !redirecting(f.Status) && !failing(f.Status),
			"status must be 200 or 300 to 599"},
		{!slices.Contains([]string{"", BodyHTML, BodyEmpty, BodyTruncated}, f.Body),
			"body must be empty, html or truncated"},
		{!legalHeaders(f.Headers), "headers must have names of letters, digits and hyphens, and Content-Length is " +
			"not to be set"},
		{f.Delay < 0, "delay must be more than 0s"},
		{!moment(f.Drop), "drop must be before or after"},
		{!moment(f.Kill), "kill must be before or after"},
		{f.StaleDescribe < 0, "staleDescribe must be more than 0s"},
		{!f.Rewrite.legal(), "rewrite needs a pattern that is a regular expression"},
	}
}

// combinations are the rules between the fields.
func (f Fault) combinations() []rule {
	cut := f.Drop != "" || f.Kill != ""
	answered := f.Status != 0 || f.Code != "" || f.Body != "" || len(f.Headers) > 0
	asks := f.EmptyList || f.StaleDescribe > 0 || f.Rewrite != nil
	return []rule{
		{f.Times > 0 && f.For > 0, "times and for exclude each other"},
		{f.Drop != "" && f.Kill != "", "drop and kill exclude each other"},
		{cut && answered, "drop and kill leave no answer: status, code, body and headers do not go with them"},
		{f.Body == BodyTruncated && f.Status != 0,
			"body: truncated keeps the service's own status: status does not go with it"},
		{f.Body != "" && f.Code != "", "code is part of the service's own body: it does not go with body"},
		{f.Body == "" && f.Code == "" && f.Status != 0, "status needs a code, or body: empty or html"},
		{redirecting(f.Status) && f.Body != BodyHTML, "a status from 300 to 399 needs body: html"},
		{f.Code != "" && !failing(f.Status), "code needs a status from 400 to 599"},
		{asks && (f.before() || cut), "staleDescribe, emptyList and rewrite need the service to answer: " +
			"they do not go with drop, kill or an error"},
		{f.Rewrite != nil && f.Body != "", "rewrite changes the service's own body: it does not go with body"},
		{!cut && !answered && f.Delay == 0 && !asks,
			"one of status, body, headers, delay, drop, kill, staleDescribe, emptyList and rewrite must be set"},
	}
}

// legal refuses a pattern that would match nothing or anything.
func (w *Rewrite) legal() bool {
	if w == nil {
		return true
	}
	_, err := regexp.Compile(w.Pattern)
	return err == nil && w.Pattern != ""
}

// body is an answer's body with the other text, and whether there was anything to rewrite.
func (w *Rewrite) body(original []byte) (rewritten []byte, found bool) {
	pattern := regexp.MustCompile(w.Pattern) // legal, by Validate
	return pattern.ReplaceAll(original, []byte(w.With)), pattern.Match(original)
}

// before says whether the fault answers, or does not, in the place of the service.
func (f Fault) before() bool {
	return f.Drop == Before || f.Kill == Before || f.Body == BodyHTML || failing(f.Status)
}

// matches says whether the fault, which is about one action, is about calls of this one.
func (f Fault) matches(action string) bool { return f.Action == "*" || f.Action == action }

// actions takes a list of actions apart.
func actions(list string) []string {
	names := strings.Split(list, ",")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	return names
}

func legalAction(list string) bool {
	return list == "*" || !slices.ContainsFunc(actions(list), func(name string) bool { return !isWord(name, "") })
}

// legalHeaders refuses what net/http would leave out without a word, and the length, which the answer itself decides.
func legalHeaders(headers map[string]string) bool {
	for name := range headers {
		if !isWord(name, "-") || http.CanonicalHeaderKey(name) == "Content-Length" {
			return false
		}
	}
	return true
}

// isWord says whether text is ASCII letters and digits, and the extra characters.
func isWord(text, extra string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return text != "" && strings.Trim(text, letters+extra) == ""
}

func redirecting(status int) bool { return status >= 300 && status <= 399 }

func failing(status int) bool { return status >= 400 && status <= 599 }
