package local

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
)

// Document is what a replay came to, for programs.
type Document struct {
	Outcomes    []json.RawMessage `json:"outcomes"` // in the order of their receipt
	Attachments []Attachment      `json:"attachments"`
	Calls       map[string]int    `json:"calls"` // by API action
	Invocations int               `json:"invocations"`
	DeadLetters []json.RawMessage `json:"deadLetters"`
	Log         []json.RawMessage `json:"log"` // the function's log lines

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
func (c *Cloud) document(outcomes []string, took time.Duration) Document {
	d := Document{
		Outcomes: []json.RawMessage{}, Attachments: []Attachment{}, DeadLetters: []json.RawMessage{}, Log: []json.RawMessage{},
		Calls: c.Faults.Counts(), Invocations: len(c.Runtime.Invocations()), Took: took,
	}
	for _, body := range outcomes {
		d.Outcomes = append(d.Outcomes, asJSON(body))
	}
	for _, a := range c.Estate.Attachments() {
		d.Attachments = append(d.Attachments, Attachment{
			ID: a.ID, ConnectionID: a.VPNConnectionID, RouterID: a.TransitRouterID, Status: a.Status,
			Associated: []string{}, Propagated: []string{},
		})
	}
	letters, _ := c.Queues.Receive(context.Background(), deadLetters, 10000, 0) // the queue is ours
	for _, letter := range letters {
		d.DeadLetters = append(d.DeadLetters, asJSON(letter.Body))
	}
	for _, line := range c.log.all() {
		d.Log = append(d.Log, asJSON(line))
	}
	return d
}

// lineLog keeps the function's log lines: what it wrote as JSON on its output. The
// runtime SDK's own lines are not among them.
type lineLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *lineLog) add(stream, line string) {
	if stream != "stdout" || !strings.HasPrefix(line, "{") {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *lineLog) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}
