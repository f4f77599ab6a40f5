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
}

// sweepRequest is what a person asks for: {"sweep":{"regions":["cn-hangzhou"],"dryRun":true}}.
type sweepRequest struct {
	Regions []string `json:"regions"`
	DryRun  bool     `json:"dryRun"`
}

func (d *decoder) sweepRequest(raw json.RawMessage, from envelope) *Malformed {
	var r sweepRequest
	if bad := decodeStrict(raw, &r, "sweep", "regions (a list) and dryRun (true or false)"); bad != nil {
		return bad
	}
	if len(r.Regions) > maxPerMessage {
		return malformed("sweep", "its regions are a list of %d, at most %d are taken", len(r.Regions), maxPerMessage)
	}
	o := d.origin(from)
	d.add(Sweep{ID: o.ID, Time: o.Time, Regions: r.Regions, DryRun: r.DryRun})
	return nil
}

// timer reads a timer's payload: each asks for a sweep of everything.
func (d *decoder) timer(raw json.RawMessage) *Malformed {
	d.add(Sweep{ID: digest(raw), Time: parseTime(textIn(raw, "triggerTime"))})
	return nil
}

// sweeping reads a message by which a sweep goes on.
func (d *decoder) sweeping(data json.RawMessage) *Malformed {
	var s struct {
		ID text `json:"id"` // instead of the Sweep's
		Sweep
	}
	isRead := len(data) > 0 && json.Unmarshal(data, &s) == nil
	if !isRead || s.ID == "" || len(s.Progress) == 0 || len(s.Regions) > maxPerMessage {
		return malformed("data", "it is not what %s holds", TypeSweeping)
	}
	s.Sweep.ID, s.Sweep.Time = Printable(string(s.ID), maxText), utcOrZero(s.Time)
	d.add(s.Sweep)
	return nil
}
