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
// not understood, or that a queue refuses because of what it is, stays where it is, and the others are
// moved. What is wrong with a queue ends Move. A letter that arrives meanwhile is not moved.
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
	messages, wrong := Rewrite([]byte(letter.Body), letter.ID, time.Now())
	if wrong == nil && !o.DryRun {
		var err error
		if wrong, err = transfer(ctx, letter, messages, from, to); err != nil {
			return err
		}
	}
	if wrong != nil {
		count.Left++
		fmt.Fprintf(o.Out, "left   %s  %s\n", plain(letter.ID), event.Printable(wrong.Error(), maxReason))
		return nil
	}
	for _, m := range messages {
		fmt.Fprintf(o.Out, "%s  %s\n", o.verb(), m)
	}
	count.Moved++
	return nil
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
