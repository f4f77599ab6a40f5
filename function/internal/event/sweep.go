package event

import (
	"bytes"
	"encoding/json"
	"time"
)

// TypeSweeping is the message by which a sweep that ran out of time goes on.
const TypeSweeping = "vpn-attach.sweeping.v1"

// sweepPrefix begins the types of what a sweep publishes.
const sweepPrefix = "vpn-attach.sweep."

// Sweep asks for every connection to be looked at: a timer did, or a person.
type Sweep struct {
	ID      string
	Time    time.Time // zero when the message does not say
	Regions []string  // empty: all that are served
	DryRun  bool      // nothing is queued, only counted
	// Progress is what an earlier invocation got to, in its own words; nil at the beginning.
	Progress json.RawMessage
}

// sweepRequest is what a person asks for: {"sweep":{"regions":["cn-hangzhou"],"dryRun":true}}.
type sweepRequest struct {
	Regions []string `json:"regions"`
	DryRun  bool     `json:"dryRun"`
}

// sweeping is the data of a message of TypeSweeping.
type sweeping struct {
	ID       text            `json:"id"`
	Time     time.Time       `json:"time,omitzero"`
	Regions  []string        `json:"regions"`
	DryRun   bool            `json:"dryRun,omitempty"`
	Progress json.RawMessage `json:"progress"`
}

// sweep reads a request for a sweep, as strictly as any request.
func (d *decoder) sweep(raw json.RawMessage, from origin) *Malformed {
	var r sweepRequest
	if bad := strictly(raw, &r, "sweep", "regions (a list) and dryRun (true or false)"); bad != nil {
		return bad
	}
	if len(r.Regions) > maxPerMessage {
		return malformed("sweep", "its regions are a list of %d, at most %d are taken", len(r.Regions), maxPerMessage)
	}
	e := d.asking(from)
	d.items = append(d.items, Item{Sweep: &Sweep{ID: e.ID, Time: e.Time, Regions: r.Regions, DryRun: r.DryRun}})
	return nil
}

// timer is a sweep of everything. Each of its events is another one.
func (d *decoder) timer(raw json.RawMessage) *Malformed {
	d.items = append(d.items, Item{Sweep: &Sweep{ID: sum(raw), Time: parseTime(object(raw).str("triggerTime"))}})
	return nil
}

// sweeping goes on with a sweep.
func (d *decoder) sweeping(data json.RawMessage) *Malformed {
	var s sweeping
	if len(data) == 0 || json.Unmarshal(data, &s) != nil || s.ID == "" || len(s.Progress) == 0 || len(s.Regions) > maxPerMessage {
		return malformed("data", "it is not what %s holds", TypeSweeping)
	}
	d.items = append(d.items, Item{Sweep: &Sweep{ID: Printable(string(s.ID), maxText), Time: sane(s.Time), Regions: s.Regions, DryRun: s.DryRun, Progress: bytes.Clone(s.Progress)}})
	return nil
}

// Continue gives the message that goes on with a sweep.
func (s Sweep) Continue(envelope Envelope) ([]byte, error) {
	return envelope.wrap(sweeping{ID: text(s.ID), Time: s.Time, Regions: s.Regions, DryRun: s.DryRun, Progress: s.Progress})
}

// Wanted gives the request for one connection that a sweep found. Its tries end with until,
// and what it does not come to is not published: the next sweep finds it again.
func Wanted(connectionID, regionID, ownerID string, until time.Time, envelope Envelope) ([]byte, error) {
	return envelope.wrap(request{VPNConnectionID: connectionID, RegionID: regionID, OwnerID: ownerID, Swept: true, Until: until.UTC()})
}
