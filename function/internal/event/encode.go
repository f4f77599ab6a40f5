package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Header is what a message of this function's own says beside its data.
type Header struct {
	ID, Source, Type string
	Time             time.Time
	Attempt          int // only of an unpublished outcome
}

// EncodeRequest gives the request for one connection that a sweep found. It is given up at until,
// and what it comes to is not published: the next sweep finds the connection again.
func EncodeRequest(connectionID, regionID, ownerID string, until time.Time, h Header) ([]byte, error) {
	return h.Encode(attachRequest{
		VPNConnectionID: connectionID, RegionID: regionID, OwnerID: ownerID, Swept: true, Until: until.UTC(),
	})
}

// Encode gives the message with its data, a CloudEvents 1.0 document. It escapes nothing that JSON does not demand,
// so that data goes out with the bytes that came in.
func (h Header) Encode(data any) ([]byte, error) {
	message := map[string]any{
		"specversion": "1.0", "id": h.ID, "source": h.Source, "type": h.Type, "time": h.Time.UTC(),
		"datacontenttype": "application/json", "data": data,
	}
	if h.Attempt > 0 {
		message["attempt"] = h.Attempt
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(message); err != nil {
		return nil, fmt.Errorf("encoding a message of type %s: %w", h.Type, err)
	}
	return bytes.TrimSpace(body.Bytes()), nil
}
