package attach

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
)

// tag is a connection with tags.
func tag(id string, pairs ...string) estate.VPNConnection {
	c := estate.VPNConnection{ID: id, Tags: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		c.Tags["vpn-attach:"+pairs[i]] = pairs[i+1]
	}
	return c
}

// sites are connections whose tag names tr-core.
func sites(ids ...string) (all []estate.VPNConnection) {
	for _, id := range ids {
		all = append(all, tag(id, "transit-router", "tr-core"))
	}
	return all
}

// created is the event of a new connection, as EventBridge puts it into the queue.
func created(connectionID string) string {
	return fmt.Sprintf(`{"id":"ce-%[1]s","source":"acs.vpc","specversion":"1.0","type":"vpc:ActionTrail:ApiCall",`+
		`"data":{"eventId":"e-%[1]s","eventName":"CreateVpnAttachment","acsRegion":"cn-hangzhou",`+
		`"eventTime":"2026-11-23T03:00:05Z","recipientAccountId":"%[2]s",`+
		`"responseElements":{"VpnConnectionId":"%[1]s"},`+
		`"requestParameters":{"IkeConfig":"{\"Psk\":\"canary\"}"},"userIdentity":{"userName":"alice"}}}`,
		connectionID, account)
}

// retried is the follow-up of an event that the function first saw a minute ago; rest are its further fields.
func retried(connectionID string, rest ...string) string {
	return own(event.TypeRetry, fmt.Sprintf(`{"event":{"id":"e-%[1]s"},"vpnConnectionId":"%[1]s","attempt":2,`+
		`"firstSeen":"%[2]s"%[3]s}`, connectionID, ago(time.Minute), strings.Join(rest, "")))
}

// ago is a moment in the past.
func ago(d time.Duration) string { return time.Now().Add(-d).UTC().Format(time.RFC3339Nano) }

// ask is a direct request; rest are its further fields.
func ask(connectionID, rest string) string {
	return fmt.Sprintf(`{"vpnConnectionId":"%s"%s}`, connectionID, rest)
}

// signer is the test's function's.
func signer() event.Signer { return event.NewSigner(strings.Repeat("k", event.MinKey), "") }

// own is a message of this function's own.
func own(kind, data string) string {
	header := event.Header{ID: "m-1", Source: "s", Type: kind, Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}
	body, err := signer().Encode(header, json.RawMessage(data))
	if err != nil {
		panic(err)
	}
	return string(body)
}

// decoder reads what the function queued.
func decoder() event.Decoder {
	return event.Decoder{RequestID: "R", AccountID: account, Signer: signer()}
}
