package redrive

import (
	"bytes"
	"encoding/json"
	"encoding/xml"

	"vpn-attach/function/internal/event"
)

// unwrap gives the message that an envelope carries, and the id that the envelope gives it. An envelope is a delivery
// of the queue's trigger, whose message is a text or an object, a notification of a topic, or a JSON string.
func unwrap(body []byte) (message []byte, id string, is bool) {
	var text string
	if json.Unmarshal(body, &text) == nil && text != "" {
		return []byte(text), "", true
	}
	if message, id, is = event.Unwrap(body); is {
		return message, id, true
	}
	return notified(body)
}

// notified gives the message of a topic's notification, in JSON or XML.
func notified(body []byte) (message []byte, id string, is bool) {
	var n struct {
		XMLName   xml.Name `xml:"Notification" json:"-"`
		TopicName string
		MessageID string `xml:"MessageId" json:"MessageId"`
		Message   string
	}
	read := json.Unmarshal
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		read = xml.Unmarshal
	}
	if read(body, &n) != nil || n.TopicName == "" || n.Message == "" || event.ShapeOf(body) != event.ShapeUnknown {
		return nil, "", false
	}
	return []byte(n.Message), n.MessageID, true
}
