package redrive

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Source is the dead-letter queue.
type Source interface {
	Receive(ctx context.Context) ([]Letter, error)
	Peek(ctx context.Context) ([]Letter, error)
	Delete(ctx context.Context, handle string) error
}

// Target is the event queue.
type Target interface {
	Send(ctx context.Context, messages []cloud.Message) (left []cloud.Message, err error)
}

// Options are how letters are moved.
type Options struct {
	Max    int  // letters; 0 means all that are there at the start
	DryRun bool // only show what would be done
	Out    io.Writer
}

// Count is what became of the letters.
type Count struct{ Moved, Left int }

// Move takes letters from one queue to the other, the oldest first. Each is sent before it is
// deleted: if Move is killed in between, a letter is in both queues, never lost. A letter that is
// not understood or cannot be sent stays where it is. A letter that arrives meanwhile is not moved.
func Move(ctx context.Context, from Source, to Target, o Options) (Count, error) {
	var count Count
	started, seen := time.Now(), map[string]bool{}
	read := from.Receive
	if o.DryRun {
		read = from.Peek
	}
	for {
		letters, err := read(ctx)
		if err != nil {
			return count, fmt.Errorf("reading the dead letters: %w", err)
		}
		fresh := 0
		for _, letter := range letters {
			if o.Max > 0 && count.Moved+count.Left >= o.Max {
				return count, nil
			}
			if seen[letter.ID] || letter.Queued.After(started) {
				continue
			}
			seen[letter.ID] = true
			fresh++
			if err := o.moveOne(ctx, letter, from, to, &count); err != nil {
				return count, err
			}
		}
		if fresh == 0 || o.DryRun {
			return count, nil
		}
	}
}

func (o Options) moveOne(ctx context.Context, letter Letter, from Source, to Target, count *Count) error {
	messages, err := Rewrite([]byte(letter.Body), letter.ID, time.Now())
	if err != nil {
		count.Left++
		fmt.Fprintf(o.Out, "left   %s  %v\n", letter.ID, err)
		return nil
	}
	var batch []cloud.Message
	for _, m := range messages {
		batch = append(batch, cloud.Message{Body: m.Body})
		fmt.Fprintf(o.Out, "%s  %s: %s → %s  %s\n",
			o.verb(), m.Kind, plain(m.From), plain(m.To), strings.Join(m.Connection, " "))
	}
	count.Moved++
	if o.DryRun {
		return nil
	}
	if _, err := to.Send(ctx, batch); err != nil {
		return fmt.Errorf("sending letter %s to the event queue, it stays among the dead letters: %w", letter.ID, err)
	}
	if err := from.Delete(ctx, letter.Handle); err != nil {
		return fmt.Errorf("deleting letter %s, which is in the event queue already: %w", letter.ID, err)
	}
	return nil
}

func (o Options) verb() string {
	if o.DryRun {
		return "would move"
	}
	return "moved"
}

// plain makes an id that came with a message fit for a terminal.
func plain(id string) string { return event.Printable(id, maxID) }
