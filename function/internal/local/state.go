package local

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/attach"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/mns"
)

// State is what the page shows. It has no place for secrets.
type State struct {
	Account     string            `json:"account"`
	Region      string            `json:"region"`
	Speed       float64           `json:"speed"`
	Prefix      string            `json:"prefix"`   // of the tags
	Function    string            `json:"function"` // where it is invoked
	Counts      CountState        `json:"counts"`
	Needs       []Attention       `json:"needs"`
	Routers     []RouterState     `json:"routers"`
	Connections []ConnectionState `json:"connections"`
	Queue       QueueState        `json:"queue"`
	Queues      []NamedQueueState `json:"queues"`
	DeadLetters int               `json:"deadLetters"`
	Letters     string            `json:"letters"` // the queue of the dead letters
	Faults      []FaultState      `json:"faults"`
	Outcomes    []json.RawMessage `json:"outcomes"` // the last ones, as the subscriber received them
	Invocations []InvocationState `json:"invocations"`
	Alarms      []Alarm           `json:"alarms"`
	Memory      Memory            `json:"memory"`
	Notices     []NoticeState     `json:"notices"` // of subscribers that are no queues, the last ones

	cli command
}

// CountState counts what a person looks for first.
type CountState struct {
	Attached  int       `json:"attached"`
	Retrying  int       `json:"retrying"`
	NextRetry time.Time `json:"nextRetry,omitzero"`
	Needs     int       `json:"needs"`
}

// RouterState is a transit router.
type RouterState struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	CEN    string   `json:"cen"`
	Status string   `json:"status"`
	Label  string   `json:"label"`
	Accept string   `json:"accept"`
	Tables []string `json:"tables"`

	Tags map[string]string `json:"tags"`
}

// ConnectionState is a VPN connection with its attachment.
type ConnectionState struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Tags       map[string]string `json:"tags"`
	State      string            `json:"state"` // of a connection without attachment
	Attachment string            `json:"attachment"`
	Router     string            `json:"router"`
	Status     string            `json:"status"` // of the attachment
	Associated []string          `json:"associated"`
	Propagated []string          `json:"propagated"`
	Tunnels    []bool            `json:"tunnels,omitempty"` // of an attached connection: which are up
	Condition  string            `json:"condition"`         // see the constants
	History    []Told            `json:"history"`           // its last outcomes, the latest first
}

// QueueState counts the event queue's messages.
type QueueState struct {
	Visible  int `json:"visible"`
	Delayed  int `json:"delayed"`
	InFlight int `json:"inFlight"`
}

// NamedQueueState is a queue with its counts.
type NamedQueueState struct {
	Name string `json:"name"`
	QueueState
}

// FaultState is a fault of the list, as a cloud file has it.
type FaultState struct {
	ID     int    `json:"id"`
	Fault  string `json:"fault"`
	Struck int    `json:"struck"`
	Over   bool   `json:"over"`
}

// NoticeState is what became of a message for an endpoint, a mail address or a telephone.
type NoticeState struct {
	Topic    string `json:"topic"`
	Endpoint string `json:"endpoint"`
	Result   string `json:"result"`
	Tries    int    `json:"tries"`
}

// InvocationState is one run of the function.
type InvocationState struct {
	RequestID string    `json:"requestId"`
	Instance  string    `json:"instance"`
	Started   time.Time `json:"started"`
	Ms        int64     `json:"ms"`
	Cold      bool      `json:"cold"`
	Version   string    `json:"version"` // of the function: a number, or LATEST
	Failure   string    `json:"failure"`
	Did       string    `json:"did"` // in a few words, from its own report
	Log       string    `json:"log"`
}

// historyShown is how many outcomes of a connection the page has; /local/outcomes has more.
const historyShown = 6

// alarmsEvery is how often the alarms are judged while the page is open: it takes a look at the whole log.
const alarmsEvery = 10 * time.Second

// judgedAlarms are the alarms as they stood a moment ago.
type judgedAlarms struct {
	mu  sync.Mutex
	at  time.Time
	all []Alarm
}

func (j *judgedAlarms) now(judge func() []Alarm) []Alarm {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.all == nil || time.Since(j.at) >= alarmsEvery {
		j.at, j.all = time.Now(), judge()
	}
	return j.all
}

// lastShown is how many outcomes and invocations the page has.
const lastShown = 30

// state reads the services' own records.
func (c *Cloud) state() State {
	letters := c.Queues.Stats(c.DeadLetters)
	s := State{
		Account: c.Spec.Account, Region: c.Spec.Region, Speed: c.speed, Prefix: c.tagPrefix(),
		Function: "http://" + c.Address + fc.InvokePath + c.deployed.FunctionName + "/invocations",
		Queue:    queueState(c.Queues.Stats(c.EventQueue)), Faults: c.faultStates(),
		DeadLetters: letters.Active + letters.Inactive, Letters: c.DeadLetters, Outcomes: []json.RawMessage{},
		Invocations: []InvocationState{}, Notices: []NoticeState{}, cli: c.CLI(),
		Alarms: c.desk.alarms.now(c.Alarms), Memory: c.memory(),
	}
	for _, name := range c.Queues.QueueNames() {
		s.Queues = append(s.Queues, NamedQueueState{name, queueState(c.Queues.Stats(name))})
	}
	seed, all := c.Estate.Seed(), c.outcomes.all()
	told := c.desk.book.open(all)
	s.Routers = routerStates(seed.TransitRouters)
	s.Connections = c.connectionStates(seed, told)
	for _, body := range last(all) {
		s.Outcomes = append(s.Outcomes, asJSON(body))
	}
	for _, i := range last(c.Runtime.Invocations()) {
		s.Invocations = append(s.Invocations, invocationState(i))
	}
	for _, n := range last(c.Queues.Notices()) {
		s.Notices = append(s.Notices, NoticeState{n.Topic, n.Endpoint, n.Result, n.Tries})
	}
	s.Needs = c.needs(s, told)
	s.Counts = countsOf(s)
	return s
}

// tagPrefix is what the names of the function's tags begin with.
func (c *Cloud) tagPrefix() string {
	return c.Variables()["TAG_PREFIX"]
}

func queueState(q mns.Stats) QueueState {
	return QueueState{Visible: q.Active, Delayed: q.Delayed, InFlight: q.Inactive}
}

func (c *Cloud) faultStates() []FaultState {
	all := []FaultState{}
	for _, p := range c.Faults.Planned() {
		all = append(all, FaultState{p.ID, p.Fault.String(), p.Struck, p.Over})
	}
	return all
}

func routerStates(routers []estate.TransitRouter) []RouterState {
	all := []RouterState{}
	for _, r := range routers {
		router := RouterState{
			ID: r.ID, Name: r.Name, CEN: r.CEN, Status: r.Status, Tables: []string{}, Tags: r.Tags,
			Label: r.Tags["vpn-attach:label"], Accept: r.Tags["vpn-attach:accept"],
		}
		for _, t := range r.RouteTables {
			router.Tables = append(router.Tables, strings.TrimSpace(t.ID+" "+t.Name))
		}
		all = append(all, router)
	}
	return all
}

// connectionStates are the connections with their attachments and what was told of them.
func (c *Cloud) connectionStates(seed estate.Seed, told map[string][]Told) []ConnectionState {
	live := map[string]estate.Attachment{}
	for _, a := range c.Estate.Attachments() {
		if a.Status != estate.StatusDeleted {
			live[a.Connection] = a
		}
	}
	bindings, prefix := c.boundTables(), c.tagPrefix()
	all := []ConnectionState{}
	for _, v := range seed.VPNConnections {
		a := live[v.ID]
		state := ConnectionState{
			ID: v.ID, Name: v.Name, Tags: v.Tags, State: v.State, Attachment: a.ID, Router: a.Router, Status: a.Status,
			Associated: []string{}, Propagated: []string{}, History: []Told{},
		}
		state.Associated = append(state.Associated, bindings[end{a.ID, estate.KindAssociate}]...)
		state.Propagated = append(state.Propagated, bindings[end{a.ID, estate.KindPropagate}]...)
		if a.Status == estate.StatusAttached {
			state.Tunnels = c.Estate.TunnelsUp(v.ID)
		}
		state.History = append(state.History, told[v.ID][:min(len(told[v.ID]), historyShown)]...)
		tag := v.Tags[prefix+"transit-router"]
		state.Condition = condition(a.Status, state.History, tag)
		if state.Condition == ConditionAttached && isElsewhere(seed.TransitRouters, prefix, tag, a.Router) {
			state.Condition = ConditionConflict
		}
		all = append(all, state)
	}
	return all
}

// countsOf counts what the state shows.
func countsOf(s State) CountState {
	counts := CountState{Needs: len(s.Needs)}
	for _, c := range s.Connections {
		switch c.Condition {
		case ConditionAttached:
			counts.Attached++
		case ConditionRetrying:
			counts.Retrying++
			at := latestOf(c.History).RetryAt
			if !at.IsZero() && (counts.NextRetry.IsZero() || at.Before(counts.NextRetry)) {
				counts.NextRetry = at
			}
		}
	}
	return counts
}

func invocationState(i fc.Invocation) InvocationState {
	state := InvocationState{
		RequestID: i.RequestID, Instance: i.InstanceID, Started: i.Started, Ms: i.Duration.Milliseconds(),
		Cold: i.Cold, Version: i.Version, Did: did(i.Response), Log: string(i.Log),
	}
	if i.Failure != nil {
		state.Failure = i.Failure.Type + ": " + i.Failure.Message
	}
	return state
}

// did says what an invocation did, from its answer: how its events ended, as a trigger or as a direct caller is told.
func did(response []byte) string {
	var answer attach.Answer
	_ = json.Unmarshal(response, &answer) // what is no answer did nothing that is known
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(answer.Statuses)) {
		parts = append(parts, fmt.Sprintf("%d %s", answer.Statuses[status], status))
	}
	for i, raw := range slices.Concat(answer.Outcomes, answer.Sweeps) {
		if i == 2 {
			parts = append(parts, fmt.Sprintf("%d more", len(answer.Outcomes)+len(answer.Sweeps)-i))
			break
		}
		told := toldBy(string(raw))
		parts = append(parts, strings.TrimSpace(told.Status+" "+told.Subject))
	}
	for _, more := range []struct {
		n    int
		what string
	}{{answer.Queued, "queued"}, {answer.Ignored, "ignored"}} {
		if more.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", more.n, more.what))
		}
	}
	if answer.Paused {
		parts = append(parts, "paused")
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing new")
}

// last gives the end of a list, the latest first.
func last[T any](all []T) []T {
	var picked []T
	for i := len(all) - 1; i >= 0 && len(picked) < lastShown; i-- {
		picked = append(picked, all[i])
	}
	return picked
}
