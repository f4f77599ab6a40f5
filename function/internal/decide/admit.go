package decide

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/event"
)

// What a message may say of its own history: no queue keeps one longer, and nobody retries as often.
const (
	MaxAttempt = 1000
	maxAge     = 7 * 24 * time.Hour
)

// Admit fills in what the event leaves to the function, bounds what a message says of its
// own history, and refuses regions and accounts that are not served (an *End), before any
// call is made. The event that it returns is fit for an outcome in any case.
func (r Rules) Admit(e event.Event, f Function, now time.Time) (event.Event, error) {
	e.RegionID = cmp.Or(e.RegionID, f.RegionID)
	e.OwnerID = cmp.Or(e.OwnerID, f.AccountID)
	e.DryRun = e.DryRun || r.DryRun
	e.Tags = r.read(e.Tags)
	e.Attempt = min(max(e.Attempt, 1), MaxAttempt)
	if e.FirstSeen.After(now) || now.Sub(e.FirstSeen) > maxAge {
		e.FirstSeen = now
	}
	if e.UnsureSince.After(now) {
		e.UnsureSince = now
	}
	if w := e.Watch; w != nil && (w.Since.After(now) || now.Sub(w.Since) > maxAge) {
		e.Watch = &event.Watch{AttachmentID: w.AttachmentID, RouterID: w.RouterID, Seen: w.Seen, Since: now}
	}
	if !slices.Contains(r.ServedRegions(f), e.RegionID) {
		if !looksLikeRegion(e.RegionID) {
			e.RegionID = "" // it could be anything, and would be repeated
		}
		return e, Fail(CodeNotAllowed, "the event's region is not one that this function serves")
	}
	if !slices.Contains(r.ServedAccounts(f), e.OwnerID) {
		return e, Fail(CodeNotAllowed, "the connection's account is not one that this function serves").
			advise("If it should be served, add the account to ALLOWED_ACCOUNTS.")
	}
	return e, nil
}

// looksLikeRegion: two letters, a hyphen, then lower-case letters, digits and hyphens.
func looksLikeRegion(s string) bool {
	return len(s) > 3 && len(s) <= 32 && s[2] == '-' &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
