package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/eventbridge"
)

// The tests here hold the rules of EventBridge in template.yml, as the local cloud applies them.

// messages are what the rules make of an event.
func messages(t *testing.T, event []byte) (all []string) {
	t.Helper()
	bridge, err := eventbridge.New(eventbridge.Options{
		Account: place().Account, Region: place().Region,
		Send: func(_, body string) error { all = append(all, body); return nil },
	}, local.Rules(theStack(t, nil)))
	if err == nil {
		err = bridge.Put(eventbridge.DefaultBus, event)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wireWith is an event of events/wire with some texts replaced.
func wireWith(t *testing.T, name string, replace ...string) []byte {
	t.Helper()
	text, err := events.Files.ReadFile("wire/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.NewReplacer(replace...).Replace(string(text)))
}

func TestTheRulesTakeWhatConcernsConnectionsOnce(t *testing.T) {
	t.Parallel()
	record := `"eventName": "CreateVpnAttachment"`
	for name, c := range map[string]struct {
		event []byte
		want  int
	}{
		"a creation":                            {wireWith(t, "created"), 1},
		"a creation in the console":             {wireWith(t, "created-in-console"), 1},
		"tags":                                  {wireWith(t, "tagged"), 1},
		"tags taken away":                       {wireWith(t, "tagged", "TagResources", "UnTagResources"), 1},
		"tags of the Tag service":               {wireWith(t, "tagged", "acs.vpc", "acs.tag", "vpc:Act", "tag:Act"), 1},
		"a creation with an empty error code":   {wireWith(t, "created", record, record+`, "errorCode": ""`), 1},
		"a creation that failed: it is ignored": {wireWith(t, "created", record, record+`, "errorCode": "X"`), 1},
		"a call of another API":                 {wireWith(t, "created", record, `"eventName": "CreateVpc"`), 0},
		"an event of another service":           {wireWith(t, "created", "acs.vpc", "acs.ecs"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := messages(t, c.event); len(got) != c.want {
				t.Errorf("%d messages, want %d: %q", len(got), c.want, got)
			}
		})
	}
}

func TestWhatTheRuleForwardsOfACreationIsReadLikeTheRecordItself(t *testing.T) {
	t.Parallel()
	const response = `"VpnConnectionId": "vco-one",`
	record := `"eventName": "CreateVpnAttachment"`
	for name, text := range map[string][]byte{
		"a record":                       wireWith(t, "created"),
		"a record of the console":        wireWith(t, "created-in-console"),
		"a failed call":                  wireWith(t, "created", record, record+`, "errorCode": "QuotaExceeded"`),
		"a null error code":              wireWith(t, "created", record, record+`, "errorCode": null`),
		"an id among the resources":      wireWith(t, "created", response, ""),
		"a record without an account":    wireWith(t, "created", `"recipientAccountId": "1234567890123456",`, ""),
		"a record without any account":   wireWith(t, "created", `"aliyunaccountid": "1234567890123456",`, ""),
		"a record without a time":        wireWith(t, "created", `"time": "2026-11-23T03:00:07Z",`, ""),
		"a record without a region":      wireWith(t, "created", `"acsRegion": "cn-hangzhou",`, ""),
		"a record without an event's id": wireWith(t, "created", `"eventId": "event-one",`, ""),
	} {
		t.Run(name, func(t *testing.T) {
			forwarded := messages(t, text)
			if len(forwarded) != 1 || strings.Contains(forwarded[0], "psk") || strings.Contains(forwarded[0], "Psk") {
				t.Fatalf("forwarded: %q", forwarded)
			}
			direct, err := event.Decoder{RequestID: "r"}.Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			transformed, err := event.Decoder{RequestID: "r"}.Decode([]byte(forwarded[0]))
			want, got := read(direct), read(transformed)
			if err != nil || !slices.Equal(want, got) {
				t.Errorf("%v, the record is read as\n%+v\nwhat is forwarded as\n%+v", err, want, got)
			}
		})
	}
}

func TestTheRuleFindsTheIDInAListOfResources(t *testing.T) {
	t.Parallel()
	listed := `"referencedResources": [{"resourceType": "ACS::VPC::VpnConnection", "resourceName": "vco-one"}], "x": {`
	text := wireWith(t, "created", `"VpnConnectionId": "vco-one",`, "", `"referencedResources": {`, listed)
	transformed, err := event.Decoder{RequestID: "r"}.Decode([]byte(messages(t, text)[0]))
	if got := read(transformed); err != nil || len(got) != 1 || !strings.Contains(got[0], "vco-one") {
		t.Errorf("it is read as %q, %v", got, err)
	}
}

// read is what a payload says: its events, without their own text.
func read(batch event.Batch) (said []string) {
	for _, item := range batch.Items {
		if e, isEvent := item.(event.Event); isEvent {
			said = append(said, fmt.Sprintf("%+v %+v %s %s", e.Ask, e.Origin.ID, e.Origin.Time, e.Actor))
		} else {
			said = append(said, fmt.Sprintf("%T", item))
		}
	}
	return said
}

func TestAKeyOfAConnectionIsInNoQueue(t *testing.T) {
	t.Parallel()
	spec, err := local.ReadSpec([]byte(aRouterAnd("")))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := local.Start(spec, local.Options{Speed: 100, Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	_, err = cloud.Estate.CreateConnection(estate.VPNConnection{Name: "site", PSK: "canary-psk"})
	if err != nil {
		t.Fatal(err)
	}
	received, err := cloud.Queues.Receive(t.Context(), cloud.EventQueue, 16, time.Second)
	if err != nil || len(received) != 1 {
		t.Fatalf("%d messages, %v", len(received), err)
	}
	body := received[0].Body
	if strings.Contains(body, "canary-psk") || strings.Contains(body, "IkeConfig") || !strings.Contains(body, "vco-") {
		t.Errorf("the queue holds a key, or not the connection's id: %s", body)
	}
}
