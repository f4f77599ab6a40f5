package soak

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/mns"
)

// record is what happened, by the stand-ins' own account.
type record struct {
	plan    *Plan
	chaos   *chaos
	cloud   *local.Cloud
	started time.Time

	mu         sync.Mutex
	fed        int
	struck     int
	pushes     int
	races      int
	kills      map[string]int // by crash point, such as "after PublishMessage"
	faults     map[string]int
	outcomes   []outcome
	deliveries []delivery
	changes    []change
	deleted    map[string]time.Time // connections, by the time before which they were there
	messages   map[string]int       // follow-ups that the queue took, by event
	copies     []string             // events of which one batch held a follow-up twice
	postponed  []decide.Outcome     // that went to the queue, finished
	stale      map[string]bool      // connections of which a reading was stale
	seeded     []estate.Attachment

	// What the services say at the end.
	attachments []estate.Attachment
	creates     []estate.Create
	bindings    []estate.Binding
	left        mns.Stats

	document local.Document
}

// outcome is a document with the time at which the subscriber had it.
type outcome struct {
	decide.Outcome
	received time.Time
}

// delivery is one invocation and the messages that it was handed.
type delivery struct {
	began, ended time.Time
	messages     []string
}

// change is an attachment as it became at a time.
type change struct {
	at time.Time
	estate.Attachment
}

// outcome takes what the topic's subscriber received.
func (r *record) outcome(body string) {
	var o decide.Outcome
	_ = json.Unmarshal([]byte(body), &o) // what is no outcome has no id and fails as that
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes = append(r.outcomes, outcome{o, time.Now()})
}

// hit counts a fault that struck a call. r.mu is held.
func (r *record) hit(f fault.Fault, call string) {
	if r.kills == nil {
		r.kills, r.faults, r.stale = map[string]int{}, map[string]int{}, map[string]bool{}
	}
	if asked, err := url.Parse(call); err == nil && f.StaleDescribe > 0 {
		r.stale[asked.Query().Get("VpnConnectionId")] = true
	}
	if f.Kill != "" {
		r.kills[f.Kill+" "+f.Action]++
		return
	}
	r.faults[label(f)]++
}

// sent counts the follow-ups of a batch by their events. r.mu is held.
func (r *record) sent(body []byte) {
	var batch struct {
		Messages []struct{ MessageBody string } `xml:"Message"`
	}
	if xml.Unmarshal(body, &batch) != nil {
		return
	}
	if r.messages == nil {
		r.messages = map[string]int{}
	}
	seen := map[string]bool{}
	for _, m := range batch.Messages {
		var own struct {
			Type string
			Data struct {
				decide.Outcome
				Event struct{ ID string }
			}
		}
		_ = json.Unmarshal([]byte(m.MessageBody), &own) // our own always decodes
		switch own.Type {
		case "vpn-attach.report.v1":
			r.postponed = append(r.postponed, own.Data.Outcome)
			r.messages[own.Data.Data.Event.ID]++
		case "vpn-attach.retry.v1", "vpn-attach.confirm.v1":
			r.messages[own.Data.Event.ID]++
			if seen[own.Type+own.Data.Event.ID] {
				r.copies = append(r.copies, own.Data.Event.ID)
			}
			seen[own.Type+own.Data.Event.ID] = true
		}
	}
}

// messageIDs finds which messages a payload holds.
func messageIDs(payload []byte) (ids []string) {
	var elements []struct{ ID string }
	_ = json.Unmarshal(payload, &elements) // the trigger's arrays always decode
	for _, e := range elements {
		ids = append(ids, e.ID)
	}
	return ids
}

// key tells the outcomes of a plan's events apart.
func (o outcome) key() string { return o.Data.Event.ID + " " + o.Data.ConnectionID }

// ending is the status and the code of an outcome, or that it was given up.
func (o outcome) ending() string {
	fault := o.Data.Error
	switch {
	case fault != nil && fault.Exhausted:
		return "exhausted"
	case fault != nil:
		return string(o.Data.Status) + " " + fault.Code
	}
	return strings.TrimSpace(string(o.Data.Status) + " " + o.Data.Reason)
}

// finals are the final outcomes of the plan's events.
func (r *record) finals() map[string][]outcome {
	finals := map[string][]outcome{}
	for _, o := range r.outcomes {
		if o.Data.Final && r.plan.events[o.Data.Event.ID] != "" {
			finals[o.Data.Event.ID] = append(finals[o.Data.Event.ID], o)
		}
	}
	return finals
}
