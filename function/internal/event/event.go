// Package event turns the bytes that a function is invoked with into events
// about IPsec-VPN connections. It is the hostile surface: anyone who may write to
// the queue decides what these bytes are.
//
// It knows wire shapes and nothing of the product: which regions, accounts and
// transit routers are acceptable is decided later. What it guarantees is that any
// input gives an answer, that one bad element does not touch its neighbours, that
// a connection id it hands on has the form of one, and that no text it makes up
// about a bad element repeats any of the element's own bytes.
package event

import (
	"encoding/json"
	"time"
)

// Event says that something happened to one IPsec-VPN connection, or that
// somebody asks for it to be attached.
type Event struct {
	// ID identifies the event across redeliveries: ActionTrail's eventId, else the
	// id of the innermost CloudEvent, else the queue's message id, else one made
	// from the request id of the invocation.
	ID     string
	Source string
	Type   string
	// Time is when it happened by the producer's clock; zero when it does not say.
	Time time.Time

	ConnectionID string // vco-…, always of that form
	RegionID     string // as the event has it; "" when it does not say
	OwnerID      string // account of the connection; "" when the event does not say
	Actor        string // who did it, printable

	// Wishes of a direct request, by the name of the tag that each stands for,
	// without its prefix ("transit-router", "name", …). They win over the tag.
	Wishes map[string]string
	DryRun bool
	Detach bool // it is to be let go of, instead of attached
	Force  bool // of Detach: though its tags do not say so

	// Of a follow-up that this function queued for itself; zero for anything else. They
	// are as the message says: whoever uses them has to bound them.
	Attempt   int
	FirstSeen time.Time
	Until     time.Time  // when it is given up
	Swept     bool       // a sweep asked for it, and the next one will again
	Failing   Failing    // what it goes round for
	Following *Following // set when it goes round for an attachment that is on its way
	// Unknown holds fields of the follow-up that this version does not know. They are
	// handed on when it is queued again, so that two versions can share a queue.
	Unknown map[string]json.RawMessage
}

// Afresh is the event without what has become of it so far.
func (e Event) Afresh() Event {
	e.Attempt, e.FirstSeen, e.Until, e.Failing, e.Following, e.Unknown = 0, time.Time{}, time.Time{}, Failing{}, nil, nil
	return e
}

// Failing is a passing failure, and since when it has been the last word.
type Failing struct {
	Code  string    `json:"code"`
	Since time.Time `json:"since"`
}

// Following says how far the following of an attachment has come.
type Following struct {
	AttachmentID string    `json:"transitRouterAttachmentId,omitempty"`
	RouterID     string    `json:"transitRouterId,omitempty"` // of one that is let go of
	Since        time.Time `json:"since"`
	AbsentSince  time.Time `json:"absentSince,omitzero"` // of the first reading that did not show it
	Looks        int       `json:"looks"`
	Slow         bool      `json:"slow,omitempty"`  // that it takes long has been said
	Stood        bool      `json:"stood,omitempty"` // it was Attached before the event; its route tables are followed
}

// Item is what one element of the input came to: exactly one of its fields is set.
type Item struct {
	Event     *Event
	Sweep     *Sweep     // every connection is to be looked at
	Report    *Report    // a finished outcome that is still to be published
	Newer     *Newer     // a message of our own, of a version that is not known here
	Surplus   []byte     // what is more than one invocation takes, to be queued back as it is
	Ignored   string     // why the element is about no connection that could be attached
	Malformed *Malformed // why the element could not be understood
}

// Report is an outcome that could not be published when it was made. It is published as
// it stands.
type Report struct {
	ID      string    // of the outcome
	Status  string    // its message tag
	Time    time.Time // of the outcome
	Attempt int       // how often it could not be published, by the message's own word
	Body    []byte
}

// Newer is a message that another version of this function queued: after a rollback,
// say. It is not understood and must not be lost.
type Newer struct {
	ID    string // sha256 of its bytes, in hex
	Type  string // printable
	Body  []byte // the message as it came, but for the envelopes around it
	Until time.Time
	Time  time.Time // when it was queued, by its own word
}

// Malformed describes an element that was not understood. Its text never repeats
// the element, which may hold pre-shared keys.
type Malformed struct {
	ID     string // sha256 of the element's bytes, in hex
	Field  string // where it went wrong, by the names that this package knows
	Reason string
	Code   string // Malformed or Oversize
}

// The codes of Malformed, as outcomes carry them.
const (
	CodeMalformed = "Malformed"
	CodeOversize  = "Oversize"
)

// Batch is a decoded input.
type Batch struct {
	Items []Item
	// Direct is true when the caller asked for connections by name and waits for
	// the answer, false when a trigger handed over what happened.
	Direct bool
}
