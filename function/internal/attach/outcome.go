package attach

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vpn-attach/function/internal/event"
)

// Status is how far the work for one event came. Subscribers filter by it: it is
// the message tag of the outcome.
type Status string

// The statuses, as outcomes carry them. All but the first three are final for the event.
const (
	StatusAttaching Status = "attaching" // accepted, or found on its way: followed from here
	StatusDetaching Status = "detaching" // letting go was accepted, or found under way: followed from here
	StatusRetrying  Status = "retrying"  // a passing failure: tried again at RetryAt
	StatusAttached  Status = "attached"  // stands because of this event
	StatusDetached  Status = "detached"  // let go of, and gone
	StatusUnchanged Status = "unchanged" // stood before this event
	StatusChecked   Status = "checked"   // a dry run passed
	StatusSkipped   Status = "skipped"   // nothing to do, Reason says why
	StatusConflict  Status = "conflict"  // bound elsewhere; never moved
	StatusFailed    Status = "failed"    // Error says why and what to do
)

// Outcome is the CloudEvents 1.0 document that says what became of one event.
type Outcome struct {
	SpecVersion     string      `json:"specversion"`
	ID              string      `json:"id"` // the same whenever the same is said again
	Source          string      `json:"source"`
	Type            string      `json:"type"`
	Subject         string      `json:"subject,omitempty"` // the connection; absent when none is known
	Time            time.Time   `json:"time"`
	DataContentType string      `json:"datacontenttype"`
	Data            OutcomeData `json:"data"`
}

// OutcomeData is the body of an outcome.
type OutcomeData struct {
	Status           Status       `json:"status"`
	Final            bool         `json:"final"`
	ConnectionID     string       `json:"vpnConnectionId,omitempty"`
	RegionID         string       `json:"regionId,omitempty"`
	OwnerID          string       `json:"ownerId,omitempty"`
	RouterID         string       `json:"transitRouterId,omitempty"`
	CenID            string       `json:"cenId,omitempty"`
	AttachmentID     string       `json:"transitRouterAttachmentId,omitempty"`
	AttachmentStatus string       `json:"attachmentStatus,omitempty"`
	Rule             string       `json:"rule,omitempty"` // why this router
	Tables           *TablesBrief `json:"routeTables,omitempty"`
	Reason           string       `json:"reason,omitempty"` // a code, for skipped; what is waited for, for attaching
	Error            *Fault       `json:"error,omitempty"`
	Event            EventBrief   `json:"event"`
	RetryAt          *time.Time   `json:"retryAt,omitempty"` // for retrying
	DryRun           bool         `json:"dryRun"`
	DurationMs       int64        `json:"durationMs"`
	LagSeconds       int64        `json:"lagSeconds"` // from the event's time to now; 0 when it has none
}

// EventBrief is what an outcome repeats of the event.
type EventBrief struct {
	ID        string     `json:"id"`
	Source    string     `json:"source,omitempty"`
	Type      string     `json:"type,omitempty"`
	Time      *time.Time `json:"time,omitempty"`
	Attempt   int        `json:"attempt"` // our own retries, never redeliveries
	FirstSeen time.Time  `json:"firstSeen"`
	Actor     string     `json:"actor,omitempty"`
}

// Fault is what an outcome says of a failure.
type Fault struct {
	Code       string `json:"code"`
	Class      Class  `json:"class"`
	Exhausted  bool   `json:"exhausted"` // a passing failure that outlived every try
	Message    string `json:"message"`
	Advice     string `json:"advice"`
	RequestID  string `json:"requestId,omitempty"`
	HTTPStatus int    `json:"httpStatus,omitempty"`
}

// maxMessage is how much of a service's or a tag's text an outcome repeats, in
// characters; with it an outcome stays far below the topic's 64 KB.
const maxMessage = 1024

// document makes the outcome of one event. Its id depends on nothing but what it says: the
// event, the connection, the status, of retrying also which retry, of attaching also what is
// waited for. So a redelivery repeats it.
func (inv Invocation) document(e event.Event, v Verdict, now time.Time, took time.Duration) Outcome {
	data := OutcomeData{
		Status: v.Status, Final: v.Status.final(),
		ConnectionID: e.ConnectionID, RegionID: e.RegionID, OwnerID: e.OwnerID,
		RouterID: v.Router.ID, CenID: v.Router.CenID,
		AttachmentID: v.Attachment.ID, AttachmentStatus: v.Attachment.Status,
		Rule: v.Rule, Tables: v.Tables, Reason: v.Reason, Error: v.Fault,
		Event:  EventBrief{ID: e.ID, Source: e.Source, Type: e.Type, Attempt: max(1, e.Attempt), FirstSeen: e.FirstSeen.UTC(), Actor: e.Actor},
		DryRun: e.DryRun, DurationMs: took.Milliseconds(),
	}
	if e.FirstSeen.IsZero() {
		data.Event.FirstSeen = inv.Started.UTC()
	}
	if !e.Time.IsZero() {
		data.Event.Time = &e.Time
		data.LagSeconds = max(0, int64(now.Sub(e.Time).Seconds()))
	}
	return Outcome{
		SpecVersion: "1.0", ID: digest(append([]string{e.ID, e.ConnectionID, string(v.Status)}, v.particular(e)...)...),
		Source: inv.source(),
		Type:   "vpn-attach.outcome.v1", Subject: e.ConnectionID, Time: now.UTC(),
		DataContentType: "application/json", Data: data,
	}
}

// source is this function, as it names itself in documents.
func (inv Invocation) source() string {
	return fmt.Sprintf("acs:fc:%s:%s:functions/%s", inv.RegionID, inv.AccountID, inv.FunctionName)
}

// final reports whether nothing more is to be expected of the event.
func (s Status) final() bool {
	return s != StatusAttaching && s != StatusDetaching && s != StatusRetrying
}

// particular tells apart what may be said more than once of one event with one status.
func (v Verdict) particular(e event.Event) []string {
	switch {
	case v.Status == StatusRetrying:
		return []string{strconv.Itoa(e.Attempt)}
	case !v.Status.final() && v.Reason != "":
		return []string{v.Reason}
	}
	return nil
}

// encode gives the document as it is published.
func (o Outcome) encode() ([]byte, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encoding the outcome of event %s: %w", o.Data.Event.ID, err)
	}
	return body, nil
}

// digest is sha256 over parts, in hex. The parts are kept apart by their lengths, so
// that ("a", "bc") and ("ab", "c") differ.
func digest(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&b, "%d:%s;", len(part), part)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}
