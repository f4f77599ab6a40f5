package local

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// Document is what a replay came to, for programs.
type Document struct {
	Outcomes    []json.RawMessage `json:"outcomes"` // in the order of their receipt
	Attachments []Attachment      `json:"attachments"`
	Calls       map[string]int    `json:"calls"` // by API action
	Invocations int               `json:"invocations"`
	DeadLetters []json.RawMessage `json:"deadLetters"`
	Log         []json.RawMessage `json:"log"` // the function's log lines
	Alarms      []Alarm           `json:"alarms"`
	Memory      Memory            `json:"memory"`

	Took time.Duration `json:"-"`
}

// Attachment is a VPN attachment as the cloud has it at the end.
type Attachment struct {
	ID           string   `json:"transitRouterAttachmentId"`
	ConnectionID string   `json:"vpnConnectionId"`
	RouterID     string   `json:"transitRouterId"`
	Status       string   `json:"status"`
	Associated   []string `json:"associated"`
	Propagated   []string `json:"propagated"`
}

// document reads the end from the services' own records.
func (c *Cloud) document(took time.Duration) Document {
	d := Document{
		Outcomes: []json.RawMessage{}, Attachments: []Attachment{},
		DeadLetters: []json.RawMessage{}, Log: []json.RawMessage{},
		Calls: c.Faults.Counts(), Invocations: len(c.Runtime.Invocations()), Took: took,
		Alarms: c.Alarms(), Memory: c.memory(),
	}
	for _, body := range c.outcomes.all() {
		d.Outcomes = append(d.Outcomes, asJSON(body))
	}
	for _, a := range c.Estate.Attachments() {
		d.Attachments = append(d.Attachments, Attachment{
			ID: a.ID, ConnectionID: a.Connection, RouterID: a.Router, Status: a.Status,
			Associated: c.bound(a.ID, estate.KindAssociate), Propagated: c.bound(a.ID, estate.KindPropagate),
		})
	}
	letters, _ := c.Queues.Receive(context.Background(), c.DeadLetters, 10000, 0) // the queue is ours
	for _, letter := range letters {
		d.DeadLetters = append(d.DeadLetters, asJSON(letter.Body))
	}
	for _, line := range c.log.all() {
		d.Log = append(d.Log, asJSON(line))
	}
	return d
}

// bound lists the route tables to which an attachment is bound for good.
func (c *Cloud) bound(attachmentID, kind string) []string {
	tables := []string{}
	for _, b := range c.Estate.Bindings() {
		if b.Attachment == attachmentID && b.Kind == kind && b.Status == "Active" {
			tables = append(tables, b.Table)
		}
	}
	return tables
}

// texts is a list that grows from several goroutines.
type texts struct {
	mu    sync.Mutex
	lines []string
}

func (t *texts) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
}

func (t *texts) all() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.lines)
}
