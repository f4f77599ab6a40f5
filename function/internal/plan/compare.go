package plan

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/tabwriter"

	"vpn-attach/function/internal/local"
)

// ComparisonType is that of the document of a comparison.
const ComparisonType = "vpn-attach.plan-comparison.v1"

// Comparison is where two plans differ.
type Comparison struct {
	Type        string       `json:"type"`
	Complete    bool         `json:"complete"` // both plans are
	Connections []Difference `json:"connections"`
}

// Difference is a connection that ends differently. One that is not in a plan has nothing there.
type Difference struct {
	ID     string      `json:"vpnConnectionId"`
	Before *Connection `json:"before"`
	After  *Connection `json:"after"`
}

// Compare names the connections that end differently: with another action, transit router, code or route tables.
func Compare(before, after Document) Comparison {
	c := Comparison{Type: ComparisonType, Complete: before.Complete && after.Complete, Connections: []Difference{}}
	was := map[string]*Connection{}
	for i := range before.Connections {
		was[before.Connections[i].ID] = &before.Connections[i]
	}
	for i := range after.Connections {
		is := &after.Connections[i]
		if !ends(was[is.ID]).as(ends(is)) {
			c.Connections = append(c.Connections, Difference{is.ID, was[is.ID], is})
		}
		delete(was, is.ID)
	}
	for _, one := range before.Connections {
		if gone := was[one.ID]; gone != nil {
			c.Connections = append(c.Connections, Difference{one.ID, gone, nil})
		}
	}
	return c
}

// ending is how a connection ends, without the sentences about it.
type ending struct {
	action       Action
	router, code string
	tables       Tables
}

func ends(c *Connection) ending {
	if c == nil {
		return ending{}
	}
	return ending{c.Action, c.RouterID, c.Code, *cmp.Or(c.RouteTables, &Tables{})}
}

func (e ending) as(other ending) bool { return reflect.DeepEqual(e, other) }

func (e ending) String() string {
	if e.action == "" {
		return "not there"
	}
	parts := []string{string(e.action), e.router, e.code, e.tables.Associated, strings.Join(e.tables.Propagated, " ")}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// Show writes the comparison for people.
func (c Comparison) Show(out io.Writer) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	for _, d := range c.Connections {
		fmt.Fprintf(table, "%s\t%s\t→ %s\n",
			local.Safe(d.ID), local.Safe(ends(d.Before).String()), local.Safe(ends(d.After).String()))
	}
	fmt.Fprintf(table, "connections that would end differently: %d\n", len(c.Connections))
	if !c.Complete {
		fmt.Fprintln(table, "NOT COMPLETE: some of an estate could not be read")
	}
	_ = table.Flush() // a builder takes everything
	if _, err := io.WriteString(local.Screen{Out: out}, text.String()); err != nil {
		return fmt.Errorf("showing the comparison: %w", err)
	}
	return nil
}
