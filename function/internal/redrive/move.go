package redrive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Source is the dead-letter queue.
type Source interface {
	Receive(ctx context.Context) ([]Letter, error)
	Delete(ctx context.Context, handle string) error
	Release(ctx context.Context, handle string) error
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
	// Chosen tells which letters are meant. The others stay as they are, and are not counted.
	Chosen func(Letter) bool
}

// Count is what became of the letters.
type Count struct{ Moved, Left int }

// Move takes letters from one queue to the other, the oldest first. Each is sent before it is
// deleted: if Move is killed in between, a letter is in both queues, never lost. A letter that is
// not understood, or that a queue refuses because of what it is, stays where it is, and the others are
// moved. What is wrong with a queue ends Move. A letter that arrives meanwhile is not moved.
func Move(ctx context.Context, from Source, to Target, o Options) (Count, error) {
	var count Count
	var kept []Letter
	defer func() { release(ctx, from, kept) }()
	started, seen := time.Now(), map[string]bool{}
	for {
		letters, err := from.Receive(ctx)
		if err != nil {
			return count, fmt.Errorf("reading the dead letters: %w", err)
		}
		fresh := 0
		for _, letter := range letters {
			if seen[letter.ID] {
				continue
			}
			seen[letter.ID] = true
			fresh++
			if !o.means(letter, started) || o.Max > 0 && count.Moved+count.Left >= o.Max {
				kept = append(kept, letter)
				continue
			}
			moved, err := o.moveOne(ctx, letter, from, to, &count)
			if !moved {
				kept = append(kept, letter)
			}
			if err != nil {
				return count, err
			}
		}
		if fresh == 0 || o.Max > 0 && count.Moved+count.Left >= o.Max {
			return count, nil
		}
	}
}

// means reports whether a letter is to be moved: one that was there at the start, and is chosen.
func (o Options) means(letter Letter, started time.Time) bool {
	return !letter.Queued.After(started) && (o.Chosen == nil || o.Chosen(letter))
}

// release makes visible again what was received and stays. What cannot be released is visible after the queue's
// visibility timeout.
func release(ctx context.Context, from Source, letters []Letter) {
	for _, letter := range letters {
		_ = from.Release(context.WithoutCancel(ctx), letter.Handle)
	}
}

// moveOne reports whether a letter has left the dead letters.
func (o Options) moveOne(
	ctx context.Context, letter Letter, from Source, to Target, count *Count,
) (moved bool, err error) {
	messages, wrong := Rewrite([]byte(letter.Body), letter.ID, time.Now())
	if wrong == nil && !o.DryRun {
		if wrong, err = transfer(ctx, letter, messages, from, to); err != nil {
			return false, err
		}
	}
	if wrong != nil {
		count.Left++
		fmt.Fprintf(o.Out, "left   %s  %s\n", plain(letter.ID), event.Printable(wrong.Error(), maxReason))
		return false, nil
	}
	for _, m := range messages {
		fmt.Fprintf(o.Out, "%s  %s\n", o.verb(), m)
	}
	count.Moved++
	return !o.DryRun, nil
}

// transfer sends what a letter becomes, then deletes the letter. What is wrong with the letter is told apart from an
// error of a queue.
func transfer(ctx context.Context, letter Letter, messages []Message, from Source, to Target) (wrong, err error) {
	var batch []cloud.Message
	for _, m := range messages {
		batch = append(batch, cloud.Message{Body: m.Body})
	}
	switch _, err = to.Send(ctx, batch); {
	case isAboutTheLetter(err):
		return fmt.Errorf("the event queue refuses it: %w", err), nil
	case err != nil:
		return nil, fmt.Errorf("sending letter %s, which stays among the dead letters: %w", letter.ID, err)
	}
	switch err = from.Delete(ctx, letter.Handle); {
	case isAboutTheLetter(err):
		return fmt.Errorf("it is in the event queue, and stays among the dead letters, too: %w", err), nil
	case err != nil:
		return nil, fmt.Errorf("deleting letter %s, which is in the event queue already: %w", letter.ID, err)
	}
	return nil, nil
}

// isAboutTheLetter reports whether a queue refuses one message, so that it may take the next one. A refusal of the
// caller or of the queue is none, and neither is a call without an answer.
func isAboutTheLetter(err error) bool {
	var api *cloud.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.Code {
	case "InvalidArgument", "MalformedXML", "InvalidDegist", // of what is sent
		"MessageNotExist", "MissingReceiptHandle", "ReceiptHandleError": // of what is deleted
		return true
	case "InvalidAuthorizationHeader", "MissingAuthorizationHeader", "InvalidDateHeader", "MissingDateHeader",
		"InvalidQueueName", "QueueNameLengthError", "InvalidRequestURL", "InvalidQueryString",
		"InvalidSecurityToken", "SecurityTokenExpired":
		return false
	}
	return api.Status == http.StatusBadRequest || api.Status == http.StatusRequestEntityTooLarge
}

func (o Options) verb() string {
	if o.DryRun {
		return "would move"
	}
	return "moved"
}

// maxReason is how much is printed of what a service says, in characters.
const maxReason = 500

// String says in a line what a message is, fit for a terminal.
func (m Message) String() string {
	ids := plain(m.From)
	if m.To != m.From {
		ids += " → " + plain(m.To)
	}
	line := m.Kind + ": " + ids
	for _, connection := range m.Connection {
		line += "  " + plain(connection)
	}
	return line
}

// plain makes an id that came with a message fit for a terminal.
func plain(id string) string { return event.Printable(id, maxID) }
