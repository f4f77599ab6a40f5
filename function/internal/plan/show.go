package plan

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"vpn-attach/function/internal/local"
)

// shownOfAction is how many connections of an action are shown, unless that action was asked for.
const shownOfAction = 20

// notComplete is the last line of what is not all that there is.
const notComplete = "NOT COMPLETE: some of the estate could not be read"

// Show writes the plan for people. Of connections with nothing to do only the number is told, unless all are asked for.
func (d Document) Show(out io.Writer, all bool) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	for _, action := range Actions() {
		if n := d.Totals[action]; n > 0 {
			fmt.Fprintf(table, "%s: %s%s\n", action.inWords(n), action.meaning(), d.reasons(action))
			d.showAction(table, action, all)
		}
	}
	if len(d.Routers) > 0 {
		fmt.Fprintln(table, "transit routers")
	}
	for _, r := range d.Routers {
		fmt.Fprintf(table, "  %s\t%d attached\t%s\n", local.Safe(r.ID), r.Attached, r.places())
	}
	d.showHealth(table, all)
	fmt.Fprintln(table, d.summary())
	_ = table.Flush() // a builder takes everything
	if _, err := io.WriteString(local.Screen{Out: out}, text.String()); err != nil {
		return fmt.Errorf("showing the plan: %w", err)
	}
	return nil
}

// showAction writes a line for each connection of an action, and two more for what a person should know.
func (d Document) showAction(out io.Writer, action Action, all bool) {
	shown, most := 0, shownOfAction
	if all {
		most = len(d.Connections)
	} else if action == Skip || action == Unchanged {
		return
	}
	for _, c := range d.Connections {
		if c.Action != action {
			continue
		}
		if shown == most {
			fmt.Fprintf(out, "  and %d more: --only %s shows all\n", d.Totals[action]-shown, action)
			return
		}
		shown++
		fmt.Fprintf(out, "  %s\t%s\t%s\n", local.Safe(c.ID), local.Safe(c.RouterID), local.Safe(c.why()))
		if c.Advice != "" {
			fmt.Fprintf(out, "    → %s\n", local.Safe(c.Advice))
		}
	}
}

// reasons says why connections are skipped, of which there can be many thousands: how many by each code.
func (d Document) reasons(action Action) string {
	if action != Skip {
		return ""
	}
	counts := map[string]int{}
	for _, c := range d.Connections {
		if c.Action == action && c.Code != "" {
			counts[c.Code]++
		}
	}
	var all []string
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%d %s", counts[code], local.Safe(code)))
	}
	if len(all) == 0 {
		return ""
	}
	return ": " + strings.Join(all, ", ")
}

// why says in a line by which rule something is done, or what is in the way.
func (c Connection) why() string {
	parts := []string{c.Code}
	switch {
	case c.Cause != "":
		parts = []string{c.Code + ": " + c.Cause}
	case c.Code == "":
		parts = []string{c.Rule}
	}
	if t := c.RouteTables; t != nil && t.Associated != "" {
		parts = append(parts, "associated with "+t.Associated)
	}
	if t := c.RouteTables; t != nil && len(t.Propagated) > 0 {
		parts = append(parts, "propagated to "+strings.Join(t.Propagated, " "))
	}
	return strings.Join(parts, "; ")
}

func (r Router) places() string {
	if r.PlacesLeft < 0 {
		return fmt.Sprintf("%d more than it takes by default: raise the quota first", -r.PlacesLeft)
	}
	return fmt.Sprintf("%d places left", r.PlacesLeft)
}

// inWords is the heading of an action.
func (a Action) inWords(n int) string { return fmt.Sprintf("%s (%d)", a, n) }

// meaning says what an action is to a reader who sees it for the first time.
func (a Action) meaning() string {
	return map[Action]string{
		Attach: "an attachment would be created", Bind: "the attachment would be bound to route tables",
		Retry:  "the function would try again, since the cause can pass",
		Refuse: "a person must act first", Conflict: "bound to something else, which stays as it is",
		Skip: "nothing to do, by its tags", Unchanged: "attached as its tags say",
	}[a]
}

// summary is the last line.
func (d Document) summary() string {
	t := d.Totals
	const line = "%d to attach, %d to bind, %d to retry, %d refused, %d in conflict, %d skipped, %d unchanged"
	text := fmt.Sprintf(line, t[Attach], t[Bind], t[Retry], t[Refuse], t[Conflict], t[Skip], t[Unchanged])
	if !d.Complete {
		text += "\n" + notComplete
	}
	return text
}

// CSV writes a line for each connection.
func (d Document) CSV(out io.Writer) error {
	table := csv.NewWriter(out)
	heads := "vpnConnectionId ownerId regionId action transitRouterId rule associated propagated code cause advice"
	_ = table.Write(strings.Fields(heads + " health")) // Flush tells the error of any
	for _, c := range d.Connections {
		t := cmp.Or(c.RouteTables, &Tables{})
		row := []string{c.ID, c.OwnerID, c.RegionID, string(c.Action), c.RouterID, c.Rule, t.Associated,
			strings.Join(t.Propagated, " "), c.Code, c.Cause, c.Advice, string(c.Health)}
		for i, cell := range row {
			row[i] = plainCell(cell)
		}
		_ = table.Write(row)
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

// plainCell keeps a spreadsheet from taking a text for a formula: tags are written by others.
func plainCell(text string) string {
	text = local.Safe(text)
	if strings.HasPrefix(text, "=") || strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") ||
		strings.HasPrefix(text, "@") {
		return "'" + text
	}
	return text
}
