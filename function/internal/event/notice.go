package event

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
)

// readNotice reads a notification of a topic in XML, which is the form that a subscription has unless it says
// otherwise. It reports whether text is one.
func readNotice(text []byte) (e envelope, is bool) {
	var n struct {
		XMLName   xml.Name `xml:"Notification"`
		TopicName string
		MessageID string `xml:"MessageId"`
		Message   string
	}
	if !bytes.HasPrefix(text, []byte("<")) || xml.Unmarshal(text, &n) != nil || n.TopicName == "" || n.Message == "" {
		return envelope{}, false
	}
	body, err := json.Marshal(n.Message)
	return envelope{TopicName: n.TopicName, MessageID: n.MessageID, Message: body}, err == nil
}

// notice reads what a notification in XML carries.
func (d *decoding) notice(raw json.RawMessage, from envelope, depth int) *Malformed {
	d.direct = false
	if len(raw) > MaxBody {
		return oversize("payload", "a notification has %d bytes, at most %d are taken", len(raw), MaxBody)
	}
	e, is := readNotice(raw)
	if !is {
		return malformed("payload", "it is XML, and no notification of a topic")
	}
	return d.message(e.carried(ShapeNotice), from, depth)
}
