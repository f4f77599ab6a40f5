package local

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/mns"
)

// maxHappenings is how many steps are kept: the first ones, since a case begins at its beginning.
const maxHappenings = 1000

// openAPI is the service of CBN and VPC in the record of calls.
const openAPI = "openapi"

// diary is what people and their tools did, as the steps of a case. What the function does is none of it.
type diary struct {
	mu      sync.Mutex
	all     []happening
	aside   []string               // what no step does
	created []estate.VPNConnection // since the cloud began, as they were made
}

// happening is a step of a case, and when it was taken.
type happening struct {
	at   time.Time
	step map[string]any
}

func (d *diary) add(at time.Time, step map[string]any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.all) < maxHappenings {
		d.all = append(d.all, happening{at, step})
	}
}

// sent enters a message for the event queue.
func (d *diary) sent(message string) {
	d.add(time.Now(), map[string]any{"send": map[string]any{"text": mns.Body(event.Blank(message))}})
}

// invoked enters a direct call of the function.
func (d *diary) invoked(at time.Time, payload string) {
	d.add(at, map[string]any{"invoke": map[string]any{"text": mns.Body(event.Blank(payload))}})
}

func (d *diary) tagged(id string, set map[string]string, remove []string) {
	if len(remove) > 0 {
		d.add(time.Now(), map[string]any{"untag": map[string]any{id: remove}})
	}
	if len(set) > 0 {
		d.add(time.Now(), map[string]any{"tag": map[string]any{id: set}})
	}
}

// setAside enters a call that changed something and that no step makes.
func (d *diary) setAside(at time.Time, action, about string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.aside) < maxHappenings {
		d.aside = append(d.aside, strings.TrimSpace(at.UTC().Format(time.TimeOnly)+" "+action+" "+about))
	}
}

// known gives what was entered so far.
func (d *diary) known() (steps []happening, aside []string, created []estate.VPNConnection) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.all), slices.Clone(d.aside), slices.Clone(d.created)
}

// noteTrail enters what a write to a VPN connection did, before the event of it reaches the queue.
func (c *Cloud) noteTrail(event string) {
	if !c.desk.records {
		return
	}
	var record struct {
		Data struct {
			EventName           string
			ErrorCode           string
			RequestParameters   map[string]any
			ReferencedResources map[string][]string
		}
	}
	if json.Unmarshal([]byte(event), &record) != nil || record.Data.ErrorCode != "" { // a refused write did nothing
		return
	}
	parameters := url.Values{}
	for name, value := range record.Data.RequestParameters {
		parameters.Set(name, fmt.Sprint(value))
	}
	switch name := record.Data.EventName; name {
	case "CreateVpnAttachment":
		c.noteCreated(record.Data.ReferencedResources["ACS::VPC::VpnConnection"])
	case "DeleteVpnAttachment":
		for _, id := range record.Data.ReferencedResources["ACS::VPC::VpnConnection"] {
			c.desk.story.add(time.Now(), map[string]any{"delete": id})
		}
	default:
		c.desk.story.retagged(name, parameters)
	}
}

// noteCreated keeps connections as they were made.
func (c *Cloud) noteCreated(ids []string) {
	seed := c.Estate.Seed()
	c.desk.story.mu.Lock()
	defer c.desk.story.mu.Unlock()
	for _, v := range seed.VPNConnections {
		if slices.Contains(ids, v.ID) {
			c.desk.story.created = append(c.desk.story.created, v)
		}
	}
}

// retagged enters a change of tags by one of the APIs.
func (d *diary) retagged(action string, parameters url.Values) {
	ids := numberedValues(parameters, "ResourceId.", "")
	for _, id := range ids {
		switch strings.ToLower(action) {
		case "tagresources":
			set := map[string]string{}
			keys, values := numberedValues(parameters, "Tag.", ".Key"), numberedValues(parameters, "Tag.", ".Value")
			for i, key := range keys {
				set[key] = append(values, make([]string, len(keys))...)[i]
			}
			d.tagged(id, set, nil)
		case "untagresources":
			d.tagged(id, nil, numberedValues(parameters, "TagKey.", ""))
		}
	}
}

// numberedValues are the values of Name.1, Name.2 and so on.
func numberedValues(parameters url.Values, before, after string) (values []string) {
	for n := 1; ; n++ {
		name := fmt.Sprint(before, n, after)
		if !parameters.Has(name) {
			return values
		}
		values = append(values, parameters.Get(name))
	}
}

// called enters a call of a person's tool that no trail tells of. connection finds that of an attachment.
func (d *diary) called(x fault.Exchange, eventQueue string, connection func(attachmentID string) string) {
	path, query, _ := strings.Cut(x.URL, "?")
	switch x.Action {
	case "SendMessage", "BatchSendMessage":
		if strings.HasSuffix(path, "/queues/"+eventQueue+"/messages") {
			for _, body := range sentBodies(x.Body) {
				d.sent(body)
			}
		}
		return
	}
	parameters, _ := url.ParseQuery(query)
	form, _ := url.ParseQuery(string(x.Body)) // another body has none of these names
	maps.Copy(parameters, form)
	switch x.Action {
	case "DeleteTransitRouterVpnAttachment":
		d.add(x.Arrived, map[string]any{"detach": connection(parameters.Get("TransitRouterAttachmentId"))})
	case "TagResources", "UntagResources":
		if !strings.HasPrefix(parameters.Get("ResourceId.1"), "vco-") { // of which there is a trail
			d.retagged(x.Action, parameters)
		}
	case "CreateVpnAttachment", "DeleteVpnAttachment", "UnTagResources": // of which there is a trail
	default:
		if x.Service != "mns" && x.Service != "sts" && !isReading(x.Action) {
			d.setAside(x.Arrived, x.Action, aboutOf(x.URL, x.Body))
		}
	}
}

// isReading reports whether an operation changes nothing.
func isReading(action string) bool {
	for _, verb := range []string{"Describe", "List", "Diagnose", "Get", "Head", "Validate"} {
		if strings.HasPrefix(action, verb) {
			return true
		}
	}
	return false
}

// sentBodies are the bodies of the messages of a request of Message Service.
func sentBodies(request []byte) (bodies []string) {
	var message struct {
		MessageBody string
		Message     []struct{ MessageBody string }
	}
	if xml.Unmarshal(request, &message) != nil {
		return nil
	}
	if message.MessageBody != "" {
		bodies = append(bodies, message.MessageBody)
	}
	for _, one := range message.Message {
		bodies = append(bodies, one.MessageBody)
	}
	return bodies
}
