package local

import (
	"encoding/json"
	"time"

	"vpn-attach/function/internal/event"
)

// Messages gives the messages of the queue that the case sends at a time: what it puts there, and what deliveries that
// it hands over carry. Those that ask to be signed are not. A payload that is too large carries none: it is refused
// whole.
func (c Case) Messages(at time.Time) (all [][]byte, err error) {
	m := c.events
	m.now = at
	for _, sent := range c.sent() {
		text, err := sent.Make(m)
		if err != nil {
			return nil, err
		}
		if len(text) > event.MaxPayload {
			continue
		}
		var elements []json.RawMessage
		if json.Unmarshal(text, &elements) != nil {
			elements = []json.RawMessage{text}
		}
		if !looksLikePayload(text) {
			all = append(all, text)
			continue
		}
		for _, element := range elements {
			if message, _, is := event.Unwrap(element); is {
				all = append(all, message)
			}
		}
	}
	return all, nil
}
