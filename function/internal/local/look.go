package local

import (
	"time"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/mns"
)

// peeked is how many messages of a queue are shown.
const peeked = 100

// MessageState is a message in a queue, as the page shows it. Keys are blanked.
type MessageState struct {
	ID         string    `json:"id"`
	State      string    `json:"state"` // visible, delayed or in flight
	Sent       time.Time `json:"sent"`
	Visible    time.Time `json:"visible,omitzero"` // when it is, if it is not
	Deliveries int       `json:"deliveries"`
	Bytes      int       `json:"bytes"`
	Body       string    `json:"body"`
}

// messages looks into a queue without taking anything.
func (c *Cloud) messages(queue string) []MessageState {
	shown := []MessageState{}
	for _, m := range c.Queues.Look(queue, peeked) {
		one := MessageState{
			ID: m.MessageID, State: m.State, Sent: m.EnqueueTime.UTC(), Deliveries: m.DequeueCount,
			Bytes: len(m.Body), Body: event.Blank(m.Body),
		}
		if m.State != mns.Visible {
			one.Visible = m.NextVisibleTime.UTC()
		}
		shown = append(shown, one)
	}
	return shown
}
