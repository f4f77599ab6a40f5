package attach

import (
	"context"
	"fmt"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/pace"
)

// networksTime is how long an outcome waits, at most, to say what other networks its CEN has.
const networksTime = time.Second

// noteNeighbours adds to the outcome of a new attachment which neighbours its traffic may not reach. The list that a
// watched attachment is found in tells what else its transit router has; the CEN is asked only where that gives no
// reason to warn.
func (t *attempt) noteNeighbours(ctx context.Context, v decide.Verdict) {
	if t.schedule.HealthTimeout == 0 || v.Status != decide.StatusAttached {
		return
	}
	router := t.subject.Router
	page, err := t.firstPage(ctx)
	if err != nil {
		return
	}
	if page.Total <= 1 {
		t.subject.Notes = append(t.subject.Notes, decide.Networks(router, t.networks(ctx))...)
	}
	t.subject.Notes = append(t.subject.Notes, decide.Neighbours(router, page.Total)...)
}

// networks are the network instances of the transit router's CEN. One call asks for them, for all events of the
// invocation; a page of them is enough for a note. A failure changes nothing but the note: without an answer none are
// known, and the log says why.
func (t *attempt) networks(ctx context.Context) []cloud.Network {
	filter := cloud.NetworkFilter{RegionID: t.event.RegionID, CenID: t.subject.Router.CenID}
	if filter.CenID == "" {
		return nil
	}
	all, err := t.shared.networks.get(filter.CenID, func() (all []cloud.Network, err error) {
		limited, cancel := context.WithTimeout(ctx, networksTime)
		defer cancel()
		once := pace.Call{Region: filter.RegionID, Action: cloud.ActionNetworks, Once: true}
		err = t.pace.Do(limited, once, func(ctx context.Context) error {
			t.calls++
			page, err := t.cloud.ListNetworks(ctx, filter)
			all = page.Items
			return err
		})
		return all, err
	})
	if err != nil {
		t.warnings = append(t.warnings, fmt.Sprintf("whether %s has VBR or CCN attachments is not known: %s%s",
			filter.CenID, t.schedule.Codes.Fault(err).Code, granting(err)))
	}
	return all
}
