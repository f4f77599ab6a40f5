package decide

import (
	"fmt"
	"slices"
	"strings"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// systemTable is the word in a tag for a transit router's own route table.
const systemTable = "system"

// TablesBrief is what an outcome says of route tables: those to which the attachment is
// bound, of the ones that were asked for.
type TablesBrief struct {
	Associated string   `json:"associated,omitempty"`
	Propagated []string `json:"propagated,omitempty"`
}

// WantedBinding is a route table that a tag names, and how the attachment is to be bound to it.
type WantedBinding struct {
	Kind  cloud.BindingKind
	Table cloud.RouteTable
}

// tableName is a word of a tag or a request that names a route table.
type tableName struct {
	kind         cloud.BindingKind
	word, origin string
}

// WantsTables reports whether the tags or the request name any route table.
func (r Rules) WantsTables(e event.Event, c cloud.Connection) bool {
	return len(r.tableNames(e, c)) > 0
}

// tableNames are the route tables that the tags or the request ask for: one to be associated
// with, any number to propagate to.
func (r Rules) tableNames(e event.Event, c cloud.Connection) []tableName {
	var names []tableName
	if word, origin := r.wish(e, c, tagAssociate); word != "" {
		names = append(names, tableName{cloud.Association, word, origin})
	}
	words, origin := r.wish(e, c, tagPropagate)
	for _, word := range splitList(words) {
		names = append(names, tableName{cloud.Propagation, word, origin})
	}
	return names
}

// WantedBindings settles every name that the tags or the request ask for before anything is
// bound, so that a wrong one (an *End) binds nothing.
func (r Rules) WantedBindings(e event.Event, c cloud.Connection, router cloud.Router, listed []cloud.RouteTable) (
	[]WantedBinding, error) {
	var all []WantedBinding
	for _, name := range r.tableNames(e, c) {
		table, err := r.chooseTable(name, listed, router)
		if err != nil {
			return nil, err
		}
		all = append(all, WantedBinding{name.kind, table})
	}
	return all, nil
}

// chooseTable finds the one route table that a word names, whose owner agreed.
func (r Rules) chooseTable(name tableName, listed []cloud.RouteTable, router cloud.Router) (cloud.RouteTable, error) {
	var matching []cloud.RouteTable
	for _, table := range listed {
		if name.names(table) {
			matching = append(matching, table)
		}
	}
	asked := fmt.Sprintf("transit router %s for %s=%s", router.ID, name.origin, quoted(name.word))
	tag := r.TagPrefix + string(name.kind)
	switch {
	case len(matching) == 0:
		return cloud.RouteTable{}, Fail(CodeTableUnknown, "no route table of %s; there are: %s",
			asked, tableList(listed)).
			advise("The attachment stands. Set the tag %s of the VPN connection to one of the route tables "+
				"that the message lists, or to system.", tag)
	case len(matching) > 1:
		return cloud.RouteTable{}, Fail(CodeTableAmbiguous, "%d route tables of %s: %s",
			len(matching), asked, tableList(matching)).
			advise("The attachment stands. Name one route table by its id in the tag %s.", tag)
	}
	return matching[0], r.tableConsent(name, matching[0], listed)
}

// names reports whether the word means the table: by id, by name, or as the system table.
func (n tableName) names(table cloud.RouteTable) bool {
	if n.word == systemTable {
		return table.Type == cloud.TypeSystem
	}
	return n.word == table.ID || n.word == table.Name
}

// tableConsent refuses a route table whose owner did not agree to the kind of binding.
func (r Rules) tableConsent(n tableName, table cloud.RouteTable, listed []cloud.RouteTable) error {
	if !r.RequireConsent {
		return nil
	}
	words, strange := r.accepted(table.Tags, func(word string) bool {
		return word == string(cloud.Association) || word == string(cloud.Propagation)
	})
	switch {
	case strange != "":
		return Fail(CodeConsentMissing, "route table %s accepts nothing: its tag %s%s holds %s", table.ID,
			r.TagPrefix, tagAccept, strange).
			advise("The attachment stands. Only %s and %s may stand in the tag %s%s. Correct it at route table %s; %s.",
				cloud.Association, cloud.Propagation, r.TagPrefix, tagAccept, table.ID, askAgain)
	case slices.Contains(words, string(n.kind)):
		return nil
	}
	return Fail(CodeConsentMissing, "route table %s does not accept %s=%s; there are: %s",
		table.ID, n.origin, quoted(n.word), tableList(listed)).
		advise("The attachment stands. If it belongs there, tag route table %s with %s%s=%s "+
			"(both words, when it has one already); %s.", table.ID, r.TagPrefix, tagAccept, n.kind, askAgain)
}

// tableList names route tables so that a person can pick one.
func tableList(tables []cloud.RouteTable) string {
	var names []string
	for _, table := range tables {
		name := table.ID + " (" + event.Printable(table.Type, 128) + ")"
		if table.Name != "" {
			name += " " + quoted(table.Name)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Asked is what is listed to learn how far a wanted binding is. Of associations, all are
// listed: the attachment has one at most, and it may be with another route table.
func (w WantedBinding) Asked(regionID, attachmentID string) cloud.BindingRequest {
	asked := cloud.BindingRequest{Kind: w.Kind, RegionID: regionID, AttachmentID: attachmentID, TableID: w.Table.ID}
	if w.Kind == cloud.Association {
		asked.TableID = ""
	}
	return asked
}

// State finds a wanted binding among those that are listed: what is pending must be read again, what is neither done
// nor pending must be created. Only what is Active, or becomes so, stands; what is Deleted is as if it were not listed,
// and anything else is waited for. An association that stands with another route table is a conflict (an *End): it is
// never moved.
func (w WantedBinding) State(attachmentID string, listed []cloud.Binding) (done, pending bool, err error) {
	for _, binding := range listed {
		here := binding.TableID == w.Table.ID
		switch {
		case binding.AttachmentID != attachmentID, w.Kind == cloud.Propagation && !here,
			binding.Status == cloud.StatusDeleted:
		case here && binding.Status == cloud.StatusActive:
			return true, false, nil
		case !here && binding.Stands():
			err = Conflict(CodeTableElsewhere, "attachment %s is associated with route table %s, not %s",
				attachmentID, binding.TableID, w.Table.ID)
		default:
			pending = true
		}
	}
	return false, pending && err == nil, err
}

// With notes a binding that is done.
func (t *TablesBrief) With(w WantedBinding) {
	if w.Kind == cloud.Association {
		t.Associated = w.Table.ID
		return
	}
	t.Propagated = append(t.Propagated, w.Table.ID)
}

// BindRequest asks for a wanted binding. All tries of one reading have the same client token. The next reading that
// does not find the binding asks with a new one: somebody may have removed it.
func BindRequest(e event.Event, w WantedBinding, regionID, attachmentID string) cloud.BindingRequest {
	return cloud.BindingRequest{
		Kind: w.Kind, RegionID: regionID, AttachmentID: attachmentID, TableID: w.Table.ID,
		ClientToken: Digest(e.ID, attachmentID, w.Table.ID, string(w.Kind), fmt.Sprint(e.Attempt, e.Looks())),
	}
}
