package event

import (
	"encoding/json"
	"time"
)

// Sweep asks for every connection to be looked at. A timer asks for it, or a person.
type Sweep struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time,omitzero"`    // zero if the message does not say
	Regions []string  `json:"regions"`          // empty: all that are served
	DryRun  bool      `json:"dryRun,omitempty"` // queue nothing, only count
	// Progress is how far earlier invocations came, in the sweep's own words; nil at the beginning.
	Progress json.RawMessage `json:"progress"`
	Body     []byte          `json:"-"` // the message by which it goes on; nil at the beginning
}

// sweepRequest is what a person asks for: {"sweep":{"regions":["cn-hangzhou"],"dryRun":true}}.
type sweepRequest struct {
	Regions []string `json:"regions"`
	DryRun  bool     `json:"dryRun"`
}

func (d *decoding) sweepRequest(raw json.RawMessage, from envelope) *Malformed {
	var r sweepRequest
	if bad := decodeStrict(raw, &r, "sweep."); bad != nil {
		return bad
	}
	if len(r.Regions) > maxPerMessage {
		return malformed("sweep.regions", "it is a list of %d, at most %d are taken", len(r.Regions), maxPerMessage)
	}
	o := d.origin(from)
	return d.sweep(Sweep{ID: o.ID, Time: o.Time, Regions: r.Regions, DryRun: r.DryRun}, from)
}

// timer reads a timer's payload: each asks for a sweep of everything.
func (d *decoding) timer(raw json.RawMessage, from envelope) *Malformed {
	return d.sweep(Sweep{ID: digest(raw), Time: parseTime(textIn(raw, "triggerTime"))}, from)
}

// sweep adds a sweep that a timer or a person asks for. Whoever may only write to the queue cannot ask for one, and a
// payload asks for one at most: a sweep costs far more than the message that asks for it.
func (d *decoding) sweep(s Sweep, from envelope) *Malformed {
	switch {
	case from.queued:
		return malformed("sweep", "a sweep is asked for by a timer or by a direct invocation, not through the queue")
	case d.swept:
		return malformed("sweep", "an invocation takes one sweep at most")
	}
	d.swept = true
	d.add(s)
	return nil
}

// sweeping reads a message by which a sweep goes on.
func (d *decoding) sweeping(raw, data json.RawMessage) *Malformed {
	var s struct {
		ID text `json:"id"` // instead of the Sweep's
		Sweep
	}
	isRead := len(data) > 0 && json.Unmarshal(data, &s) == nil
	if !isRead || s.ID == "" || len(s.Progress) == 0 || len(s.Regions) > maxPerMessage {
		return malformed("data", "it is not what %s holds", TypeSweeping)
	}
	s.Sweep.Body = raw
	s.Sweep.ID, s.Sweep.Time = Printable(string(s.ID), maxText), utcOrZero(s.Time)
	d.add(s.Sweep)
	return nil
}
