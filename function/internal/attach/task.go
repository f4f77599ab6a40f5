package attach

import (
	"context"
	"runtime/debug"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
)

// job is the work for one item of a payload. There is one type for each kind of item.
type job interface {
	// work does it. Everything that must be sent is encoded already in the effects; an error says that it could not be.
	work(ctx context.Context) (effects, error)
	// log writes the one line of the item. undelivered is why its effects were not sent; nil when they were.
	log(log zerolog.Logger, done effects, undelivered error)
}

// effects are what a job leaves to be sent.
type effects struct {
	requeue    []requeued     // to the event queue
	deadLetter *cloud.Message // of what is given up
	outcome    *publication   // to the topic; nil: there is no news
	ignored    bool           // the item was about nothing that could be attached
}

// largest is the size of the largest message for a queue.
func (e effects) largest() (size int) {
	for _, f := range e.requeue {
		size = max(size, len(f.Body))
	}
	if e.deadLetter != nil {
		size = max(size, len(e.deadLetter.Body))
	}
	return size
}

// requeued is a message for the event queue that may have copies.
type requeued struct {
	cloud.Message
	copyOf   func() string // copies give the same text, and differ in progress alone; nil means that there are none
	progress int           // how far it has come
}

// publication is a document for the topic.
type publication struct {
	id       string
	status   decide.Status // the message tag
	made     time.Time
	attempts int  // how often it could not be published before
	keep     bool // it waits in the queue while the topic does not take it
	body     []byte

	err    error // why it is not published
	queued bool  // it waits in the queue
}

// isHealth reports whether the document is about the health of a connection.
func (p publication) isHealth() bool {
	state := decide.HealthState(p.status)
	return state == decide.HealthUp || state == decide.HealthDegraded || state == decide.HealthDown
}

// task is one item of a payload, from its job to what is sent.
type task struct {
	job     job
	place   int         // in the payload
	about   event.Event // what a refusal names
	turn    string      // tasks with the same go in turn: events of one connection; empty goes at once
	effects effects
	// undelivered is why its effects were not sent, or not all of them; nil when they were, whatever became of others.
	undelivered error
	carries     *publication // of a task that only brings an unpublished outcome to the queue
}

// tasksOf gives every item its job. This is the only place that tells the kinds apart.
func (a *Attacher) tasksOf(inv Invocation, items []event.Item) []*task {
	base := reading{
		cloud: a.Reader, pace: a.Pace, rules: a.Rules, schedule: a.Schedule, inv: inv,
		shared: &shared{events: map[string]int{}}, sizes: &a.sizes,
	}
	tasks := make([]*task, 0, len(items))
	chosen := theSweep(items)
	for i, item := range items {
		t := &task{place: i}
		switch item := item.(type) {
		case event.Event:
			t.about, t.job = a.jobOf(base, item)
			t.turn = t.about.ConnectionID
		case event.Sweep:
			t.about.ID, t.job = item.ID, a.newSweep(base, item, len(items) == 1)
			if i != chosen {
				t.job = otherSweep(item, items[chosen].(event.Sweep))
			}
		case event.Unpublished:
			t.about.ID, t.job = item.ID, republish{item}
		case event.OtherVersion:
			t.about.ID, t.job = item.ID, a.otherVersion(inv, item)
		case event.Malformed:
			t.about.ID, t.about.ConnectionID = item.ID, item.ConnectionID
			t.job = a.malformed(inv, t.about, item)
		case event.Surplus:
			t.job = surplus{item.Body}
		case event.Ignored:
			t.job = ignore{item.Reason}
		}
		tasks = append(tasks, t)
	}
	return tasks
}

// jobOf gives the job of an event, and the event as it was admitted.
func (a *Attacher) jobOf(base reading, e event.Event) (event.Event, job) {
	switch {
	case e.Health != nil && !e.Health.Asked && a.Schedule.HealthTimeout == 0:
		return e, ignore{"a look at the health of a connection, and HEALTH is off"}
	case e.Health != nil:
		c := a.newCheckup(base, e)
		return c.event, c
	}
	t := a.newAttempt(base, e)
	return t.event, t
}

// perConnection groups tasks. Events of one connection go one after another, by their time,
// through work and publishing alike; all other tasks go at once.
func perConnection(tasks []*task) [][]*task {
	now := time.Now()
	var groups [][]*task
	groupOf := map[string]int{}
	for _, t := range tasks {
		at, found := groupOf[t.turn]
		if !found || t.turn == "" {
			at, groups = len(groups), append(groups, nil)
			groupOf[t.turn] = at
		}
		groups[at] = append(groups[at], t)
	}
	for _, group := range groups {
		slices.SortStableFunc(group, func(a, b *task) int { return timeOf(a, now).Compare(timeOf(b, now)) })
	}
	return groups
}

// timeOf is the time of a task's event; one from the future counts as now.
func timeOf(t *task, now time.Time) time.Time {
	if t.about.Time.After(now) {
		return now
	}
	return t.about.Time
}

// each does something for every task, for at most Concurrency groups at once.
func (a *Attacher) each(groups [][]*task, do func(*task)) {
	a.eachGroup(groups, func(group []*task) {
		for _, t := range group {
			do(t)
		}
	})
}

// eachGroup does something for every group, for at most Concurrency of them at once.
func (a *Attacher) eachGroup(groups [][]*task, do func([]*task)) {
	if len(groups) == 1 { // mostly: no other goroutine is needed
		do(groups[0])
		return
	}
	var running errgroup.Group
	running.SetLimit(a.Concurrency)
	for _, group := range groups {
		running.Go(func() error {
			do(group)
			return nil
		})
	}
	_ = running.Wait() // what goes wrong is in the tasks
}

// guarded gives a task its effects. A job that panics, or cannot encode what it came to, costs its own item alone: the
// item is refused.
func (a *Attacher) guarded(ctx context.Context, inv Invocation, t *task, log zerolog.Logger) {
	refuse := func() {
		t.job = a.refusal(inv, t.about, decide.CodeInternal, "the function failed on this event")
		t.effects, _ = t.job.work(ctx) // a refusal holds nothing that cannot be encoded
	}
	defer caught(log, "eventId", t.about.ID, refuse)
	done, err := t.job.work(ctx)
	if err != nil {
		log.Error().Str("eventId", t.about.ID).Err(err).Msg("internal fault")
		refuse()
		return
	}
	t.effects = done
}

// caught, when it is deferred, keeps a panic to the item that it came from. The text of a panic may hold the message,
// so only where it happened is logged.
func caught(log zerolog.Logger, key, id string, otherwise func()) {
	if p := recover(); p != nil {
		log.Error().Str(key, id).Type("panic", p).Bytes("stack", debug.Stack()).Msg("internal fault")
		otherwise()
	}
}
