// Package event turns the bytes that a function is invoked with into events about IPsec-VPN connections. It faces
// hostile input: anyone who may write to the queue decides what these bytes are.
//
// It knows the shapes of the wire and nothing of the product: which regions, accounts and transit routers are
// acceptable is decided later. It guarantees that any input gives an answer, that a bad element does not affect its
// neighbours, that a connection id it hands on has the form of one, that what it says of a bad element repeats no value
// of it, and that nobody but the function itself speaks in the function's name.
package event

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Event says that something happened to one IPsec-VPN connection, or that somebody
// asks for it to be attached or detached. Its JSON is the data of a follow-up.
type Event struct {
	Origin `json:"event"`
	Ask
	Progress
}

// Origin is who says so. It stays the same however often the event is retried.
type Origin struct {
	// ID identifies the event across redeliveries: ActionTrail's eventId, else the id of the CloudEvent in the
	// message, else the queue's message id, else the id of the envelope around it, else one made for the invocation.
	ID     string    `json:"id"`
	Source string    `json:"source,omitempty"`
	Type   string    `json:"type,omitempty"`
	Time   time.Time `json:"time,omitzero"` // by the producer's clock; zero if it does not say
	Actor  string    `json:"actor,omitempty"`
}

// Ask is what is asked, for which connection.
type Ask struct {
	ConnectionID string `json:"vpnConnectionId"`    // vco-…, always of that form
	RegionID     string `json:"regionId,omitempty"` // as the event says; "" if it does not
	OwnerID      string `json:"ownerId,omitempty"`  // account of the connection; "" if it does not say
	// OwnerAssumed is true if an event of the cloud does not say whose the connection is.
	OwnerAssumed bool `json:"ownerAssumed,omitempty"`
	// Wishes of a direct request, by the name of the tag that each stands for, without
	// the prefix ("transit-router", "name", …). They win over the tag.
	Wishes map[string]string `json:"wishes,omitempty"`
	DryRun bool              `json:"dryRun,omitempty"`
	Detach bool              `json:"detach,omitempty"` // detach the connection instead of attaching it
	Force  bool              `json:"force,omitempty"`  // detach it although its tags do not say so
}

// Progress is how far the event has come. Only messages that this function signed have any.
type Progress struct {
	Attempt   int       `json:"attempt,omitempty"`
	Swept     bool      `json:"swept,omitempty"` // a sweep asked for it, and the next one will ask again
	FirstSeen time.Time `json:"firstSeen,omitzero"`
	Until     time.Time `json:"until,omitzero"` // when it is given up
	Failing   Failing   `json:"failing,omitzero"`
	// UnsureSince is when a call that creates or deletes an attachment had no answer. It may have
	// had its effect, until a reading shows the attachment; zero when nothing is unsure.
	UnsureSince time.Time `json:"unsureSince,omitzero"`
	Made        Made      `json:"made,omitzero"`
	// Tags are those that the event says were put on the connection, which may not show them yet.
	Tags     map[string]string `json:"tags,omitempty"`
	Watch    *Watch            `json:"following,omitempty"` // nil while there is no attachment to watch
	Health   *Health           `json:"health,omitempty"`    // nil while it is not attached
	Refusals int               `json:"refusals,omitempty"`  // client tokens of its request that are spent
	// Unseen is the attachment that the service named at first, and that no reading ever showed.
	Unseen string `json:"unseen,omitempty"`
	// Unknown holds fields of the message that this version does not know. They are kept
	// when the event is queued again, so that two versions can share a queue.
	Unknown map[string]json.RawMessage `json:"-"`
}

// Failing is the transient error that the event keeps meeting, and since when.
type Failing struct {
	Code  string    `json:"code"`
	Since time.Time `json:"since"`
}

// Made says which instance of the function made a message, and when: so instances learn how many are at work.
type Made struct {
	Instance string    `json:"instance"`
	At       time.Time `json:"at"`
}

// Watch is what is known so far of an attachment that is pending.
type Watch struct {
	AttachmentID string    `json:"transitRouterAttachmentId,omitempty"`
	RouterID     string    `json:"transitRouterId,omitempty"`
	Seen         string    `json:"seen,omitempty"` // its status in the last reading that showed it; "" if none did
	Since        time.Time `json:"since"`
	AbsentSince  time.Time `json:"absentSince,omitzero"` // of the first look that did not find it
	Looks        int       `json:"looks"`
	Slow         bool      `json:"slow,omitempty"`  // it has been reported as slow
	Stood        bool      `json:"stood,omitempty"` // it was Attached before; its route tables are pending
}

// again is an event whose dead letter was moved back: without its progress, under its next id, "<id>#<n>". So
// subscribers do not take its second ending for a duplicate of the first.
func (e Event) again() Event {
	id, count, _ := strings.Cut(e.ID, "#")
	n, err := strconv.Atoi(count)
	if count != "" && err != nil { // the "#" is the producer's
		id = e.ID
	}
	next := fmt.Sprintf("%s#%d", id, n+1)
	if len(next) > maxText {
		next = digest([]byte(e.ID)) + "#1"
	}
	e.ID, e.Progress = next, Progress{}
	return e
}

// Looks is how often the event's attachment has been looked at, or the health of its connection since it stands.
func (e Event) Looks() int {
	switch {
	case e.Health != nil:
		return e.Health.Looks
	case e.Watch != nil:
		return e.Watch.Looks
	}
	return 0
}

// Batch is a decoded payload.
type Batch struct {
	Items []Item
	// Direct is true if somebody invoked the function and waits for the answer, false if
	// a trigger delivered what happened.
	Direct bool
}

// Item is what one element of a payload came to: an Event or one of the types below.
type Item interface{ item() }

// Unpublished is an outcome that could not be published yet. It is published unchanged.
type Unpublished struct {
	ID      string    // of the outcome
	Status  string    // of the outcome; also its message tag
	Time    time.Time // of the outcome
	Attempt int       // how often publishing failed, as the message says
	Body    []byte    // the outcome
}

// OtherVersion is a message that another version of this function queued, as happens
// after a rollback. It is not understood and must not be lost.
type OtherVersion struct {
	ID        string // sha256 of its bytes, in hex
	Type      string
	Body      []byte    // the message without the envelopes around it
	Until     time.Time // when it is given up, as it says; zero if it does not say
	Rounds    int       // how often it was put back
	FirstSeen time.Time // by this function; zero the first time
}

// MaxRounds is how often a message of another version is put back at most.
const MaxRounds = 20

// Expired reports whether a message of another version was put back for long enough: as often as is allowed, past its
// own bound, or past the horizon since it was first seen.
func (o OtherVersion) Expired(now time.Time, horizon time.Duration) bool {
	return o.Rounds >= MaxRounds || !o.Until.IsZero() && now.After(o.Until) ||
		!o.FirstSeen.IsZero() && now.After(o.FirstSeen.Add(horizon))
}

// Surplus is an element beyond what one invocation takes. It is requeued.
type Surplus struct{ Body []byte }

// Ignored is an element about no connection that could be attached.
type Ignored struct{ Reason string }

// Malformed is an element that was not understood, or not allowed. It repeats no value of the element, which may hold
// pre-shared keys, but the name of a field that a request must not have and the connection that a request is for.
// Its Letter is for the dead-letter queue alone.
type Malformed struct {
	ID           string // sha256 of the element's bytes, in hex
	Field        string // where it is wrong
	Reason       string
	Code         string  // CodeMalformed, CodeOversize or CodeUnsigned
	ConnectionID string  // vco-…, of a request; "" if it is not known
	Letter       *Letter // what may be kept of it; nil for a direct caller, who has the answer
}

// Letter is what may be kept of a message that was not understood, for a person to send again.
type Letter struct {
	Message []byte // as it came; nil if it may hold a key, or no queue takes it
	Size    int    // of the message, in bytes; of all that came where the message cannot be told
}

// The codes of Malformed, as outcomes carry them.
const (
	CodeMalformed = "Malformed"
	CodeOversize  = "Oversize"
	CodeUnsigned  = "Unsigned" // it says that it is of this function, and is not
)

func (Event) item()        {}
func (Sweep) item()        {}
func (Unpublished) item()  {}
func (OtherVersion) item() {}
func (Surplus) item()      {}
func (Ignored) item()      {}
func (Malformed) item()    {}
