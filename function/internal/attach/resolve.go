package attach

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/event"
)

// Rules are the operator's part of the decision.
type Rules struct {
	TagPrefix       string   // of every tag that is read or written
	MatchTags       []string // keys whose values a connection and its transit router share
	DefaultRouter   string   // tr-… or cen-…; its own consent, since the operator set it
	RequireConsent  bool
	AutoPublish     bool
	DryRun          bool
	Regions         []string // served; empty means the function's own
	OwnerRole       string   // of other accounts, by which their connections are read: an ARN with ${account} in it
	OwnerExternalID string
	Accounts        []string // whose connections are served; empty means the function's own
}

// target says which transit router a connection belongs to, before any has been
// looked up: what to ask for, and how to know the right one among the answers.
type target struct {
	filter  RouterFilter
	rule    string // in words, for people
	trusted bool   // set by the operator, so that the router's consent is not needed
}

// The tags, by their names without the prefix.
const (
	tagRouter      = "transit-router"
	tagLabel       = "label"
	tagAccept      = "accept"
	tagName        = "name"
	tagDescription = "description"
	tagAutoPublish = "auto-publish"
	tagZone        = "zone"
	tagConnection  = "vpn-connection"
	tagEvent       = "event"
	optOut         = "none"
)

// wish gives the value of a tag: the request's, which wins, or the connection's.
func (r Rules) wish(e event.Event, c Connection, tag string) (value, origin string) {
	if value, found := e.Wishes[tag]; found {
		return strings.TrimSpace(value), "request " + tag
	}
	return strings.TrimSpace(c.Tags[r.TagPrefix+tag]), "tag " + r.TagPrefix + tag
}

// target decides which transit router is meant, from tags alone. The end is set
// when there is none to look for.
func (r Rules) target(e event.Event, c Connection) (target, *Verdict) {
	if strings.TrimSpace(c.Tags[r.TagPrefix+tagRouter]) == optOut {
		return target{}, skipped(CodeOptedOut, fmt.Sprintf("tag %s%s=%s", r.TagPrefix, tagRouter, optOut))
	}
	value, origin := r.wish(e, c, tagRouter)
	rule := origin + "=" + tagText(value)
	filter := RouterFilter{RegionID: c.RegionID}
	switch {
	case value == optOut:
		return target{}, skipped(CodeOptedOut, rule)
	case strings.HasPrefix(value, "tr-"):
		filter.RouterID = value
		return target{filter: filter, rule: rule}, nil
	case strings.HasPrefix(value, "cen-"):
		filter.CenID = value
		return target{filter: filter, rule: rule}, nil
	case value != "":
		filter.Tags = map[string]string{r.TagPrefix + tagLabel: value}
		return target{filter: filter, rule: rule}, nil
	}
	return r.fallback(c, filter)
}

// fallback serves connections without a tag: shared tags, else the default.
func (r Rules) fallback(c Connection, filter RouterFilter) (target, *Verdict) {
	shared := map[string]string{}
	for _, key := range r.MatchTags {
		if c.Tags[key] != "" {
			shared[key] = c.Tags[key]
		}
	}
	switch {
	case len(r.MatchTags) > 0 && len(shared) == len(r.MatchTags):
		filter.Tags = shared
		return target{filter: filter, rule: "matching tags " + pairs(shared)}, nil
	case strings.HasPrefix(r.DefaultRouter, "cen-"):
		filter.CenID = r.DefaultRouter
	case r.DefaultRouter != "":
		filter.RouterID = r.DefaultRouter
	default:
		return target{}, skipped(CodeNoTarget, "")
	}
	return target{filter: filter, rule: "default " + r.DefaultRouter, trusted: true}, nil
}

// choose finds the one transit router that is meant among those that the service
// listed. It relies on nothing that the service should have filtered.
func (r Rules) choose(t target, listed []Router, c Connection) (Router, *Verdict) {
	var matching []Router
	for _, router := range listed {
		if matches(t.filter, router) {
			matching = append(matching, router)
		}
	}
	switch {
	case len(matching) == 0:
		return Router{}, failed(t.rule, Fault{Code: CodeTargetNotFound, Advice: t.remedy(), Message: fmt.Sprintf("no transit router in region %s for %s", c.RegionID, t.rule)})
	case len(matching) > 1:
		return Router{}, failed(t.rule, Fault{Code: CodeTargetAmbiguous, Message: fmt.Sprintf("%d transit routers in region %s for %s: %s", len(matching), c.RegionID, t.rule, candidates(matching))})
	}
	return matching[0], nil
}

// remedy is what to do about a transit router that there is not; empty where it is the tag
// that is wrong.
func (t target) remedy() string {
	if !t.trusted {
		return ""
	}
	return "Correct DEFAULT_TRANSIT_ROUTER, or create in this region what it names; then replay the event."
}

// consent refuses a transit router whose owner did not agree to connections of the
// account that owns this one. It is asked of the router, never of a message, and before
// every create; what stands already needs none.
func (r Rules) consent(t target, router Router, ownerID string) *Verdict {
	if !r.RequireConsent || t.trusted || r.accepts(router, ownerID) {
		return nil
	}
	return failed(t.rule, Fault{
		Code:    CodeConsentMissing,
		Message: fmt.Sprintf("transit router %s does not accept connections of account %s", router.ID, ownerID),
		Advice:  fmt.Sprintf("If the connection belongs there, tag transit router %s with %s%s=%s (or add the account to the tag's list, or set it to any); then replay the event, or leave it to the next sweep where SWEEP=attach.", router.ID, r.TagPrefix, tagAccept, ownerID),
	})
}

// accepts reports whether the owner of router agreed to connections of the account.
func (r Rules) accepts(router Router, accountID string) bool {
	for _, word := range splitList(router.Tags[r.TagPrefix+tagAccept]) {
		if word == "any" || word == "*" || word == accountID {
			return true
		}
	}
	return false
}

// matches repeats the service's filtering: equality in every field that filters. Of a
// CEN it takes the Enterprise Edition transit router, of which there is one a region.
func matches(f RouterFilter, router Router) bool {
	switch {
	case f.RegionID != router.RegionID, f.RouterID != "" && f.RouterID != router.ID:
		return false
	case f.CenID != "" && (f.CenID != router.CenID || router.Type != typeEnterprise):
		return false
	}
	for key, value := range f.Tags {
		if value == "" || router.Tags[key] != value {
			return false
		}
	}
	return true
}

// splitList splits a tag's list on comma, semicolon, slash or space.
func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;/ ", r) })
}

// candidates lists transit routers by id, so that a person can pick one.
func candidates(routers []Router) string {
	var ids []string
	for _, router := range routers {
		ids = append(ids, router.ID)
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}

func pairs(tags map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		parts = append(parts, tagText(key)+"="+tagText(tags[key]))
	}
	return strings.Join(parts, " ")
}

// tagText makes a tag's or a wish's text fit to be repeated; tags have at most 128
// characters.
func tagText(s string) string { return event.Printable(s, 128) }

// printable makes foreign text fit for outcomes and logs.
func printable(s string) string { return event.Printable(s, maxMessage) }

// What a message may say of its own history: no queue keeps one longer, and nobody
// tries as often.
const (
	maxAttempt = 1000
	maxAge     = 7 * 24 * time.Hour
)

// admit fills in what the event leaves to the function, bounds what a message says of
// its own history, and refuses regions and accounts that are not served, before any
// call is made.
func (r Rules) admit(e event.Event, inv Invocation) (event.Event, *Verdict) {
	if e.RegionID == "" {
		e.RegionID = inv.RegionID
	}
	if e.OwnerID == "" {
		e.OwnerID = inv.AccountID
	}
	e.DryRun = e.DryRun || r.DryRun
	e.Attempt = min(max(e.Attempt, 1), maxAttempt)
	if e.FirstSeen.After(inv.Started) || inv.Started.Sub(e.FirstSeen) > maxAge {
		e.FirstSeen = inv.Started
	}
	if f := e.Following; f != nil && (f.Since.After(inv.Started) || inv.Started.Sub(f.Since) > maxAge) {
		fresh := event.Following{AttachmentID: f.AttachmentID, Since: inv.Started}
		e.Following = &fresh
	}
	if !slices.Contains(orOwn(r.Regions, inv.RegionID), e.RegionID) {
		if !looksLikeRegion(e.RegionID) {
			e.RegionID = "" // it could be anything, and would be repeated
		}
		return e, failed("", Fault{Code: CodeNotAllowed, Message: "the event's region is not one that this function serves"})
	}
	if !slices.Contains(orOwn(r.Accounts, inv.AccountID), e.OwnerID) {
		return e, failed("", Fault{Code: CodeNotAllowed, Message: "the connection's account is not one that this function serves", Advice: "If it should be served, add the account to ALLOWED_ACCOUNTS."})
	}
	return e, nil
}

// looksLikeRegion: two letters, a hyphen, and lower-case words and digits with hyphens
// between.
func looksLikeRegion(s string) bool {
	return len(s) > 3 && len(s) <= 32 && s[2] == '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func orOwn(listed []string, own string) []string {
	if len(listed) == 0 {
		return []string{own}
	}
	return listed
}
