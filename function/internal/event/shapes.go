package event

import (
	"encoding/json"
	"strings"
)

// envelope holds the fields by which the shapes of input are told apart: a
// CloudEvent (of the queue trigger, of EventBridge, of our own), the trigger's
// RawData, a timer, a direct request.
type envelope struct {
	ID     text            `json:"id"`
	Source text            `json:"source"`
	Type   text            `json:"type"`
	Time   text            `json:"time"`
	Data   json.RawMessage `json:"data"`

	MessageID   text            `json:"messageId"`
	MessageBody json.RawMessage `json:"messageBody"`

	VPNConnectionID json.RawMessage `json:"vpnConnectionId"`
	Sweep           json.RawMessage `json:"sweep"`
	Detach          json.RawMessage `json:"detach"`
	TriggerName     text            `json:"triggerName"`
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
	case isQueueEnvelope(e):
		var inner envelope
		if json.Unmarshal(e.Data, &inner) != nil || inner.MessageBody == nil {
			return malformed("data.messageBody", "a queue message without a body")
		}
		return d.message(inner, from.within(e), layers)
	case strings.HasPrefix(string(e.Type), "vpc:ActionTrail:"):
		return d.record(e.Data, from.within(e))
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
	if e.Data == nil {
		return false
	}
	if strings.HasPrefix(string(e.Type), "mns:Queue:") {
		return true
	}
	var data struct {
		MessageBody json.RawMessage `json:"messageBody"`
	}
	return json.Unmarshal(e.Data, &data) == nil && data.MessageBody != nil
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
