package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/fault"
)

// Starter brings a cloud up, as Start does.
type Starter func(Spec, Options) (*Cloud, error)

// Run plays the case on a cloud of its own, and names every difference from what it should have come to, and every
// fault that never struck. Tell, which may be nil, gets each outcome as the subscriber does.
func (c Case) Run(
	ctx context.Context, start Starter, o Options, timeout time.Duration, tell func(outcome string),
) (Document, []string) {
	seen := &witness{requests: map[string]map[string]bool{}}
	o.Watch = seen.watch(o.Watch)
	cloud, err := start(c.Spec, o)
	if err != nil {
		return Document{}, []string{err.Error()}
	}
	defer cloud.Close()
	s := &story{cloud: cloud, events: c.events}
	feed := func(ctx context.Context) error { return s.play(ctx, c.Steps) }
	document, err := cloud.Play(ctx, feed, timeout, tell)
	if err != nil {
		if late := (*TimeoutError)(nil); errors.As(err, &late) && s.at != "" {
			err = fmt.Errorf("%s: %w", s.at, err)
		}
		return document, []string{err.Error()}
	}
	came := c.Expect.compare(seen.evidence(cloud, document))
	differences := slices.Concat(s.wrong, came, seen.races.all())
	for _, left := range cloud.Faults.Remaining() {
		differences = append(differences, fmt.Sprintf("a fault never struck: %s", left))
	}
	return document, differences
}

// witness notes what the cloud's own records do not hold.
type witness struct {
	races texts

	mu       sync.Mutex
	requests map[string]map[string]bool // by action
}

// watch tells the witness as well.
func (w *witness) watch(also Watch) Watch {
	output, exchange := also.Output, also.Exchange
	also.Output = func(instance, stream, line string) {
		if strings.Contains(line, "DATA RACE") {
			w.races.add(line)
		}
		if output != nil {
			output(instance, stream, line)
		}
	}
	also.Exchange = func(x fault.Exchange) {
		w.request(x)
		if exchange != nil {
			exchange(x)
		}
	}
	return also
}

func (w *witness) request(x fault.Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.requests[x.Action] == nil {
		w.requests[x.Action] = map[string]bool{}
	}
	w.requests[x.Action][x.URL+"\n"+string(x.Body)] = true
}

// evidence is what the services' records, and the witness, say at the end.
func (w *witness) evidence(c *Cloud, d Document) evidence {
	e := evidence{
		outcomes: flattened(d.Outcomes), attachments: attachments(c, d), calls: d.Calls,
		requests: map[string]int{}, invocations: d.Invocations, alarms: d.Alarms,
		memory: d.Memory,
	}
	for _, invocation := range c.Runtime.Invocations() {
		if failure := invocation.Failure; failure != nil {
			e.failures = append(e.failures, fields{"type": failure.Type, "message": failure.Message})
		}
	}
	for _, raw := range d.DeadLetters {
		var letter fields
		if json.Unmarshal(raw, &letter) != nil {
			letter = fields{"text": string(raw)}
		}
		e.letters = append(e.letters, letter)
	}
	for _, call := range c.Faults.Calls() {
		e.order = append(e.order, call.Action)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for action, different := range w.requests {
		e.requests[action] = len(different)
	}
	return e
}

// attachments are those of the document, with what only the cloud knows of them.
func attachments(c *Cloud, d Document) []fields {
	all := generic(d.Attachments)
	for i, a := range c.Estate.Attachments() {
		more := fields{
			"name": a.Name, "description": a.Description, "autoPublish": a.AutoPublish,
			"zones": a.Zones, "tags": a.Tags,
		}
		maps.Copy(all[i], generic([]any{more})[0])
	}
	return all
}

// generic gives values as the JSON that they are written as.
func generic(values any) []fields {
	var objects []fields
	encoded, _ := json.Marshal(values)    // plain structs always encode,
	_ = json.Unmarshal(encoded, &objects) // and decode again
	return objects
}
