package event

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestASweepIsAskedForByATimerOrByHand(t *testing.T) {
	at := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		payload string
		want    Sweep // without the id of a timer's
		direct  bool
	}{
		"by a timer": {
			`{"triggerTime":"2026-11-23T03:00:00Z","triggerName":"sweep","payload":""}`, Sweep{Time: at}, false},
		"by a timer that has no time": {
			`{"triggerName":"sweep"}`, Sweep{}, false},
		"by hand": {
			`{"sweep":{}}`, Sweep{ID: "manual-REQ-1/0"}, true},
		"of regions": {
			`{"sweep":{"regions":["cn-hangzhou","eu-central-1"],"dryRun":true}}`,
			Sweep{ID: "manual-REQ-1/0", Regions: []string{"cn-hangzhou", "eu-central-1"}, DryRun: true}, true},
		"by hand, as a message": {
			`{"id":"own-1","time":"2026-11-23T03:00:00Z","type":"vpn-attach.request.v1",` +
				`"data":{"sweep":{"dryRun":true}}}`,
			Sweep{ID: "own-1", Time: at, DryRun: true}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := one[Sweep](t, c.payload)
			if len(got.ID) == 64 {
				got.ID = ""
			}
			if !reflect.DeepEqual(got, c.want) || decode(t, c.payload).Direct != c.direct {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestTwoTicksOfATimerAreTwoSweeps(t *testing.T) {
	first := one[Sweep](t, `{"triggerTime":"2026-11-23T03:00:00Z","triggerName":"sweep"}`)
	second := one[Sweep](t, `{"triggerTime":"2026-11-23T03:10:00Z","triggerName":"sweep"}`)
	if first.ID == second.ID {
		t.Error("they have one id")
	}
}

func TestARequestForASweepIsStrict(t *testing.T) {
	for _, request := range []string{
		`7`, `{"dryrum":true}`, `{"dryRun":true,"dryRun":false}`, `{"regions":"cn-hangzhou"}`,
		`{"regions":[` + strings.Repeat(`"r",`, maxPerMessage) + `"r"]}`,
	} {
		if got := one[Malformed](t, `{"sweep":`+request+`}`); !strings.HasPrefix(got.Field, "sweep") {
			t.Errorf("%s came to %+v", request, got)
		}
	}
}

func TestASweepGoesOnFromItsOwnMessage(t *testing.T) {
	s := Sweep{
		ID: "s-1", Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), Regions: []string{"cn-hangzhou"}, DryRun: true,
		Progress: json.RawMessage(`{"cursor":"3","region":0}`),
	}
	body, err := signer().Encode(Header{ID: "m", Source: "acs:fc:x", Type: TypeSweeping, Time: s.Time}, s)
	if err != nil {
		t.Fatal(err)
	}
	s.Body = body
	if got := one[Sweep](t, string(body)); !reflect.DeepEqual(got, s) {
		t.Errorf("got %+v", got)
	}
	if got := one[Sweep](t, signed(TypeSweeping, `{"id":7,"progress":{}}`)); got.ID != "7" {
		t.Errorf("an id that is a number is read as %q", got.ID)
	}
	for _, data := range []string{`{}`, `7`, `{"id":"s"}`, `{"progress":{}}`} {
		if got := one[Malformed](t, signed(TypeSweeping, data)); got.Field != "data" {
			t.Errorf("%s came to %+v", data, got)
		}
	}
}

func TestWhatASweepAsksForIsARequestWithABound(t *testing.T) {
	until := time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC)
	header := Header{ID: "w-1", Source: "acs:fc:x", Type: TypeRequest, Time: until}
	body, err := signer().EncodeRequest("vco-1", "cn-hangzhou", "6543210987654321", until, header)
	if err != nil {
		t.Fatal(err)
	}
	want := Event{
		Origin{ID: "w-1", Source: "acs:fc:x", Type: TypeRequest, Time: until},
		Ask{
			ConnectionID: "vco-1", RegionID: "cn-hangzhou", OwnerID: "6543210987654321", Wishes: map[string]string{},
		},
		Progress{Swept: true, Until: until},
	}
	e := one[Event](t, string(body))
	if !reflect.DeepEqual(e, want) {
		t.Fatalf("got %+v", e)
	}
	retry, err := signer().EncodeFollowUp(e, Header{ID: "r", Source: "acs:fc:x", Type: TypeRetry, Time: until}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if e := one[Event](t, string(retry)); !e.Swept || !e.Until.Equal(until) {
		t.Errorf("retried it is %+v", e)
	}
}
