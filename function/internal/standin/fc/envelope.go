package fc

import (
	"bytes"
	"encoding/json"
)

// cloudEvent is a queue message as the MNS queue trigger hands it over
// ("Event formats of the MNS queue trigger", eventSchema CloudEvents).
type cloudEvent struct {
	ID                      string      `json:"id"`
	Source                  string      `json:"source"`
	SpecVersion             string      `json:"specversion"`
	Type                    string      `json:"type"`
	DataContentType         string      `json:"datacontenttype"`
	Subject                 string      `json:"subject"`
	Time                    string      `json:"time"`
	AliyunAccountID         string      `json:"aliyunaccountid"`
	AliyunPublishTime       string      `json:"aliyunpublishtime"`
	AliyunOriginalAccountID string      `json:"aliyunoriginalaccountid"`
	AliyunEventBusName      string      `json:"aliyuneventbusname"`
	AliyunRegionID          string      `json:"aliyunregionid"`
	AliyunPublishAddr       string      `json:"aliyunpublishaddr"`
	Data                    messageData `json:"data"`
}

// messageData is all of an element when the trigger's eventSchema is RawData.
type messageData struct {
	RequestID   string `json:"requestId"`
	MessageID   string `json:"messageId"`
	MessageBody string `json:"messageBody"` // as it was sent: IsBase64Decode is false
}

// element wraps a message. A message that the queue delivers again gives the
// same element, so that (source, id) recognises it. Assumed, because no source
// says how: the request id, and the event's id, are the message's.
func (t *Trigger) element(m QueueMessage) json.RawMessage {
	data := messageData{RequestID: m.MessageID, MessageID: m.MessageID, MessageBody: m.Body}
	if t.RawData {
		return encoded(data)
	}
	stream, enqueued := "MNS-Function-"+t.Name, m.EnqueuedAt.UTC().Format("2006-01-02T15:04:05.000Z")
	return encoded(cloudEvent{
		ID:                      m.MessageID,
		Source:                  stream,
		SpecVersion:             "1.0",
		Type:                    "mns:Queue:SendMessage",
		DataContentType:         "application/json; charset=utf-8",
		Subject:                 "acs:mns:" + t.Region + ":" + t.Account + ":queues/" + t.QueueName,
		Time:                    enqueued,
		AliyunAccountID:         t.Account,
		AliyunPublishTime:       enqueued,
		AliyunOriginalAccountID: t.Account,
		AliyunEventBusName:      stream,
		AliyunRegionID:          t.Region,
		AliyunPublishAddr:       "127.0.0.1",
		Data:                    data,
	})
}

// split returns the elements of a payload that is a JSON array, and any other
// payload whole.
func split(payload []byte) []json.RawMessage {
	var elements []json.RawMessage
	if err := json.Unmarshal(payload, &elements); err != nil || len(elements) == 0 {
		return []json.RawMessage{payload}
	}
	return elements
}

// encoded is the JSON of v, with <, > and & as they are: a body has its
// length on the wire.
func encoded(v any) json.RawMessage {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // strings, and elements that encoded returned, always encode
	return bytes.TrimSpace(b.Bytes())
}
