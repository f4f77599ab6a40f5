package decide

import (
	"encoding/json"
	"fmt"
	"time"
)

// object is a JSON object that is written field by field. A test holds that the bytes are those of encoding/json for
// the struct types. It is not used for them, since it would first learn every type of an outcome, and that costs the
// first event of an instance more than all its decisions.
type object struct {
	text []byte
	err  error
}

// put adds a field.
func (o *object) put(name string, value any) {
	var written []byte
	var err error
	switch v := value.(type) {
	case *object:
		written, err = v.end()
	case time.Time:
		written, err = v.MarshalJSON()
	default:
		written, err = json.Marshal(value)
	}
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("field %s: %w", name, err)
	}
	if o.text == nil {
		o.text = append(make([]byte, 0, 1024), '{')
	} else {
		o.text = append(o.text, ',')
	}
	o.text = append(append(append(append(o.text, '"'), name...), `":`...), written...)
}

// say adds a text unless it is empty.
func (o *object) say(name, text string) {
	if text != "" {
		o.put(name, text)
	}
}

// end gives the object, which has at least one field.
func (o *object) end() ([]byte, error) { return append(o.text, '}'), o.err }

func (e CloudEvent) write(o *object) {
	o.put("specversion", e.SpecVersion)
	o.put("id", e.ID)
	o.put("source", e.Source)
	o.put("type", e.Type)
	o.say("subject", e.Subject)
	o.put("time", e.Time)
	o.put("datacontenttype", e.DataContentType)
}

func (d OutcomeData) write(o *object) {
	o.put("status", string(d.Status))
	o.put("final", d.Final)
	o.say("vpnConnectionId", d.ConnectionID)
	o.say("regionId", d.RegionID)
	o.say("ownerId", d.OwnerID)
	o.say("transitRouterId", d.RouterID)
	o.say("cenId", d.CenID)
	o.say("transitRouterAttachmentId", d.AttachmentID)
	o.say("attachmentStatus", d.AttachmentStatus)
	o.say("rule", d.Rule)
	if d.Tables != nil {
		o.put("routeTables", d.Tables)
	}
	o.say("reason", d.Reason)
	if len(d.Notes) > 0 {
		o.put("notes", d.Notes)
	}
	if d.Error != nil {
		o.put("error", d.Error)
	}
	brief := &object{}
	d.Event.write(brief)
	o.put("event", brief)
	if d.RetryAt != nil {
		o.put("retryAt", *d.RetryAt)
	}
	o.put("dryRun", d.DryRun)
	o.put("durationMs", d.DurationMs)
	o.put("lagSeconds", d.LagSeconds)
	o.say("version", d.Version)
}

func (e EventBrief) write(o *object) {
	o.put("id", e.ID)
	o.say("source", e.Source)
	o.say("type", e.Type)
	if e.Time != nil {
		o.put("time", *e.Time)
	}
	o.put("attempt", e.Attempt)
	o.put("firstSeen", e.FirstSeen)
	o.say("actor", e.Actor)
}

// Encode gives the document as it is published.
func (o Outcome) Encode() ([]byte, error) {
	var document, data object
	o.CloudEvent.write(&document)
	o.Data.write(&data)
	document.put("data", &data)
	body, err := document.end()
	if err != nil {
		return nil, fmt.Errorf("encoding the outcome of event %s: %w", o.Data.Event.ID, err)
	}
	return body, nil
}
