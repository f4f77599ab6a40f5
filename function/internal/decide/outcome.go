package decide

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"vpn-attach/function/internal/event"
)

// Status is how far the work for one event came. Subscribers filter by it: it is the message tag of the outcome.
type Status string

// The statuses, as outcomes carry them. All but the first three are final for the event.
const (
	StatusAttaching Status = "attaching" // accepted, or found Attaching: watched from here
	StatusDetaching Status = "detaching" // detaching was accepted, or found: watched from here
	StatusRetrying  Status = "retrying"  // a transient error: tried again at RetryAt
	StatusAttached  Status = "attached"  // stands because of this event
	StatusDetached  Status = "detached"  // detached, and gone
	StatusUnchanged Status = "unchanged" // stood before this event
	StatusChecked   Status = "checked"   // a dry run passed
	StatusSkipped   Status = "skipped"   // nothing to do, Reason says why
	StatusConflict  Status = "conflict"  // bound elsewhere; never moved
	StatusFailed    Status = "failed"    // Error says why and what to do
	StatusSwept     Status = "swept"     // of a sweep, which is no event of a connection
)

// Final reports whether nothing more is to be expected of the event.
func (s Status) Final() bool {
	return s != StatusAttaching && s != StatusDetaching && s != StatusRetrying
}

// CloudEvent is the CloudEvents 1.0 envelope of what is published.
type CloudEvent struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"` // the same whenever the same is said again
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Subject         string    `json:"subject,omitempty"` // the connection; absent when none is known
	Time            time.Time `json:"time"`
	DataContentType string    `json:"datacontenttype"`
}

// Outcome is the document that says what became of one event.
type Outcome struct {
	CloudEvent
	Data OutcomeData `json:"data"`
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
	Reason           string       `json:"reason,omitempty"` // for skipped a code, for attaching what is waited for
	Notes            []string     `json:"notes,omitempty"`  // sentences about what else was found
	Error            *Fault       `json:"error,omitempty"`
	Event            EventBrief   `json:"event"`
	RetryAt          *time.Time   `json:"retryAt,omitempty"` // for retrying
	DryRun           bool         `json:"dryRun"`
	DurationMs       int64        `json:"durationMs"`
	LagSeconds       int64        `json:"lagSeconds"` // from the event's time to now; 0 when it has none
	Version          string       `json:"version,omitempty"`
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

// Outcome makes the document of one event. Its id depends on nothing but what it says: the event, what it asks for
// which connection, the status, for retrying also which retry, for attaching also what is waited for. So a redelivery
// repeats it, and another event that takes the id of this one has other outcomes.
func (f Function) Outcome(e event.Event, n Next, now time.Time, took time.Duration) Outcome {
	data := OutcomeData{
		Status: n.Status, Final: n.Status.Final(),
		ConnectionID: e.ConnectionID, RegionID: e.RegionID, OwnerID: e.OwnerID,
		RouterID: n.Router.ID, CenID: n.Router.CenID,
		AttachmentID: n.Attachment.ID, AttachmentStatus: n.Attachment.Status,
		Rule: n.Rule, Tables: n.Tables, Reason: n.Reason, Notes: n.Notes, Error: n.Fault,
		RetryAt: n.RetryAt, DryRun: e.DryRun, DurationMs: took.Milliseconds(), LagSeconds: LagSeconds(e, now),
		Version: f.Version, Event: briefOf(e),
	}
	says := []string{e.ID, e.Source, e.Type, fmt.Sprintf("%+v", e.Ask), string(n.Status)}
	id := Digest(append(says, n.particular(e)...)...)
	return Outcome{f.envelope(id, "vpn-attach.outcome.v1", e.ConnectionID, now), data}
}

// briefOf is what a document repeats of an event.
func briefOf(e event.Event) EventBrief {
	brief := EventBrief{
		ID: e.ID, Source: e.Source, Type: e.Type, Attempt: max(1, e.Attempt), FirstSeen: e.FirstSeen.UTC(),
		Actor: e.Actor,
	}
	if !e.Time.IsZero() {
		brief.Time = &e.Time
	}
	return brief
}

func (f Function) envelope(id, kind, subject string, now time.Time) CloudEvent {
	return CloudEvent{SpecVersion: "1.0", ID: id, Source: f.Source(), Type: kind, Subject: subject, Time: now.UTC(),
		DataContentType: "application/json"}
}

// LagSeconds is the time from the event to now; 0 when the event has no time.
func LagSeconds(e event.Event, now time.Time) int64 {
	if e.Time.IsZero() {
		return 0
	}
	return max(0, int64(now.Sub(e.Time).Seconds()))
}

// particular tells apart what may be said more than once of one event with one status.
func (v Verdict) particular(e event.Event) []string {
	switch {
	case v.Status == StatusRetrying:
		return []string{strconv.Itoa(e.Attempt)}
	case !v.Status.Final() && v.Reason != "":
		return []string{v.Reason}
	}
	return nil
}

func encode(document any, of, id string) ([]byte, error) {
	body, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("encoding the outcome of %s %s: %w", of, id, err)
	}
	return body, nil
}
