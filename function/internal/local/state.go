package local

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fc"
)

// State is what the page shows. It has no place for secrets.
type State struct {
	Account     string            `json:"account"`
	Region      string            `json:"region"`
	Speed       float64           `json:"speed"`
	Routers     []RouterState     `json:"routers"`
	Connections []ConnectionState `json:"connections"`
	Queue       QueueState        `json:"queue"`
	DeadLetters int               `json:"deadLetters"`
	Outcomes    []json.RawMessage `json:"outcomes"` // the last ones, as the subscriber received them
	Invocations []InvocationState `json:"invocations"`
	Alarms      []Alarm           `json:"alarms"`
	Memory      Memory            `json:"memory"`
	Notices     []NoticeState     `json:"notices"` // of subscribers that are no queues, the last ones
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
}

// QueueState counts the event queue's messages.
type QueueState struct {
	Visible  int `json:"visible"`
	Delayed  int `json:"delayed"`
	InFlight int `json:"inFlight"`
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
	Failure   string    `json:"failure"`
	Did       string    `json:"did"` // in a few words, from its own report
	Log       string    `json:"log"`
}

// lastShown is how many outcomes and invocations the page has.
const lastShown = 30

// state reads the services' own records.
func (c *Cloud) state() State {
	queue := c.Queues.Stats(c.EventQueue)
	letters := c.Queues.Stats(c.DeadLetters)
	s := State{
		Account: c.Spec.Account, Region: c.Spec.Region, Speed: c.speed,
		Queue:       QueueState{Visible: queue.Active, Delayed: queue.Delayed, InFlight: queue.Inactive},
		DeadLetters: letters.Active + letters.Inactive, Routers: []RouterState{}, Connections: []ConnectionState{},
		Outcomes: []json.RawMessage{}, Invocations: []InvocationState{}, Notices: []NoticeState{},
		Alarms: c.Alarms(), Memory: c.memory(),
	}
	seed := c.Estate.Seed()
	for _, r := range seed.TransitRouters {
		router := RouterState{
			ID: r.ID, Name: r.Name, CEN: r.CEN, Status: r.Status, Tables: []string{},
			Label: r.Tags["vpn-attach:label"], Accept: r.Tags["vpn-attach:accept"],
		}
		for _, t := range r.RouteTables {
			router.Tables = append(router.Tables, strings.TrimSpace(t.ID+" "+t.Name))
		}
		s.Routers = append(s.Routers, router)
	}
	live := map[string]estate.Attachment{}
	for _, a := range c.Estate.Attachments() {
		if a.Status != estate.StatusDeleted {
			live[a.Connection] = a
		}
	}
	for _, v := range seed.VPNConnections {
		a := live[v.ID]
		s.Connections = append(s.Connections, ConnectionState{
			ID: v.ID, Name: v.Name, Tags: v.Tags, State: v.State, Attachment: a.ID, Router: a.Router, Status: a.Status,
			Associated: c.bound(a.ID, estate.KindAssociate), Propagated: c.bound(a.ID, estate.KindPropagate),
		})
	}
	for _, body := range last(c.outcomes.all()) {
		s.Outcomes = append(s.Outcomes, asJSON(body))
	}
	for _, i := range last(c.Runtime.Invocations()) {
		s.Invocations = append(s.Invocations, invocationState(i))
	}
	for _, n := range last(c.Queues.Notices()) {
		s.Notices = append(s.Notices, NoticeState{n.Topic, n.Endpoint, n.Result, n.Tries})
	}
	return s
}

func invocationState(i fc.Invocation) InvocationState {
	state := InvocationState{
		RequestID: i.RequestID, Instance: i.InstanceID, Started: i.Started, Ms: i.Duration.Milliseconds(),
		Cold: i.Cold, Did: did(i.Response), Log: string(i.Log),
	}
	if i.Failure != nil {
		state.Failure = i.Failure.Type + ": " + i.Failure.Message
	}
	return state
}

// did reads an invocation's report: how its events ended, or went back to the queue.
func did(response []byte) string {
	var report struct {
		Queued   int
		Outcomes []struct {
			Subject string
			Data    struct{ Status string }
		}
	}
	_ = json.Unmarshal(response, &report) // what is no report did nothing that is known
	var parts []string
	for i, o := range report.Outcomes {
		if i == 2 {
			parts = append(parts, fmt.Sprintf("%d more", len(report.Outcomes)-i))
			break
		}
		parts = append(parts, strings.TrimSpace(o.Data.Status+" "+o.Subject))
	}
	if report.Queued > 0 {
		parts = append(parts, fmt.Sprintf("%d queued", report.Queued))
	}
	if len(parts) == 0 {
		return "nothing new"
	}
	return strings.Join(parts, ", ")
}

// last gives the end of a list, the latest first.
func last[T any](all []T) []T {
	var picked []T
	for i := len(all) - 1; i >= 0 && len(picked) < lastShown; i-- {
		picked = append(picked, all[i])
	}
	return picked
}
