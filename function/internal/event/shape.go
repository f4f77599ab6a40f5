package event

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Shape is what a JSON object is, by its outermost layer.
type Shape int

// The shapes that are told apart.
const (
	ShapeUnknown     Shape = iota
	ShapeRequest           // {"vpnConnectionId":…}: attach this connection
	ShapeSweep             // {"sweep":…}
	ShapeDetach            // {"detach":…}
	ShapeHealth            // {"health":…}
	ShapeRawData           // {"messageBody":…}: a delivery of the queue trigger without CloudEvent
	ShapeActionTrail       // a CloudEvent with a record of ActionTrail
	ShapeDelivery          // a CloudEvent with a message of the queue: the trigger's delivery
	ShapeOwn               // a CloudEvent of this function's own, of any version
	ShapeOtherType         // a CloudEvent of another type
	ShapeTimer             // {"triggerName":…}: a timer trigger's payload
	ShapeNotice            // {"TopicName":…,"Message":…}: a notification of a topic
)

// ShapeOf recognises the shape of an object. It does not look at whether the object is sound.
func ShapeOf(raw []byte) Shape {
	e, whole := readEnvelope(bytes.TrimSpace(raw))
	if !whole {
		return ShapeUnknown
	}
	return e.shape()
}

// Unwrap gives the message that an envelope carries, and the id that the envelope gives it. An envelope is a delivery
// of the queue, a notification of a topic in JSON or XML, or a JSON string. It reports whether raw is one with a
// message.
func Unwrap(raw []byte) (message []byte, messageID string, is bool) {
	raw = bytes.TrimSpace(raw)
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []byte(text), "", text != ""
	}
	e, whole := readEnvelope(raw)
	shape := e.shape()
	if notice, is := readNotice(raw); is {
		e, whole, shape = notice, true, ShapeNotice
	}
	outerID := e.ID
	e = e.carried(shape)
	if !whole || e.MessageBody == nil {
		return nil, "", false
	}
	messageID = cmp.Or(e.MessageID, outerID)
	if json.Unmarshal(e.MessageBody, &text) != nil {
		return e.MessageBody, messageID, true
	}
	if message = []byte(plain(text)); !json.Valid(message) {
		message = []byte(text)
	}
	return message, messageID, text != ""
}

// plain is the text of a message that may be in base64.
func plain(body string) string {
	body = strings.TrimSpace(body)
	if body == "" || strings.IndexByte("{[\"<", body[0]) >= 0 {
		return body
	}
	if decoded, err := base64.StdEncoding.DecodeString(body); err == nil {
		return strings.TrimSpace(string(decoded))
	}
	return body
}

// envelope holds the fields by which shapes are told apart and messages are identified.
type envelope struct {
	ID, Source, Type, Time         string // of a CloudEvent
	Signature                      string // of an own message
	Account, OriginalAccount       string // of EventBridge: whose bus it is, and whose bus it was at first
	MessageID, TriggerName         string
	TopicName                      string          // of a notification
	Message                        json.RawMessage // of a notification
	Attempt                        json.RawMessage // of an unpublished outcome
	Data, MessageBody              json.RawMessage
	VPNConnectionID, Sweep, Detach json.RawMessage
	Health                         json.RawMessage

	nested    bool   // it came inside another one
	bus       string // the other account from whose bus it, or a layer around it, came; "" for none
	queued    bool   // it came as a message of the queue
	signed    bool   // this function signed it
	rounds    int    // how often the message around it was put back, and when it was first seen
	firstSeen time.Time
}

// readEnvelope reads an object, and reports whether it is one to its end.
func readEnvelope(raw []byte) (e envelope, whole bool) {
	var encoded string
	whole = readFields(raw,
		field{"id", &e.ID}, field{"source", &e.Source}, field{"type", &e.Type}, field{"time", &e.Time},
		field{"data", &e.Data}, field{"messageId", &e.MessageID}, field{"messageBody", &e.MessageBody},
		field{"vpnConnectionId", &e.VPNConnectionID}, field{"sweep", &e.Sweep}, field{"detach", &e.Detach},
		field{"health", &e.Health},
		field{"triggerName", &e.TriggerName}, field{"signature", &e.Signature}, field{"attempt", &e.Attempt},
		field{"topicName", &e.TopicName}, field{"message", &e.Message}, field{"data_base64", &encoded},
		field{"aliyunaccountid", &e.Account}, field{"aliyunoriginalaccountid", &e.OriginalAccount})
	if encoded != "" && (e.Data == nil || string(e.Data) == "null") {
		e.Data = nil
		if data, err := base64.StdEncoding.DecodeString(encoded); err == nil && json.Valid(data) {
			e.Data = bytes.TrimSpace(data)
		}
	}
	return e, whole
}

// inner is what the data of a CloudEvent says.
func (e envelope) inner() envelope {
	inner, _ := readEnvelope(unquoted(e.Data))
	return inner
}

// unquoted is the JSON that a text holds where JSON is meant; else raw itself.
func unquoted(raw json.RawMessage) json.RawMessage {
	var text string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &text) != nil || !json.Valid([]byte(text)) {
		return raw
	}
	return bytes.TrimSpace([]byte(text))
}

// carried is what an envelope of a shape says of the message in it; without a message it has no MessageBody.
func (e envelope) carried(shape Shape) envelope {
	switch shape {
	case ShapeDelivery:
		return e.inner()
	case ShapeRawData:
		return e
	case ShapeNotice:
		return envelope{MessageID: e.MessageID, MessageBody: e.Message}
	}
	return envelope{}
}

// fromQueue reports whether the queue trigger made the envelope, by its type.
func (e envelope) fromQueue() bool {
	return e.Data != nil && strings.HasPrefix(e.Type, "mns:Queue:")
}

// shape takes an envelope for what it is. The order matters: a delivery of the queue may have
// any type, and only what nothing else claims is unknown.
func (e envelope) shape() Shape {
	switch {
	case e.VPNConnectionID != nil:
		return ShapeRequest
	case e.Sweep != nil:
		return ShapeSweep
	case e.Detach != nil:
		return ShapeDetach
	case e.Health != nil:
		return ShapeHealth
	case e.MessageBody != nil:
		return ShapeRawData
	case strings.HasPrefix(e.Type, "vpc:ActionTrail:"), strings.HasPrefix(e.Type, "tag:ActionTrail:"):
		return ShapeActionTrail
	case e.fromQueue(), e.inner().MessageBody != nil: // the type does not always tell
		return ShapeDelivery
	case strings.HasPrefix(e.Type, ownPrefix):
		return ShapeOwn
	case e.Type != "":
		return ShapeOtherType
	case e.TopicName != "" && e.Message != nil:
		return ShapeNotice
	case e.TriggerName != "":
		return ShapeTimer
	}
	return ShapeUnknown
}

// sender is the account from whose bus an event came, as its own envelope says, when it is another than own; own may be
// unknown ("").
func (e envelope) sender(own string) string {
	for _, account := range []string{e.OriginalAccount, e.Account} {
		if IsAccountID(account) && own != "" && account != own {
			return account
		}
	}
	return ""
}

// within adds what the layers around an envelope say. What it says itself wins.
func (e envelope) within(outer envelope) envelope {
	return envelope{
		ID: cmp.Or(e.ID, outer.ID), MessageID: cmp.Or(e.MessageID, outer.MessageID),
		Source: cmp.Or(e.Source, outer.Source), Type: cmp.Or(e.Type, outer.Type), Time: cmp.Or(e.Time, outer.Time),
		nested: true, bus: outer.bus, queued: outer.queued, rounds: outer.rounds, firstSeen: outer.firstSeen,
	}
}

// place is the envelope of the i-th element of a list: what has no id of its own gets one that no other element has.
func (e envelope) place(i int) envelope {
	if i > 0 && e.ID != "" {
		e.ID = fmt.Sprintf("%s/%d", e.ID, i)
	}
	if i > 0 && e.MessageID != "" {
		e.MessageID = fmt.Sprintf("%s/%d", e.MessageID, i)
	}
	return e
}

// owner is the account whose event an envelope of EventBridge brings: the one whose bus it was at first, else the one
// whose bus it is; "" if it names none.
func (e envelope) owner() string {
	for _, account := range []string{e.OriginalAccount, e.Account} {
		if IsAccountID(account) {
			return account
		}
	}
	return ""
}
