package decide

import (
	"maps"
	"slices"
	"strings"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Target says which transit router a connection belongs to, before any is looked up: what to
// ask for, and how to recognise the right one among the answers.
type Target struct {
	Filter       cloud.RouterFilter
	Rule         string // in words, for people
	connectionID string
	trusted      bool // set by the operator, so that the router's consent is not needed
}

// Target decides from tags alone which transit router is meant. An *End says that there is none to look for.
func (r Rules) Target(e event.Event, c cloud.Connection) (Target, error) {
	value, origin := r.wish(e, c, tagRouter)
	if r.optedOut(c) { // a request cannot overrule it
		value, origin = optOut, "tag "+r.TagPrefix+tagRouter
	}
	t := Target{
		Filter: cloud.RouterFilter{RegionID: c.RegionID}, Rule: origin + "=" + quoted(value), connectionID: c.ID,
	}
	switch {
	case value == optOut:
		return t, Skip(CodeOptedOut)
	case value == "":
		return r.fallback(c)
	case strings.HasPrefix(value, "tr-"):
		t.Filter.RouterID = value
	case strings.HasPrefix(value, "cen-"):
		t.Filter.CenID = value
	default:
		t.Filter.Tags = map[string]string{r.TagPrefix + tagLabel: value}
	}
	return t, nil
}

// fallback serves connections without a tag: the router that shares their tags, else the default.
func (r Rules) fallback(c cloud.Connection) (Target, error) {
	filter, shared := cloud.RouterFilter{RegionID: c.RegionID}, map[string]string{}
	for _, key := range r.MatchTags {
		if c.Tags[key] != "" {
			shared[key] = c.Tags[key]
		}
	}
	switch {
	case len(r.MatchTags) > 0 && len(shared) == len(r.MatchTags):
		filter.Tags = shared
		return Target{Filter: filter, Rule: "matching tags " + pairs(shared), connectionID: c.ID}, nil
	case r.DefaultRouter == "":
		return Target{}, Skip(CodeNoTarget)
	case strings.HasPrefix(r.DefaultRouter, "cen-"):
		filter.CenID = r.DefaultRouter
	default:
		filter.RouterID = r.DefaultRouter
	}
	return Target{Filter: filter, Rule: "default " + r.DefaultRouter, connectionID: c.ID, trusted: true}, nil
}

// Choose finds the one transit router that is meant among those that the service listed. It
// relies on nothing that the service should have filtered. None and several are an *End. A
// router that exists in another region wants another correction than one that does not exist.
func (t Target) Choose(listed []cloud.Router) (cloud.Router, error) {
	var matching []cloud.Router
	elsewhere := ""
	for _, router := range listed {
		switch {
		case t.matches(router):
			matching = append(matching, router)
		case router.ID == t.Filter.RouterID:
			elsewhere = router.RegionID
		}
	}
	switch {
	case len(matching) == 1:
		return matching[0], nil
	case len(matching) > 1:
		return cloud.Router{}, Fail(CodeTargetAmbiguous, "%d transit routers in region %s for %s: %s",
			len(matching), t.Filter.RegionID, t.Rule, candidates(matching))
	case elsewhere != "" && t.Filter.RouterID != "":
		return cloud.Router{}, Fail(CodeOtherRegion, "transit router %s is in region %s, VPN connection %s in %s",
			t.Filter.RouterID, elsewhere, t.connectionID, t.Filter.RegionID)
	}
	end := Fail(CodeTargetNotFound, "no transit router is listed in region %s for %s", t.Filter.RegionID, t.Rule)
	if t.trusted {
		end.advise("Correct DEFAULT_TRANSIT_ROUTER, or create in this region what it names; %s.", askAgain)
	}
	return cloud.Router{}, end
}

// matches repeats the service's filtering: equality in every field that filters. Of a CEN it
// takes the Enterprise Edition transit router, of which there is one a region.
func (t Target) matches(router cloud.Router) bool {
	f := t.Filter
	switch {
	case f.RegionID != router.RegionID, f.RouterID != "" && f.RouterID != router.ID:
		return false
	case f.CenID != "" && (f.CenID != router.CenID || router.Type != cloud.TypeEnterprise):
		return false
	}
	for key, value := range f.Tags {
		if value == "" || router.Tags[key] != value {
			return false
		}
	}
	return true
}

// Consent refuses, with an *End, a transit router whose owner did not agree to connections of the account that owns
// this one. It asks the router, never a message, before every create. What is attached already needs no consent.
func (r Rules) Consent(t Target, router cloud.Router, ownerID string) error {
	if !r.RequireConsent || t.trusted {
		return nil
	}
	words, strange := r.accepted(router.Tags, func(word string) bool {
		return isEverybody(word) || event.IsAccountID(word)
	})
	switch {
	case strange != "":
		return Fail(CodeConsentMissing, "transit router %s accepts nobody: its tag %s%s holds %s", router.ID,
			r.TagPrefix, tagAccept, strange).
			advise("Only account ids, any and * may stand in the tag %s%s. Correct it at transit router %s; %s.",
				r.TagPrefix, tagAccept, router.ID, askAgain)
	case slices.Contains(words, ownerID), slices.ContainsFunc(words, isEverybody):
		return nil
	}
	return Fail(CodeConsentMissing, "transit router %s does not accept connections of account %s", router.ID, ownerID).
		advise("If the connection belongs there, tag transit router %s with %s%s=%s (or add the account "+
			"to the tag's list, or set it to any); %s.", router.ID, r.TagPrefix, tagAccept, ownerID, askAgain)
}

// isEverybody reports whether a word of a transit router's tag stands for all accounts.
func isEverybody(word string) bool { return word == "any" || word == "*" }

// candidates lists transit routers by id, so that a person can pick one.
func candidates(routers []cloud.Router) string {
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
		parts = append(parts, quoted(key)+"="+quoted(tags[key]))
	}
	return strings.Join(parts, " ")
}
