package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Envelope is what a message of this function's own says beside its data.
type Envelope struct {
	ID, Source, Type string
	Time             time.Time
	Attempt          int // only of an unpublished outcome
}

// EncodeUnpublished gives the message that carries a finished outcome to a later invocation.
func EncodeUnpublished(outcome []byte, v Envelope) ([]byte, error) {
	return v.encode(json.RawMessage(outcome))
}

// EncodeRequest gives the request for one connection that a sweep found. It is given up at until,
// and what it comes to is not published: the next sweep finds the connection again.
func EncodeRequest(connectionID, regionID, ownerID string, until time.Time, v Envelope) ([]byte, error) {
	return v.encode(attachRequest{
		VPNConnectionID: connectionID, RegionID: regionID, OwnerID: ownerID, Swept: true, Until: until.UTC(),
	})
}

// EncodeSweeping gives the message by which a sweep goes on.
func EncodeSweeping(s Sweep, v Envelope) ([]byte, error) {
	return v.encode(s)
}

// encode makes a CloudEvents 1.0 document. It escapes nothing that JSON does not demand, so that
// data goes out with the bytes that came in.
func (v Envelope) encode(data any) ([]byte, error) {
	message := map[string]any{
		"specversion": "1.0", "id": v.ID, "source": v.Source, "type": v.Type, "time": v.Time.UTC(),
		"datacontenttype": "application/json", "data": data,
	}
	if v.Attempt > 0 {
		message["attempt"] = v.Attempt
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(message); err != nil {
		return nil, fmt.Errorf("encoding a message of type %s: %w", v.Type, err)
	}
	return bytes.TrimSpace(body.Bytes()), nil
}
