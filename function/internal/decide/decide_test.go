package decide

import (
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

const (
	account = "1234567890123456" // of the function
	foreign = "6543210987654321"
)

// home is the function as the tests deploy it.
func home() Function {
	return Function{RegionID: "cn-hangzhou", AccountID: account, Name: "vpn-attach"}
}

// production are the rules as they are without any configuration.
func production() Rules {
	return Rules{
		TagPrefix: "vpn-attach:", RequireConsent: true, AutoPublish: true,
		OwnerRole: "acs:ram::${account}:role/vpn-attach-reader", OwnerExternalID: "vpn-attach",
	}
}

// codes is the table as it is without any configuration.
var codes = sync.OnceValue(func() Codes { return NewCodes(nil) })

// schedule are the times as they are without any configuration.
func schedule() Schedule {
	return Schedule{Horizon: 24 * time.Hour, ConfirmTimeout: time.Hour, Codes: codes()}
}

// moment is when the tests take place.
func moment() time.Time { return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) }

// anEvent is about an ordinary connection, as Admit hands it on.
func anEvent() event.Event {
	return event.Event{
		Origin:   event.Origin{ID: "e-1"},
		Ask:      event.Ask{ConnectionID: "vco-1", RegionID: "cn-hangzhou", OwnerID: account},
		Progress: event.Progress{Attempt: 1, FirstSeen: moment()},
	}
}

// watching is anEvent whose attachment has been watched for so long.
func watching(since time.Duration, looks int) event.Event {
	e := anEvent()
	e.Watch = &event.Watch{AttachmentID: "tr-attach-1", Since: moment().Add(-since), Looks: looks}
	return e
}

// tagged is an unbound connection with these tags.
func tagged(pairs ...string) cloud.Connection {
	c := cloud.Connection{ID: "vco-1", RegionID: "cn-hangzhou", State: cloud.StateUnbound, Tags: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		c.Tags[pairs[i]] = pairs[i+1]
	}
	return c
}

// endOf gives the end that err must be.
func endOf(t *testing.T, err error) End {
	t.Helper()
	var end *End
	if !errors.As(err, &end) {
		t.Fatalf("got %v, want an *End", err)
	}
	return *end
}

// codeOf is the code of an end; empty when there is none.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	return endOf(t, err).Code
}

// everyRow lists the codes that the table knows by name, and the actions that a row is for.
func everyRow() (names []name) {
	for n := range readRows() {
		if !strings.ContainsAny(n.code, "* ") {
			names = append(names, n)
		}
	}
	return names
}

// everyCode lists the codes that the table knows by name as answers to a create.
func everyCode() (codes []string) {
	for _, n := range everyRow() {
		if n.action == "" || n.action == cloud.ActionCreate {
			codes = append(codes, n.code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// documented reads a list of the contract: fields between tabs, comments after #.
func documented(t *testing.T, path string) (lines [][]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, strings.Split(line, "\t"))
		}
	}
	return lines
}

// rereads tells whether the state is read again after an error.
func rereads(err error) bool { return codes().ClassOf(err) == ClassReconcile }
