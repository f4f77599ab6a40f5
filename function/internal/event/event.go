// Package event turns the bytes that a function is invoked with into events about IPsec-VPN connections. It faces
// hostile input: anyone who may write to the queue decides what these bytes are.
//
// It knows the shapes of the wire and nothing of the product: which regions, accounts and transit routers are
// acceptable is decided later. It guarantees that any input gives an answer, that a bad element does not affect its
// neighbours, that a connection id it hands on has the form of one, and that what it says of a bad element repeats none
// of the element's own bytes.
package event

import (
	"encoding/json"
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
	// ID identifies the event across redeliveries: ActionTrail's eventId, else the id of the
	// innermost CloudEvent, else the queue's message id, else one made for the invocation.
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
	// Wishes of a direct request, by the name of the tag that each stands for, without
	// the prefix ("transit-router", "name", …). They win over the tag.
	Wishes map[string]string `json:"wishes,omitempty"`
	DryRun bool              `json:"dryRun,omitempty"`
	Detach bool              `json:"detach,omitempty"` // detach the connection instead of attaching it
	Force  bool              `json:"force,omitempty"`  // detach it although its tags do not say so
}

// Progress is how far the event has come. Only messages that this function queued for
// itself have any. It is as the message says: whoever uses it has to bound it.
type Progress struct {
	Attempt   int       `json:"attempt,omitempty"`
	Swept     bool      `json:"swept,omitempty"` // a sweep asked for it, and the next one will ask again
	FirstSeen time.Time `json:"firstSeen,omitzero"`
	Until     time.Time `json:"until,omitzero"` // when it is given up
	Failing   Failing   `json:"failing,omitzero"`
	Watch     *Watch    `json:"following,omitempty"` // nil while there is no attachment to watch
	// Unknown holds fields of the message that this version does not know. They are kept
	// when the event is queued again, so that two versions can share a queue.
	Unknown map[string]json.RawMessage `json:"-"`
}

// Failing is the transient error that the event keeps meeting, and since when.
type Failing struct {
	Code  string    `json:"code"`
	Since time.Time `json:"since"`
}

// Watch is what is known so far of an attachment that is pending.
type Watch struct {
	AttachmentID string    `json:"transitRouterAttachmentId,omitempty"`
	RouterID     string    `json:"transitRouterId,omitempty"` // only while it is being detached
	Since        time.Time `json:"since"`
	AbsentSince  time.Time `json:"absentSince,omitzero"` // of the first look that did not find it
	Looks        int       `json:"looks"`
	Slow         bool      `json:"slow,omitempty"`  // it has been reported as slow
	Stood        bool      `json:"stood,omitempty"` // it was Attached before; its route tables are pending
}

// Afresh is the event without its progress.
func (e Event) Afresh() Event {
	e.Progress = Progress{}
	return e
}

// Looks is how often the event's attachment has been looked at.
func (e Event) Looks() int {
	if e.Watch == nil {
		return 0
	}
	return e.Watch.Looks
}

// Batch is a decoded payload.
type Batch struct {
	Items []Item
	// Direct is true if the caller asked for connections by name and waits for the
	// answer, false if a trigger delivered what happened.
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
	ID    string // sha256 of its bytes, in hex
	Type  string
	Body  []byte    // the message without the envelopes around it
	Until time.Time // when it is given up, as it says
	Time  time.Time // when it was queued, as it says
}

// Surplus is an element beyond what one invocation takes. It is requeued.
type Surplus struct{ Body []byte }

// Ignored is an element about no connection that could be attached.
type Ignored struct{ Reason string }

// Malformed is an element that was not understood. It never repeats the element, which may hold pre-shared keys.
type Malformed struct {
	ID     string // sha256 of the element's bytes, in hex
	Field  string // where it is wrong, by a name of this package
	Reason string
	Code   string // CodeMalformed or CodeOversize
}

// The codes of Malformed, as outcomes carry them.
const (
	CodeMalformed = "Malformed"
	CodeOversize  = "Oversize"
)

func (Event) item()        {}
func (Sweep) item()        {}
func (Unpublished) item()  {}
func (OtherVersion) item() {}
func (Surplus) item()      {}
func (Ignored) item()      {}
func (Malformed) item()    {}
