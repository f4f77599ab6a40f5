package event

import (
	"reflect"
	"testing"
	"time"
)

func TestALookAtTheHealthComesBackAsItWasQueued(t *testing.T) {
	signer := NewSigner("0123456789abcdef0123456789abcdef", "")
	e := Event{
		Origin: Origin{ID: "e-1"},
		Ask:    Ask{ConnectionID: "vco-1", RegionID: "cn-hangzhou", OwnerID: "1234567890123456"},
		Progress: Progress{Health: &Health{AttachmentID: "tr-attach-1", RouterID: "tr-1", CenID: "cen-1", Looks: 3,
			Seen: "down", Since: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), Missed: true, Failures: 2}},
	}
	body, err := signer.EncodeFollowUp(e, Header{ID: "i", Source: "s", Type: TypeHealth, Time: time.Now()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := Decoder{RequestID: "R", Signer: signer}.Decode(body)
	if err != nil || len(batch.Items) != 1 {
		t.Fatalf("%+v, %v", batch, err)
	}
	got, is := batch.Items[0].(Event)
	if !is || !reflect.DeepEqual(got.Health, e.Health) || got.Watch != nil || got.Ask.ConnectionID != "vco-1" ||
		got.Looks() != 3 || len(got.Unknown) != 0 {
		t.Errorf("got %+v", batch.Items[0])
	}
	other, _ := Decoder{RequestID: "R", Signer: NewSigner("another key, as long as the first one", "")}.Decode(body)
	if bad, is := other.Items[0].(Malformed); !is || bad.Code != CodeUnsigned {
		t.Errorf("with another key: %+v", other.Items[0])
	}
}

func TestARequestForHealthIsStrictAndDirect(t *testing.T) {
	for payload, field := range map[string]string{
		`{"health":{"vpnConnectionId":"vco-1","regionId":"eu-central-1"}}`: "",
		`{"health":{"vpnConnectionId":"vco-1","dryRun":true}}`:             "health.dryRun",
		`{"health":{"vpnConnectionId":"tr-1"}}`:                            "health.vpnConnectionId",
		`{"health":{"vpnConnectionId":"vco-1","ownerId":"me"}}`:            "health.ownerId",
		`{"health":{}}`:        "health.vpnConnectionId",
		`{"health":["vco-1"]}`: "health",
		`{"health":{"vpnConnectionId":"vco-1"},"now":1}`:                                 "now",
		`{"messageId":"m","messageBody":"{\"health\":{\"vpnConnectionId\":\"vco-1\"}}"}`: "health",
	} {
		batch, err := Decoder{RequestID: "R"}.Decode([]byte(payload))
		if err != nil || len(batch.Items) != 1 {
			t.Fatalf("%s: %+v, %v", payload, batch, err)
		}
		bad, _ := batch.Items[0].(Malformed)
		e, isEvent := batch.Items[0].(Event)
		if bad.Field != field || isEvent != (field == "") {
			t.Errorf("%s comes to %+v", payload, batch.Items[0])
		}
		if isEvent && (e.Health == nil || !e.Health.Asked || e.RegionID != "eu-central-1" || !batch.Direct) {
			t.Errorf("%s comes to %+v", payload, e)
		}
	}
}

func TestADocumentOfHealthIsIgnoredHoweverItComesBack(t *testing.T) {
	const document = `{"specversion":"1.0","id":"i","source":"s","type":"vpn-attach.health.v1","data":` +
		`{"state":"down","tunnels":[]}}`
	for name, payload := range map[string]string{
		"as it is": document, "in a list": "[" + document + "]",
		"cut off": document[:len(document)-1],
	} {
		batch, err := Decoder{RequestID: "R"}.Decode([]byte(payload))
		if err != nil || len(batch.Items) != 1 {
			t.Fatalf("%s: %+v, %v", name, batch, err)
		}
		if _, is := batch.Items[0].(Ignored); !is {
			t.Errorf("%s it comes to %+v", name, batch.Items[0])
		}
	}
}
