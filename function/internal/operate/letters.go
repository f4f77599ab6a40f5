package operate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/redrive"
)

// Letter is a dead letter as people see it. Of what others wrote it repeats nothing: there may be a key in it.
type Letter struct {
	ID          string    `json:"id"`
	Since       time.Time `json:"since"`
	Kind        string    `json:"kind"`
	Connections []string  `json:"vpnConnectionIds,omitempty"`
	Code        string    `json:"code,omitempty"`
	Message     string    `json:"message,omitempty"`
	Advice      string    `json:"advice,omitempty"`
	Stays       string    `json:"stays,omitempty"` // why redrive leaves it where it is

	region string
	names  map[string]string // of connections; of those that could not be looked up there is none
}

// Letters are the dead letters of a choice.
type Letters struct {
	Letters []Letter `json:"letters"`
	Others  int      `json:"others"` // that were not meant
	Held    int      `json:"held"`   // that somebody else reads just now
	fix     string
}

// Letters lists dead letters, the oldest first.
func (o Operator) Letters(ctx context.Context, c Choice) (Letters, error) {
	q, err := o.reach(ctx)
	if err != nil {
		return Letters{}, err
	}
	held := o.held(ctx, q.letters)
	all, err := take(ctx, q.letters)
	if err != nil {
		return Letters{}, err
	}
	defer all.release(ctx, nil)
	found := Letters{Letters: []Letter{}, Held: held, fix: o.command("redrive")}
	for _, l := range all.letters {
		if c.takes(l) && (c.Most == 0 || len(found.Letters) < c.Most) {
			found.Letters = append(found.Letters, newLetter(l))
		} else {
			found.Others++
		}
	}
	found.name(ctx, o)
	return found, nil
}

// name looks up the names of the connections.
func (l Letters) name(ctx context.Context, o Operator) {
	regions := map[string]string{}
	for _, letter := range l.Letters {
		for _, id := range letter.Connections {
			regions[id] = cmp.Or(letter.region, o.Region)
		}
	}
	if len(regions) == 0 {
		return
	}
	names := o.names(ctx, regions)
	for i := range l.Letters {
		l.Letters[i].names = names
	}
}

// connections are those of a letter, with their names.
func (l Letter) connections() string {
	var all []string
	for _, id := range l.Connections {
		if name := l.names[id]; name != "" {
			id += " (" + name + ")"
		}
		all = append(all, id)
	}
	return strings.Join(all, " ")
}

func newLetter(l redrive.Letter) Letter {
	about := readAbout(l.Body)
	f := about.fault()
	letter := Letter{
		ID: plainID(l.ID), Since: l.Queued, Kind: "not understood", Connections: plainIDs(about.connections()),
		Code: plain(f.Code), Message: blank(f.Message), Advice: blank(f.Advice), region: plainID(about.Data.RegionID),
	}
	messages, err := redrive.Rewrite([]byte(l.Body), l.ID, time.Now())
	if err != nil {
		letter.Stays = plain(err.Error())
		return letter
	}
	for i, m := range messages {
		if i == 0 {
			letter.Kind = m.Kind
		}
		letter.Connections = append(letter.Connections, plainIDs(m.Connection)...)
	}
	slices.Sort(letter.Connections)
	letter.Connections = slices.Compact(letter.Connections)
	return letter
}

// blank is a text of a letter, which anybody may have sent: one that mentions a key is not repeated.
func blank(text string) string { return plain(event.BlankText(text)) }

func plainID(id string) string { return event.Printable(id, longestID) }

func plainIDs(ids []string) (all []string) {
	for _, id := range ids {
		all = append(all, plainID(id))
	}
	return all
}

// Text implements Result: causes first, since hundreds of letters mostly have one.
func (l Letters) Text() string {
	var text strings.Builder
	switch {
	case len(l.Letters) > 0:
		text.WriteString(several(len(l.Letters), "dead letter"))
	case l.Others > 0:
		text.WriteString("no dead letters of this choice")
	case l.Held > 0:
		return heldText(l.Held)
	default:
		text.WriteString("no dead letters")
	}
	if l.Others > 0 {
		fmt.Fprintf(&text, " (%d others are not shown)", l.Others)
	}
	text.WriteString("\n")
	for _, cause := range causes(l.Letters) {
		text.WriteString(cause.text())
	}
	if len(l.Letters) > 0 {
		fmt.Fprintf(&text, "\nWhen a cause is fixed: %s --code CODE, or --connection vco-…\n", l.fix)
	}
	return text.String() + heldText(l.Held)
}

// cause are the letters that have the same code.
type cause struct {
	name    string
	letters []Letter
}

func causes(letters []Letter) (all []cause) {
	at := map[string]int{}
	for _, l := range letters {
		name := l.Code
		if name == "" {
			name = l.Kind
		}
		i, known := at[name]
		if !known {
			i = len(all)
			at[name], all = i, append(all, cause{name: name})
		}
		all[i].letters = append(all[i].letters, l)
	}
	slices.SortStableFunc(all, func(a, b cause) int { return len(b.letters) - len(a.letters) })
	return all
}

// mostShown is how many letters of a cause are named.
const mostShown = 5

func (c cause) text() string {
	var text strings.Builder
	first := c.letters[0]
	fmt.Fprintf(&text, "\n%s: %s, the oldest %s old\n", c.name, several(len(c.letters), "letter"), age(first.Since))
	if first.Message != "" {
		fmt.Fprintf(&text, "  cause: %s\n", first.Message)
	}
	if first.Advice != "" {
		fmt.Fprintf(&text, "  advice: %s\n", first.Advice)
	}
	for i, l := range c.letters {
		if i == mostShown {
			fmt.Fprintf(&text, "  … and %d more (--json has them all)\n", len(c.letters)-i)
			break
		}
		fmt.Fprintf(&text, "  %s  %s  %s", age(l.Since), l.ID, l.connections())
		if l.Stays != "" {
			fmt.Fprintf(&text, "  stays here: %s", l.Stays)
		}
		text.WriteString("\n")
	}
	return text.String()
}
