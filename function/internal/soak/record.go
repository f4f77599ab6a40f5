package soak

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/cloud"
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
	faulty     int // calls
	pushes     int
	races      int
	kills      map[string]int // by crash point, such as "after PublishMessage"
	faults     map[string]int
	outcomes   []outcome
	deliveries []delivery
	changes    []change
	deleted    map[string]time.Time // connections, by a time before which they existed
	messages   map[string]int       // follow-ups that the queue took, by event
	fedFor     map[string]string    // events, by the body of the message that was fed
	seen       map[string]int       // deliveries, by message
	again      map[string]int       // deliveries of messages that had been delivered before, by event
	copies     []string             // events of which one batch held a follow-up twice
	postponed  []document           // outcomes that went to the queue because they could not be published
	stale      map[string]bool      // connections of which an answer was stale
	refused    map[string]int       // creates that were refused for certain, by connection
	seeded     []estate.Attachment

	// What the services say at the end.
	attachments []estate.Attachment
	creates     []estate.Create
	bindings    []estate.Binding
	left        mns.Stats
	lacking     []string // permissions that the function's role needed and did not have

	document local.Document
}

func newRecord(p *Plan) *record {
	fedFor := map[string]string{}
	for _, m := range p.messages {
		fedFor[m.body] = m.event
	}
	return &record{
		plan: p, fedFor: fedFor, chaos: &chaos{seed: p.options.Seed}, kills: map[string]int{}, faults: map[string]int{},
		deleted: map[string]time.Time{}, messages: map[string]int{}, stale: map[string]bool{},
		refused: map[string]int{}, seen: map[string]int{}, again: map[string]int{},
	}
}

// delivery is one invocation and the messages that it was given.
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
	received := outcome{received: time.Now()}
	_ = json.Unmarshal([]byte(body), &received.document) // what is not an outcome has no id and is found by that
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes = append(r.outcomes, received)
}

// attachment notes a change with the estate's own time of it: OnChange may be called later. Only a deletion has no
// other time.
func (r *record) attachment(a estate.Attachment) {
	at := time.Now()
	switch a.Status {
	case estate.StatusAttaching:
		at = a.Created
	case estate.StatusAttached:
		at = a.Attached
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes = append(r.changes, change{at, a})
}

// exchange takes a call and its answer.
func (r *record) exchange(x fault.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	arrived := true
	if x.Fault != nil {
		arrived = x.Fault.Drop != fault.Before && x.Fault.Kill != fault.Before
		r.faulty++
		r.injected(*x.Fault, x.URL)
	}
	if asked, err := url.Parse(x.URL); err == nil && x.Action == cloud.ActionCreate && x.Status/100 == 4 {
		r.refused[asked.Query().Get("VpnId")]++
	}
	if strings.Contains(x.URL, "/queues/"+r.cloud.EventQueue+"/") && x.Action == "BatchSendMessage" &&
		x.Status < 300 && arrived {
		r.sent(x.Body)
	}
}

// output takes what the function writes: the race detector's warnings.
func (r *record) output(_, _, line string) {
	if strings.HasPrefix(line, "WARNING: ") {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.races++
	}
}

// injected counts a fault. r.mu is held.
func (r *record) injected(f fault.Fault, call string) {
	if asked, err := url.Parse(call); err == nil && f.StaleDescribe > 0 {
		r.stale[asked.Query().Get("VpnConnectionId")] = true
	}
	if f.Kill != "" {
		r.kills[f.Kill+" "+f.Action]++
		return
	}
	r.faults[label(f)]++
}

// ownMessage is a message that the function queued for itself.
type ownMessage struct {
	Type string
	Data struct {
		document
		Event struct{ ID string }
	}
}

// event is the id of the event that the message is about; "" is none.
func (m ownMessage) event() string {
	switch m.Type {
	case "vpn-attach.report.v1":
		return m.Data.Data.Event.ID
	case "vpn-attach.retry.v1", "vpn-attach.confirm.v1", "vpn-attach.health.v1":
		return m.Data.Event.ID
	}
	return ""
}

// sent counts the follow-ups of a batch by their events. r.mu is held.
func (r *record) sent(body []byte) {
	var batch struct {
		Messages []struct{ MessageBody string } `xml:"Message"`
	}
	if xml.Unmarshal(body, &batch) != nil {
		return
	}
	seen := map[string]bool{}
	for _, m := range batch.Messages {
		var own ownMessage
		_ = json.Unmarshal([]byte(m.MessageBody), &own) // the function's own messages always decode
		event := own.event()
		if event == "" {
			continue
		}
		if r.messages[event]++; own.Type == "vpn-attach.report.v1" {
			r.postponed = append(r.postponed, own.Data.document)
			continue
		}
		if seen[own.Type+event] {
			r.copies = append(r.copies, event)
		}
		seen[own.Type+event] = true
	}
}

// delivered notes an invocation, and for which events it had messages: that a message comes again makes copies of what
// follows from it. r.mu is held.
func (r *record) delivered(payload []byte, began, ended time.Time) {
	var elements []struct {
		ID   string
		Data struct{ MessageBody string }
	}
	_ = json.Unmarshal(payload, &elements) // the trigger's arrays always decode
	d := delivery{began: began, ended: ended}
	for _, e := range elements {
		d.messages = append(d.messages, e.ID)
		if r.seen[e.ID]++; r.seen[e.ID] == 1 {
			continue
		}
		var own ownMessage
		_ = json.Unmarshal([]byte(e.Data.MessageBody), &own) // one that is not the function's was fed
		r.again[cmp.Or(own.event(), r.fedFor[e.Data.MessageBody])]++
	}
	r.deliveries = append(r.deliveries, d)
}
