package local

import (
	"cmp"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
)

// Told is an outcome as the page shows it.
type Told struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	Subject string    `json:"subject"`
	Status  string    `json:"status"`
	Code    string    `json:"code"` // of the error, or the reason
	Class   string    `json:"class"`
	Message string    `json:"message"`
	Advice  string    `json:"advice"`
	Router  string    `json:"router"`
	RetryAt time.Time `json:"retryAt,omitzero"`
	DryRun  bool      `json:"dryRun"`
	Notes   []string  `json:"notes,omitempty"`
}

// maxTold is how many outcomes are kept of a connection: the last ones.
const maxTold = 20

// book has the outcomes by connection. It reads those that are new when it is opened.
type book struct {
	mu    sync.Mutex
	read  int // how many outcomes are in it
	pages map[string][]Told
}

// open gives the outcomes of every connection, the latest first.
func (b *book) open(outcomes []string) map[string][]Told {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pages == nil {
		b.pages = map[string][]Told{}
	}
	for _, body := range outcomes[min(b.read, len(outcomes)):] {
		told := toldBy(body)
		page := append([]Told{told}, b.pages[told.Subject]...)
		b.pages[told.Subject] = page[:min(len(page), maxTold)]
	}
	b.read = max(b.read, len(outcomes))
	pages := make(map[string][]Told, len(b.pages))
	for id, page := range b.pages {
		pages[id] = slices.Clone(page)
	}
	return pages
}

// toldBy reads an outcome. What is none is told as unreadable.
func toldBy(body string) Told {
	var o decide.Outcome
	if json.Unmarshal([]byte(body), &o) != nil {
		return Told{Status: "unreadable"}
	}
	if o.Type == event.TypeHealth {
		return toldOfHealth(body)
	}
	told := Told{
		ID: o.ID, Time: o.Time, Subject: o.Subject, Status: string(o.Data.Status), Code: o.Data.Reason,
		Router: o.Data.RouterID, DryRun: o.Data.DryRun, Notes: o.Data.Notes,
	}
	if o.Data.RetryAt != nil {
		told.RetryAt = *o.Data.RetryAt
	}
	if fault := o.Data.Error; fault != nil {
		told.Code, told.Class, told.Message, told.Advice = fault.Code, string(fault.Class), fault.Message, fault.Advice
	}
	return told
}

// toldOfHealth reads a document about the health of a connection; its status is the state.
func toldOfHealth(body string) Told {
	var o decide.HealthOutcome
	if json.Unmarshal([]byte(body), &o) != nil {
		return Told{Status: "unreadable"}
	}
	return Told{
		ID: o.ID, Time: o.Time, Subject: o.Subject, Status: string(o.Data.State), Code: o.Data.Reason,
		Message: o.Data.Cause, Advice: o.Data.Advice, Router: o.Data.RouterID,
	}
}

// The conditions of a connection. What the function says of it comes before what there is, so that an attachment to
// another transit router does not look like a success.
const (
	ConditionAttached  = "attached"
	ConditionDegraded  = string(decide.HealthDegraded)
	ConditionDown      = string(decide.HealthDown)
	ConditionAttaching = "attaching"
	ConditionDetaching = "detaching"
	ConditionDetached  = "detached"
	ConditionRetrying  = "retrying"
	ConditionFailed    = "failed"
	ConditionConflict  = "conflict"
	ConditionOptedOut  = "opted out"
	ConditionNoTag     = "no tag"
	ConditionSkipped   = "skipped"
	ConditionWaiting   = "no event yet"
)

// condition says how a connection stands, from its attachment's status, its outcomes (the latest first) and its tag.
func condition(attachment string, outcomes []Told, tag string) string {
	latest := latestOf(outcomes)
	switch decide.Status(latest.Status) {
	case decide.StatusRetrying:
		return ConditionRetrying
	case decide.StatusFailed:
		return ConditionFailed
	case decide.StatusConflict:
		return ConditionConflict
	}
	isDark := latest.Status == ConditionDown || latest.Status == ConditionDegraded
	switch {
	case attachment == estate.StatusAttached && isDark:
		return latest.Status
	case attachment == estate.StatusAttached:
		return ConditionAttached
	case attachment == estate.StatusAttaching:
		return ConditionAttaching
	case attachment == estate.StatusDetaching:
		return ConditionDetaching
	case slices.Contains([]string{"attached", "unchanged", "detached", "up", "degraded", "down"}, latest.Status):
		return ConditionDetached // by the function, or by somebody else since
	case latest.Status == string(decide.StatusSkipped):
		return cmp.Or(map[string]string{"OptedOut": ConditionOptedOut, "NoTarget": ConditionNoTag}[latest.Code],
			ConditionSkipped)
	case tag == "none":
		return ConditionOptedOut
	case tag == "":
		return ConditionNoTag
	}
	return ConditionWaiting
}

// isElsewhere reports whether a tag names a transit router, by its id, its CEN or its label, and the connection is
// attached to another one. A tag that names none, or several, says nothing.
func isElsewhere(routers []estate.TransitRouter, prefix, tag, attached string) bool {
	var named []string
	for _, r := range routers {
		if tag != "" && slices.Contains([]string{r.ID, r.CEN, r.Tags[prefix+"label"]}, tag) {
			named = append(named, r.ID)
		}
	}
	return len(named) == 1 && named[0] != attached
}

// latestOf is the latest outcome that is no dry run's, which changes nothing; none is zero.
func latestOf(outcomes []Told) Told {
	for _, told := range outcomes {
		if !told.DryRun {
			return told
		}
	}
	return Told{}
}
