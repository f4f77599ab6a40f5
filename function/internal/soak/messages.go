package soak

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/local"
)

// newEvents adds the events of one connection: one, or two close together, each of them once or more often.
func (p *Plan) newEvents(random *rand.Rand, c *connection, at, span time.Duration) {
	count := 1
	if random.IntN(10) == 0 {
		count = 2
	}
	for range count {
		if c.kind != detachedByEvent && random.IntN(100) < lostShare {
			p.lost++
			continue
		}
		id := fmt.Sprintf("event-%d-%05d", p.options.Seed, len(p.events))
		p.events[id] = c.id
		m := message{event: id, connection: c.id, at: at + time.Duration(random.Int64N(int64(20*time.Millisecond)))}
		m.direct = c.kind == detachedByEvent // only who may invoke the function may detach
		m.body = c.event(random, id)
		p.messages = append(p.messages, m)
		if random.IntN(5) == 0 {
			for range 1 + random.IntN(2) {
				m.at, m.duplicate = time.Duration(random.Float64()*float64(span)), true
				p.messages = append(p.messages, m)
			}
		}
	}
}

// event is the message of one of the connection's events: a request to detach it, or an ActionTrail record as the rule
// puts it into the queue, of a new connection or of one that was tagged.
func (c *connection) event(random *rand.Rand, id string) string {
	if c.kind == detachedByEvent {
		return text(map[string]any{
			"id": id, "source": "ops", "specversion": "1.0", "type": "vpn-attach.request.v1", "data": map[string]any{
				"detach": map[string]any{"vpnConnectionId": c.id, "regionId": "cn-hangzhou", "dryRun": false},
			},
		})
	}
	data := map[string]any{
		"eventId": id, "eventVersion": 1, "eventName": "CreateVpnAttachment", "eventTime": "2026-11-23T03:00:05Z",
		"acsRegion": "cn-hangzhou", "recipientAccountId": "1234567890123456",
		"requestParameters": map[string]any{"IkeConfig": `{"Psk":"canary-of-the-event"}`},
	}
	if random.IntN(6) == 0 {
		data["eventName"] = "TagResources"
		data["requestParameters"] = map[string]any{"ResourceId.1": c.id, "ResourceType": "VPNATTACHMENT"}
	} else {
		data["responseElements"] = map[string]any{"VpnConnectionId": c.id}
	}
	return text(map[string]any{
		"id": "ce-" + id, "source": "acs.vpc", "specversion": "1.0", "type": "vpc:ActionTrail:ApiCall",
		"aliyuneventbusname": "default", "data": data,
	})
}

func text(value any) string {
	encoded, _ := json.Marshal(value) // maps of texts always encode
	return string(encoded)
}

// timer is the payload of the timer of sweeps; no two are alike.
func timer(at time.Duration) string {
	trigger := time.Date(2026, 11, 23, 3, 0, 0, int(at), time.UTC).Format(time.RFC3339Nano)
	return fmt.Sprintf(`{"triggerTime":%q,"triggerName":"sweep"}`, trigger)
}

// newPoison adds a message that is not an event: broken, hostile, or about something else.
func (p *Plan) newPoison(random *rand.Rand, at time.Duration) {
	bad := []string{
		`{"broken %d`, `{"vpnConnectionId":"vco-../%d"}`, `{"vpnConnectionId":"vco-1","dryRunn":%d}`, `[[[[[[%d]]]]]]`,
	}
	other := []string{
		`{"id":"o-%d","type":"ecs:ActionTrail:ApiCall","source":"acs.ecs","data":{}}`,
		`{"id":"o","type":"vpc:ActionTrail:ApiCall","source":"acs.vpc","data":{"eventId":"%d",` +
			`"eventName":"CreateVpc"}}`,
	}
	roll := random.IntN(len(bad) + len(other))
	if roll < len(bad) {
		p.poison++
	}
	format := append(bad, other...)[roll]
	p.messages = append(p.messages, message{at: at, body: fmt.Sprintf(format, len(p.messages))})
}

// hostileMessages are the messages of the hostile cases that the function must refuse, whatever connection they name,
// each once.
func hostileMessages() (all []string) {
	cases, err := local.ReadTheme(events.Files, "hostile")
	if err != nil {
		return nil // a test reads all cases
	}
	seen := map[string]bool{}
	for _, one := range cases {
		messages, _ := one.Messages(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)) // what cannot be made is left out
		for _, m := range messages {
			if len(m) > 0 && len(m) < event.MaxBody && m[0] != '[' && !seen[string(m)] && isRefused(m) {
				all = append(all, string(m))
			}
			seen[string(m)] = true
		}
	}
	return all
}

// isRefused reports whether a message is malformed for a function that has signed nothing.
func isRefused(message []byte) bool {
	delivery := text(map[string]any{"messageId": "m", "messageBody": string(message)})
	batch, err := event.Decoder{RequestID: "R", AccountID: "1234567890123456"}.Decode([]byte(delivery))
	if err != nil || len(batch.Items) != 1 {
		return false
	}
	_, bad := batch.Items[0].(event.Malformed)
	return bad
}

// newHostile adds a message of somebody who means harm to one of the connections.
func (p *Plan) newHostile(random *rand.Rand, hostile []string, at time.Duration) {
	victim := fmt.Sprintf("vco-%05d", random.IntN(len(p.connections)))
	connectionID := regexp.MustCompile(`vco-[a-z0-9]+`)
	body := connectionID.ReplaceAllString(hostile[random.IntN(len(hostile))], victim)
	p.poison++
	p.messages = append(p.messages, message{at: at, body: body})
}
