package event

import (
	"encoding/json"
	"strings"
)

// envelope holds the fields by which the shapes of input are told apart: a
// CloudEvent (of the queue trigger, of EventBridge, of our own), the trigger's
// RawData, a timer, a direct request.
type envelope struct {
	ID     text
	Source text
	Type   text
	Time   text
	Data   json.RawMessage

	MessageID   text
	MessageBody json.RawMessage

	VPNConnectionID json.RawMessage
	Sweep           json.RawMessage
	Detach          json.RawMessage
	TriggerName     text
}

// readEnvelope reads an object, and reports whether it is one to its end.
func readEnvelope(raw json.RawMessage) (e envelope, whole bool) {
	whole = fields(raw, func(name string, value json.RawMessage) {
		switch name {
		case "id":
			e.ID = textOf(value)
		case "source":
			e.Source = textOf(value)
		case "type":
			e.Type = textOf(value)
		case "time":
			e.Time = textOf(value)
		case "data":
			e.Data = value
		case "messageid":
			e.MessageID = textOf(value)
		case "messagebody":
			e.MessageBody = value
		case "vpnconnectionid":
			e.VPNConnectionID = value
		case "sweep":
			e.Sweep = value
		case "detach":
			e.Detach = value
		case "triggername":
			e.TriggerName = textOf(value)
		}
	})
	return e, whole
}

// fromQueue reports whether the queue trigger made the envelope, by its type.
func (e envelope) fromQueue() bool {
	return e.Data != nil && strings.HasPrefix(string(e.Type), "mns:Queue:")
}

// dispatch takes an envelope for what it is. The order matters: an envelope of the
// queue may have a type of its own, and only what nothing else claims is refused.
func (d *decoder) dispatch(raw json.RawMessage, e envelope, from origin, layers int) *Malformed {
	isDirect := e.VPNConnectionID != nil || e.Sweep != nil || e.Detach != nil
	if !isDirect {
		d.direct = false
	}
	if len(raw) > MaxBody && !from.nested && e.Data == nil && e.MessageBody == nil {
		return oversize("payload", "one element has %d bytes, at most %d are taken", len(raw), MaxBody)
	}
	switch {
	case e.VPNConnectionID != nil:
		return d.request(raw, from)
	case e.Sweep != nil:
		return d.sweep(e.Sweep, from)
	case e.Detach != nil:
		return d.detach(e.Detach, from)
	case e.MessageBody != nil:
		return d.message(e, from, layers)
	case strings.HasPrefix(string(e.Type), "vpc:ActionTrail:"):
		return d.record(e.Data, from.within(e))
	case isQueueEnvelope(e):
		inner, _ := readEnvelope(e.Data)
		if inner.MessageBody == nil {
			return malformed("data.messageBody", "a queue message without a body")
		}
		return d.message(inner, from.within(e), layers)
	case strings.HasPrefix(string(e.Type), ownPrefix):
		return d.own(raw, e, from.within(e))
	case e.Type != "":
		d.items = append(d.items, Item{Ignored: "an event of another type"})
		return nil
	case e.TriggerName != "":
		return d.timer(raw)
	}
	return malformed("payload", "it has none of the shapes that are taken: an array or object of the queue trigger, an EventBridge event, or a request with vpnConnectionId, sweep or detach")
}

// isQueueEnvelope reports whether a CloudEvent carries a queue message. The type
// alone does not tell, since producers write it differently.
func isQueueEnvelope(e envelope) bool {
	if e.fromQueue() {
		return true
	}
	inner, _ := readEnvelope(e.Data)
	return inner.MessageBody != nil
}

// message reads what a queue message carries.
func (d *decoder) message(e envelope, from origin, layers int) *Malformed {
	if e.MessageID != "" {
		from.messageID = string(e.MessageID)
	}
	from.nested = true
	var body string
	if json.Unmarshal(e.MessageBody, &body) == nil {
		return d.body(body, from, layers)
	}
	return d.layer(e.MessageBody, from, layers+1)
}
