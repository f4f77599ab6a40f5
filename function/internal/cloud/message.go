package cloud

import "time"

// Message is a message for a queue of Message Service.
type Message struct {
	Body  []byte
	Delay time.Duration // until it can be received; whole seconds count
}
