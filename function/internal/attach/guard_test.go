package attach

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
)

// panickyReader panics when it is asked about one connection, or for a list of connections.
type panickyReader struct {
	cloud.Reader
	connection string
	lists      bool
}

func (r panickyReader) DescribeConnection(ctx context.Context, owner, region, id string) (cloud.Connection, error) {
	if id == r.connection {
		panic("canary: " + id)
	}
	return r.Reader.DescribeConnection(ctx, owner, region, id)
}

func (r panickyReader) ListConnections(ctx context.Context, f cloud.ConnectionFilter, cursor string) (
	cloud.Page[cloud.Connection], error) {
	if r.lists {
		panic("canary: list")
	}
	return r.Reader.ListConnections(ctx, f, cursor)
}

// panickyTopic panics at documents that hold a text.
type panickyTopic struct {
	Topic
	text string
}

func (p panickyTopic) Publish(ctx context.Context, body []byte, tag string) error {
	if strings.Contains(string(body), p.text) {
		panic("canary: " + p.text)
	}
	return p.Topic.Publish(ctx, body, tag)
}

// otherVersion is a message that another version queued, to be given up at a time.
func otherVersion(until string) string { return own("vpn-attach.retry.v9", `{"until":"`+until+`"}`) }

// overVersion is one that is past its bound.
func overVersion() string { return otherVersion("2026-01-02T00:00:00Z") }

// unpublishedOutcome is a finished outcome that could not be published before.
func unpublishedOutcome(t *testing.T, made time.Time) string {
	t.Helper()
	header := event.Header{ID: "m-1", Source: "s", Type: event.TypeReport, Time: made, Attempt: 1}
	body, err := signer().Encode(header, json.RawMessage(`{"specversion":"1.0","id":"`+decide.Digest("o")+
		`","type":"vpn-attach.outcome.v1","time":"`+made.UTC().Format(time.RFC3339)+
		`","data":{"status":"attached","vpnConnectionId":"vco-9","event":{"id":"e-9"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestAPanicCostsItsOwnItemAlone: the neighbours are attached and told, whatever kind of item
// panics, and wherever it does.
func TestAPanicCostsItsOwnItemAlone(t *testing.T) {
	cases := map[string]struct {
		item   string
		reader panickyReader
		text   string // of the document at which the topic panics
		told   string // beside the neighbours
		kept   int    // outcomes that wait in the queue, since they are final and could not be published
	}{
		"an event": {item: created("vco-2"), reader: panickyReader{connection: "vco-2"},
			told: "vco-2 failed Internal"},
		"a detach": {item: `{"detach":{"vpnConnectionId":"vco-2"}}`,
			reader: panickyReader{connection: "vco-2"}, told: "vco-2 failed Internal"},
		"a sweep": {
			item: `{"sweep":{}}`, reader: panickyReader{lists: true}, told: "failed Internal",
		},
		// attaching is not final
		"the outcome of an event that is not over": {item: created("vco-2"), text: "vco-2", kept: 0},
		"the outcome of a malformed message":       {item: ask("vco_2", ""), text: decide.CodeMalformed, kept: 1},
		"the outcome of another version's message": {item: overVersion(), text: decide.CodeUnknownVersion, kept: 1},
		"an outcome that was unpublished before":   {item: unpublishedOutcome(t, time.Now()), text: "vco-9", kept: 1},
		"the outcome of an event that is over":     {item: retried("vco-5"), text: "vco-5", kept: 1},
		// the next sweep says it anew
		"the outcome of a sweep": {item: `{"sweep":{}}`, text: "swept", kept: 0},
		"the outcome of a panic": {item: created("vco-2"), reader: panickyReader{connection: "vco-2"},
			text: decide.CodeInternal, kept: 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, sites("vco-1", "vco-2", "vco-3"))
			if c.text != "" {
				b.Topic = panickyTopic{b.Topic, c.text}
			}
			c.reader.Reader = b.Reader
			b.Reader = c.reader
			b.handle(created("vco-1"), c.item, created("vco-3"))
			want := []string{"vco-1 attaching", "vco-3 attaching"}
			if c.told != "" {
				want = append(want, c.told)
			}
			if slices.Sort(want); b.told() != strings.Join(want, ", ") {
				t.Errorf("told %q, want %q", b.told(), want)
			}
			if attached := b.attached(); !strings.HasPrefix(attached, "vco-1") ||
				!strings.HasSuffix(attached, "vco-3") {
				t.Errorf("attached %s", attached)
			}
			kept := 0
			for _, m := range b.queue.drain() {
				if strings.Contains(string(m.Body), event.TypeReport) {
					kept++
				}
			}
			if kept != c.kept {
				t.Errorf("%d outcomes are kept, want %d", kept, c.kept)
			}
			if strings.Contains(b.log.String(), "canary") {
				t.Errorf("the log repeats the text of a panic: %s", b.log)
			}
		})
	}
}

// sweeping is the message by which a sweep goes on from a place.
func sweeping(progress string) string {
	return own(event.TypeSweeping, `{"id":"sweep-1","progress":`+progress+`}`)
}

// TestWhatFailedOnAnEventIsRefusedAsTheFunctionAdmittedIt: the outcome of a panic names the
// region and the account, and repeats no history that the message made up.
func TestWhatFailedOnAnEventIsRefusedAsTheFunctionAdmittedIt(t *testing.T) {
	b := newBench(t, sites("vco-1"))
	b.Reader = panickyReader{Reader: b.Reader, connection: "vco-1"}
	b.handle(own(event.TypeRetry, `{"event":{"id":"e-1"},"vpnConnectionId":"vco-1","attempt":1000000000}`))
	all := b.outcomes()
	if len(all) != 1 || all[0].RegionID != "cn-hangzhou" || all[0].OwnerID != account ||
		all[0].Event.Attempt != decide.MaxAttempt {
		t.Errorf("got %+v", all)
	}
}

// panickyJob fails in its own way.
type panickyJob struct{ do func() (effects, error) }

func (p panickyJob) work(context.Context) (effects, error) { return p.do() }
func (p panickyJob) log(zerolog.Logger, effects, error)    {}

func TestAnyJobThatPanicsOrCannotEncodeIsRefused(t *testing.T) {
	cases := map[string]func() (effects, error){
		"a panic":        func() (effects, error) { panic("canary") },
		"a nil access":   func() (effects, error) { return *(*effects)(nil), nil },
		"no encoding":    func() (effects, error) { return effects{requeue: []requeued{{}}}, errors.New("no JSON") },
		"both, and more": func() (effects, error) { defer panic("canary"); return effects{ignored: true}, nil },
	}
	for name, work := range cases {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			a := attacher(&log)
			task := &task{job: panickyJob{work}, about: event.Event{Origin: event.Origin{ID: "e-1"}}}
			inv := invocation("r-1")
			a.guarded(t.Context(), inv, task, a.Log)
			if len(task.effects.requeue) > 0 || task.effects.ignored || task.effects.outcome == nil {
				t.Fatalf("it leaves %+v", task.effects)
			}
			if p := task.effects.outcome; p.status != decide.StatusFailed || !p.keep ||
				!strings.Contains(string(p.body), decide.CodeInternal) {
				t.Errorf("it is refused as %s", p.body)
			} else if !strings.Contains(string(p.body), `"firstSeen":"`+inv.Started.UTC().Format(time.RFC3339Nano)) {
				t.Errorf("an event that was not admitted is first seen with the invocation: %s", p.body)
			}
			if !strings.Contains(log.String(), `"eventId":"e-1"`) || strings.Contains(log.String(), "canary") {
				t.Errorf("the log says %s", &log)
			}
		})
	}
}

// TestWhatCannotBeEncodedIsRefusedInsteadOfQueuedEmpty: a field of another version that is no
// JSON spoils the follow-up of its event, and of nothing else.
func TestWhatCannotBeEncodedIsRefusedInsteadOfQueuedEmpty(t *testing.T) {
	for name, connection := range map[string]string{"a retry": "vco-7", "a look": "vco-1"} {
		t.Run(name, func(t *testing.T) {
			busy := sites("vco-7")[0]
			busy.State = "updating"
			b := newBench(t, append(sites("vco-1"), busy))
			e := event.Event{Origin: event.Origin{ID: "e-1"}, Ask: event.Ask{ConnectionID: connection}}
			e.Unknown = map[string]json.RawMessage{"ofAnotherVersion": json.RawMessage(`{`)}
			tasks := b.tasksOf(invocation("r-1"), []event.Item{e})
			b.guarded(t.Context(), invocation("r-1"), tasks[0], b.Log)
			telling := &publishing{attacher: b.Attacher}
			if err := b.deliver(budgetOf(t.Context()), invocation("r-1"), tasks, telling); err != nil {
				t.Fatal(err)
			}
			telling.rounds.Wait()
			if queued := b.queue.drain(); len(queued) != 0 || b.told() != connection+" failed Internal" {
				t.Errorf("told %s, queued %q", b.told(), texts(queued))
			}
		})
	}
}
