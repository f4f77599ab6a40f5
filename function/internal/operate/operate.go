// Package operate is what an operator does with a deployed vpn-attach: see how it is, stop it and start it, read what
// needs a person, move dead letters, deploy. It reaches the cloud through the aliyun CLI, which operators have, and its
// queues through Message Service itself, since the CLI reads no messages. With a Local console it reaches a local cloud
// in the same way.
//
// Each verb has a file. Each gives a Result, which is JSON for programs and text for people. What a verb needs is
// looked at before it changes anything; what is missing is a *MissingError, which says how to get it.
package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/mns"
)

// Result is what a verb found or did. It is encoded as JSON for programs.
type Result interface {
	// Text is the same for people, with a newline at its end.
	Text() string
}

// Operator is who does it, and where.
type Operator struct {
	Console Console
	Region  string
	Stack   string               // the name of the stack and of the function
	Keys    func() (Keys, error) // for the queues; asked when a verb needs them
	Reach   mns.Transport        // of the queues; nil is the network
	Say     func(text string)    // is told what is waited for
	Folder  string               // of the repository: template.yml, Makefile
	Prefix  string               // how the command is called, for commands in advice
	After   []string             // flags that such a command needs
	Settle  Patience             // how long is waited for a stack
	Make    func(ctx context.Context) (Package, error)
}

// Keys are what Message Service is asked with.
type Keys struct{ ID, Secret, Token string }

// UsageError is a wrong command line: nothing was done.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

func usage(format string, values ...any) error { return &UsageError{fmt.Sprintf(format, values...)} }

// MissingError says what is needed first, and the command that gets it. Code is the service's, if it said so.
type MissingError struct{ What, Fix, Code string }

func (e *MissingError) Error() string { return e.What + "\n  fix: " + e.Fix }

// command is a command line of this program, as advice gives it.
func (o Operator) command(verb string, arguments ...string) string {
	words := slices.Concat([]string{o.Prefix, verb}, arguments, o.After)
	return strings.Join(words, " ")
}

// say tells what is done, or waited for.
func (o Operator) say(format string, values ...any) {
	if o.Say != nil {
		o.Say(fmt.Sprintf(format, values...))
	}
}

// Longest that is printed of a text that a service or a message brought, in characters.
const (
	longestID   = 128
	longestText = 600
)

// plain makes foreign text fit for a terminal.
func plain(text string) string { return event.Printable(text, longestText) }

func isMissing(err error) bool {
	var missing *MissingError
	return errors.As(err, &missing)
}
