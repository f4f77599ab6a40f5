package soak

import (
	"strings"
	"time"
)

// document is an outcome as a subscriber reads it: by the names of its fields alone.
type document struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	Data struct {
		Status       string `json:"status"`
		State        string `json:"state"` // of a document about health
		Final        bool   `json:"final"`
		ConnectionID string `json:"vpnConnectionId"`
		RouterID     string `json:"transitRouterId"`
		AttachmentID string `json:"transitRouterAttachmentId"`
		Reason       string `json:"reason"`
		DurationMs   int64  `json:"durationMs"`
		Tables       *struct {
			Associated string   `json:"associated"`
			Propagated []string `json:"propagated"`
		} `json:"routeTables"`
		Error *struct {
			Code      string `json:"code"`
			Class     string `json:"class"`
			Exhausted bool   `json:"exhausted"`
		} `json:"error"`
		Event struct {
			ID      string `json:"id"`
			Attempt int    `json:"attempt"`
		} `json:"event"`
	} `json:"data"`
}

// outcome is a document with the time at which the subscriber received it.
type outcome struct {
	document
	received time.Time
}

// ending is the status and the code of an outcome, or that its retries were exhausted.
func (o outcome) ending() string {
	d := o.Data
	switch {
	case d.Error != nil && d.Error.Exhausted:
		return "exhausted"
	case d.Error != nil:
		return d.Status + " " + d.Error.Code
	}
	return strings.TrimSpace(d.Status + " " + d.Reason)
}

// isDone tells whether an outcome says that the connection is attached.
func (o outcome) isDone() bool { return o.Data.Status == "attached" || o.Data.Status == "unchanged" }

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
