package attach

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vpn-attach/function/internal/event"
)

// The tags, by their names without the prefix, are those of the bindings that they ask for.
const (
	tagAssociate = string(Association)
	tagPropagate = string(Propagation)
)

// systemTable is the word for a transit router's own route table.
const systemTable = "system"

// active is the status of a route table or a binding that is ready.
const active = "Active"

// TablesBrief is what an outcome says of route tables: those to which the attachment is
// bound for good, of the ones that were asked for.
type TablesBrief struct {
	Associated string   `json:"associated,omitempty"`
	Propagated []string `json:"propagated,omitempty"`
}

// wanted is a route table that a tag names.
type wanted struct {
	kind  BindingKind
	table RouteTable
}

// inLine brings the route tables of an attachment in line with what the tags ask for. Each
// is read before it is changed; what is there already is done. All names are settled before
// anything is changed, so that a wrong one changes nothing. pending says that something is
// under way still; tables holds what is done.
func (l *line) inLine(ctx context.Context, c Connection, router Router, a Attachment) (tables *TablesBrief, pending bool, end *Verdict) {
	names := l.Rules.tableNames(l.event, c)
	switch {
	case len(names) == 0:
		return nil, false, nil
	case a.ID == "":
		return nil, true, nil // nothing can be bound before it is listed
	}
	listed, err := l.tablesOf(ctx, router)
	if err != nil {
		return nil, false, l.ended(err)
	}
	var all []wanted
	for _, name := range names {
		table, end := l.Rules.chooseTable(name, listed, router)
		if end != nil {
			return nil, false, end
		}
		all = append(all, wanted{name.kind, table})
	}
	tables = &TablesBrief{}
	for _, want := range all {
		done, end := l.bind(ctx, router, a, want)
		switch {
		case end != nil:
			return tables, false, end
		case !done:
			pending = true
		case want.kind == Association:
			tables.Associated = want.table.ID
		default:
			tables.Propagated = append(tables.Propagated, want.table.ID)
		}
	}
	return tables, pending, nil
}

func (l *line) ended(err error) *Verdict {
	end := l.fromError(err, "")
	return &end
}

// tableName is a word of a tag, and which.
type tableName struct {
	kind         BindingKind
	word, origin string
}

// tableNames are the route tables that the tags or the request ask for: one to be associated
// with, any number to propagate to.
func (r Rules) tableNames(e event.Event, c Connection) []tableName {
	var names []tableName
	if word, origin := r.wish(e, c, tagAssociate); word != "" {
		names = append(names, tableName{Association, word, origin})
	}
	words, origin := r.wish(e, c, tagPropagate)
	for _, word := range splitList(words) {
		names = append(names, tableName{Propagation, word, origin})
	}
	return names
}

// tablesOf lists the route tables of a transit router, once for the invocation.
func (l *line) tablesOf(ctx context.Context, router Router) ([]RouteTable, error) {
	return l.shared.tables.get(fmt.Sprint(l.passes, router.ID), func() ([]RouteTable, error) {
		return listAll(func(cursor string) (page []RouteTable, next string, err error) {
			err = l.call(ctx, ActionTables, func(ctx context.Context) (err error) {
				page, next, err = l.RouteTables.ListRouteTables(ctx, router.RegionID, router.ID, cursor)
				return err
			})
			return page, next, err
		})
	})
}

// chooseTable finds the one route table that a word names, whose owner agreed.
func (r Rules) chooseTable(name tableName, listed []RouteTable, router Router) (RouteTable, *Verdict) {
	var matching []RouteTable
	for _, table := range listed {
		if table.ID == name.word || table.Name == name.word && name.word != systemTable || name.word == systemTable && table.Type == "System" {
			matching = append(matching, table)
		}
	}
	asked := fmt.Sprintf("%s=%s", name.origin, tagText(name.word))
	switch {
	case len(matching) == 0:
		return RouteTable{}, failed("", Fault{Code: CodeTableUnknown,
			Message: fmt.Sprintf("no route table of transit router %s for %s; there are: %s", router.ID, asked, tableList(listed)),
			Advice:  fmt.Sprintf("The attachment stands. Set the tag %s%s of the VPN connection to one of the route tables that the message lists, or to system; then replay the event.", r.TagPrefix, name.kind)})
	case len(matching) > 1:
		return RouteTable{}, failed("", Fault{Code: CodeTableAmbiguous,
			Message: fmt.Sprintf("%d route tables of transit router %s for %s: %s", len(matching), router.ID, asked, tableList(matching)),
			Advice:  fmt.Sprintf("The attachment stands. Name one route table by its id in the tag %s%s of the VPN connection; then replay the event.", r.TagPrefix, name.kind)})
	}
	table := matching[0]
	if r.RequireConsent && !slices.Contains(splitList(table.Tags[r.TagPrefix+tagAccept]), string(name.kind)) {
		return RouteTable{}, failed("", Fault{Code: CodeConsentMissing,
			Message: fmt.Sprintf("route table %s of transit router %s does not accept %s; there are: %s", table.ID, router.ID, asked, tableList(listed)),
			Advice:  fmt.Sprintf("The attachment stands. If it belongs there, tag route table %s with %s%s=%s (both words, when it has one already); then replay the event.", table.ID, r.TagPrefix, tagAccept, name.kind)})
	}
	return table, nil
}

// tableList names route tables so that a person can pick one.
func tableList(tables []RouteTable) string {
	var names []string
	for _, table := range tables {
		names = append(names, strings.TrimSpace(fmt.Sprintf("%s (%s) %s", table.ID, table.Type, tagText(table.Name))))
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// bind asks for one binding unless it is there, and says whether it is done. What is
// associated elsewhere is never moved.
func (l *line) bind(ctx context.Context, router Router, a Attachment, want wanted) (done bool, end *Verdict) {
	request := BindingRequest{RegionID: router.RegionID, AttachmentID: a.ID, TableID: want.table.ID}
	asked := request
	if want.kind == Association {
		asked.TableID = "" // wherever it is associated
	}
	standing, err := listAll(func(cursor string) (page []Binding, next string, err error) {
		err = l.call(ctx, want.kind.ListAction(), func(ctx context.Context) (err error) {
			page, next, err = l.Bindings.ListBindings(ctx, want.kind, asked, cursor)
			return err
		})
		return page, next, err
	})
	if err != nil {
		return false, l.ended(err)
	}
	for _, binding := range standing {
		switch {
		case binding.AttachmentID != a.ID, want.kind == Propagation && binding.TableID != want.table.ID:
		case binding.TableID == want.table.ID, binding.Status == "Dissociating":
			return binding.TableID == want.table.ID && binding.Status == active, nil
		default:
			return false, conflict(CodeTableElsewhere, fmt.Sprintf("attachment %s is associated with route table %s, not %s", a.ID, binding.TableID, want.table.ID))
		}
	}
	if l.looking {
		return false, nil
	}
	request.ClientToken = l.bindToken(request, want.kind)
	if err := l.call(ctx, want.kind.CreateAction(), func(ctx context.Context) error { return l.Bindings.Bind(ctx, want.kind, request) }); err != nil {
		return false, l.ended(err)
	}
	return false, nil
}

// bindToken is the same for all tries of one reading. The next reading that does not find the
// binding asks anew: somebody may have taken it away.
func (l *line) bindToken(r BindingRequest, kind BindingKind) string {
	looks := 0
	if l.event.Following != nil {
		looks = l.event.Following.Looks
	}
	return digest(l.event.ID, r.AttachmentID, r.TableID, string(kind), fmt.Sprint(l.event.Attempt, looks))
}
