package attach

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
	standin "vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/standin/sign"
)

const (
	account = "1234567890123456" // of the function
	foreign = "6543210987654321"
)

// bench is an Attacher on stand-ins of all services, which it reaches through the real adapters.
type bench struct {
	*Attacher
	t      *testing.T
	estate *estate.Estate
	topic  *standin.Service
	faults *fault.Injector
	queue  *taken // what the event queue took
	dead   *taken // what the dead-letter queue took
	log    *bytes.Buffer
	count  int // of invocations
}

// taken notes what a queue takes.
type taken struct {
	Queue
	mu       sync.Mutex
	messages []cloud.Message
}

func (q *taken) Send(ctx context.Context, messages []cloud.Message) ([]cloud.Message, error) {
	left, err := q.Queue.Send(ctx, messages)
	if err == nil {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.messages = append(q.messages, messages...)
	}
	return left, err
}

// drain gives what was taken since the last time.
func (q *taken) drain() []cloud.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	messages := q.messages
	q.messages = nil
	return messages
}

// newBench has the given connections and one ready transit router, tr-core, with two route
// tables. Attachments and bindings are complete at once.
func newBench(t *testing.T, connections []estate.VPNConnection, faults ...fault.Fault) *bench {
	t.Helper()
	return newBenchIn(t, estate.Options{}, connections, faults...)
}

// slow is an estate in which nothing completes during a test.
func slow() estate.Options {
	return estate.Options{AttachSeconds: 3600, RouteTableSeconds: 3600, DetachSeconds: 3600}
}

func newBenchIn(t *testing.T, o estate.Options, connections []estate.VPNConnection, faults ...fault.Fault) *bench {
	t.Helper()
	keys := &sign.Keyring{}
	keys.Add("own", "sk", "")
	keys.Add("other", "sk", "")
	accept := map[string]string{"vpn-attach:accept": "any"}
	bind := map[string]string{"vpn-attach:accept": "associate,propagate"}
	o.Account, o.Region, o.Keys = account, "cn-hangzhou", keys
	o.Empty, o.Stale = fault.Emptied, fault.Stale
	o.AccountOf = func(key string) string { return map[string]string{"other": foreign}[key] }
	state, err := estate.New(o, estate.Seed{VPNConnections: connections, TransitRouters: []estate.TransitRouter{{
		ID: "tr-core", CEN: "cen-core", CIDRs: []string{"10.255.0.0/24"}, Tags: accept,
		RouteTables: []estate.RouteTable{{ID: "vtb-sys", Type: "System", Tags: bind}, {ID: "vtb-sites",
			Name: "sites", Tags: bind}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(state.Close)
	queues := standin.New(standin.Options{Account: account, Region: "cn-hangzhou", Keys: keys})
	err = errors.Join(queues.CreateTopic("outcomes", standin.TopicAttributes{}),
		queues.CreateQueue("events", standin.QueueAttributes{}),
		queues.CreateQueue("dead-letters", standin.QueueAttributes{}))
	if err != nil {
		t.Fatal(err)
	}
	injector, err := fault.New(fault.Options{Faults: faults, Caller: sign.AccessKeyID})
	if err != nil {
		t.Fatal(err)
	}
	cloud, client, log := dialCloud(t, injector, state), dialQueues(t, injector, queues), &bytes.Buffer{}
	b := &bench{
		t: t, estate: state, topic: queues, faults: injector, log: log,
		queue: &taken{Queue: mns.Queue{Client: client, Name: "events"}},
		dead:  &taken{Queue: mns.Queue{Client: client, Name: "dead-letters"}},
	}
	b.Attacher = attacher(log)
	b.Reader, b.Writer, b.Topic = cloud, cloud, mns.Topic{Client: client, Name: "outcomes"}
	b.Queue, b.DeadLetters = b.queue, b.dead
	return b
}

// attacher has the rules and times of production, but for short waits, and no services.
func attacher(log io.Writer) *Attacher {
	codes := decide.NewCodes(nil)
	return &Attacher{
		Signer:   signer(),
		Rules:    decide.Rules{TagPrefix: "vpn-attach:", RequireConsent: true, AutoPublish: true},
		Schedule: decide.Schedule{Horizon: 24 * time.Hour, ConfirmTimeout: time.Hour, Codes: codes},
		Pace: &pace.Pace{
			Tries: 2, FirstWait: time.Millisecond, LongestWait: time.Millisecond, CallTimeout: 5 * time.Second,
			Slots:     2,
			Retryable: func(err error) bool { return codes.ClassOf(err) == decide.ClassRetry },
		},
		Rereads: 3, Concurrency: 4, Sweep: decide.SweepReport, SweepMax: 50,
		Log: zerolog.New(zerolog.SyncWriter(log)),
	}
}

// invocation is one of the function, at this moment.
func invocation(requestID string) Invocation {
	return Invocation{
		Function:  decide.Function{RegionID: "cn-hangzhou", AccountID: account, Name: "vpn-attach"},
		RequestID: requestID, Started: time.Now(),
	}
}

// handle takes a payload of these elements through one invocation.
func (b *bench) handle(elements ...string) Answer {
	b.t.Helper()
	answer, err := b.try(elements...)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

func (b *bench) try(elements ...string) (Answer, error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	b.count++
	payload := "[" + strings.Join(elements, ",") + "]"
	return b.Handle(ctx, invocation(fmt.Sprint("r-", b.count)), []byte(payload))
}

// goOn takes what is queued through one invocation, whatever its delay.
func (b *bench) goOn() Answer {
	b.t.Helper()
	return b.handle(texts(b.queue.drain())...)
}

func texts(messages []cloud.Message) (bodies []string) {
	for _, m := range messages {
		bodies = append(bodies, string(m.Body))
	}
	return bodies
}

// outcomes are all that were published, in order.
func (b *bench) outcomes() (all []decide.OutcomeData) {
	b.t.Helper()
	for _, p := range b.topic.Published("outcomes") {
		var o decide.Outcome
		if err := json.Unmarshal([]byte(p.Body), &o); err != nil || string(o.Data.Status) != p.Tag {
			b.t.Fatalf("an outcome with the tag %s: %s, %v", p.Tag, p.Body, err)
		}
		all = append(all, o.Data)
	}
	return all
}

// told is what the outcomes say, in short: connection, status and code or reason, sorted.
func (b *bench) told() string {
	b.t.Helper()
	var all []string
	for _, o := range b.outcomes() {
		words := []string{o.ConnectionID, string(o.Status), o.Reason}
		if o.Error != nil {
			words = append(words, o.Error.Code)
		}
		all = append(all, strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " "))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// attached are the connections that have an attachment, sorted.
func (b *bench) attached() string {
	var all []string
	for _, a := range b.estate.Attachments() {
		if a.Status != estate.StatusDeleted {
			all = append(all, a.Connection)
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
