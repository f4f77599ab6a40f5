package operate

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"vpn-attach/function/internal/redrive"
)

// Task is something that a person must do, as the inbox has it.
type Task struct {
	ID         string    `json:"id"` // of the message
	Since      time.Time `json:"since"`
	State      string    `json:"state"` // failed, conflict, down
	Connection string    `json:"vpnConnectionId,omitempty"`
	Name       string    `json:"name,omitempty"` // of the connection; "" when it could not be looked up
	Router     string    `json:"transitRouterId,omitempty"`
	Code       string    `json:"code,omitempty"`
	Cause      string    `json:"cause,omitempty"`
	Advice     string    `json:"advice,omitempty"`
	Actor      string    `json:"actor,omitempty"`   // who must act: here, peer, both, vendor
	Command    string    `json:"command,omitempty"` // once the cause is fixed
	Acked      bool      `json:"acked,omitempty"`

	region string
}

// Inbox is what needs a person.
type Inbox struct {
	Tasks  []Task `json:"tasks"`
	Others int    `json:"others"` // that were not meant
	DryRun bool   `json:"dryRun"` // they would be deleted
	Held   int    `json:"held"`   // that somebody else reads just now
	ack    string
}

// Inbox lists what needs a person, the oldest first, and deletes it when ack says so.
func (o Operator) Inbox(ctx context.Context, c Choice, ack bool) (Inbox, error) {
	q, err := o.reach(ctx)
	if err != nil {
		return Inbox{}, err
	}
	held := o.held(ctx, q.inbox)
	all, err := take(ctx, q.inbox)
	if err != nil {
		return Inbox{}, err
	}
	gone := map[string]bool{}
	defer func() { all.release(ctx, gone) }()
	found := Inbox{Tasks: []Task{}, Held: held, ack: o.command("inbox", append([]string{"--ack"}, c.flags()...)...)}
	for _, l := range all.letters {
		if !c.takes(l) || c.Most > 0 && len(found.Tasks) >= c.Most {
			found.Others++
			continue
		}
		task := o.newTask(l)
		if ack {
			if err := q.inbox.Delete(ctx, l.Handle); err != nil {
				return found, fmt.Errorf("deleting message %s of the inbox: %w", task.ID, err)
			}
			task.Acked, gone[l.ID] = true, true
		}
		found.Tasks = append(found.Tasks, task)
	}
	if len(found.Tasks) == 1 { // this one, and none that comes meanwhile
		found.ack = o.command("inbox", "--ack", "--id", found.Tasks[0].ID)
	}
	found.name(ctx, o)
	return found, nil
}

// name looks up the names of the connections.
func (i Inbox) name(ctx context.Context, o Operator) {
	regions := map[string]string{}
	for _, t := range i.Tasks {
		if t.Connection != "" {
			regions[t.Connection] = cmp.Or(t.region, o.Region)
		}
	}
	if len(regions) == 0 {
		return
	}
	names := o.names(ctx, regions)
	for at, t := range i.Tasks {
		i.Tasks[at].Name = names[t.Connection]
	}
}

func (o Operator) newTask(l redrive.Letter) Task {
	about := readAbout(l.Body)
	f := about.fault()
	task := Task{
		ID: plainID(l.ID), Since: l.Queued, State: plain(cmp.Or(about.Data.Status, about.Data.State)),
		Connection: plainID(about.Data.ConnectionID), Router: plainID(about.Data.RouterID),
		Code: plain(f.Code), Cause: plain(f.Message), Advice: plain(f.Advice), Actor: plain(about.Data.Actor),
		region: plainID(about.Data.RegionID),
	}
	if task.State == "" {
		task.State = "not understood"
	}
	switch {
	case task.Connection == "":
	case f.Exhausted:
		task.Command = o.command("redrive", "--connection", task.Connection)
	case task.State == "down":
		task.Command = o.command("health", task.Connection)
	default:
		task.Command = o.command("attach", task.Connection)
	}
	return task
}

// Text implements Result.
func (i Inbox) Text() string {
	var text strings.Builder
	acked := 0
	for _, t := range i.Tasks {
		fmt.Fprintf(&text, "%s  %s  %s  %s", age(t.Since), t.State, orDash(t.Connection), orDash(t.Name))
		for _, more := range []string{t.Router, t.Code} {
			if more != "" {
				text.WriteString("  " + more)
			}
		}
		text.WriteString("\n")
		if t.Acked {
			acked++
			continue
		}
		for _, line := range [][2]string{
			{"cause", t.Cause}, {"advice", t.Advice}, {"who must act", t.Actor}, {"when it is fixed", t.Command},
		} {
			if line[1] != "" {
				fmt.Fprintf(&text, "  %s: %s\n", line[0], line[1])
			}
		}
	}
	switch {
	case len(i.Tasks) == 0 && i.Others > 0:
		text.WriteString("nothing of this choice")
	case len(i.Tasks) == 0 && i.Held > 0:
		return text.String() + heldText(i.Held)
	case len(i.Tasks) == 0:
		text.WriteString("nothing needs a person")
	case acked > 0:
		fmt.Fprintf(&text, "%d acknowledged and gone", acked)
	case i.DryRun:
		fmt.Fprintf(&text, "%d would be acknowledged and gone", len(i.Tasks))
	case len(i.Tasks) == 1:
		fmt.Fprintf(&text, "1 message; when it is done, delete it: %s", i.ack)
	default:
		fmt.Fprintf(&text, "%d messages; when all are done, delete them: %s; for one: --connection vco-…",
			len(i.Tasks), i.ack)
	}
	if i.Others > 0 {
		fmt.Fprintf(&text, " (%s more in the inbox)", several(i.Others, "message"))
	}
	return text.String() + "\n" + heldText(i.Held)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
