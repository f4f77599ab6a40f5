package event

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestASweepIsAskedForByATimerOrByHand(t *testing.T) {
	cases := map[string]struct {
		payload string
		want    Sweep
		direct  bool
	}{
		"by a timer":          {`{"triggerTime":"2026-11-23T03:00:00Z","triggerName":"sweep","payload":""}`, Sweep{Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}, false},
		"by a timer's own id": {`{"triggerName":"sweep"}`, Sweep{}, false},
		"by hand":             {`{"sweep":{}}`, Sweep{ID: "manual-REQ-1/0"}, true},
		"of regions":          {`{"sweep":{"regions":["cn-hangzhou","eu-central-1"],"dryRun":true}}`, Sweep{ID: "manual-REQ-1/0", Regions: []string{"cn-hangzhou", "eu-central-1"}, DryRun: true}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			batch := decode(t, c.payload)
			if len(batch.Items) != 1 || batch.Items[0].Sweep == nil || batch.Direct != c.direct {
				t.Fatalf("got %+v", batch)
			}
			got := *batch.Items[0].Sweep
			if c.want.ID == "" {
				if len(got.ID) != 64 {
					t.Errorf("the id is %q", got.ID)
				}
				got.ID = ""
			}
			if got.ID != c.want.ID || !got.Time.Equal(c.want.Time) || strings.Join(got.Regions, " ") != strings.Join(c.want.Regions, " ") || got.DryRun != c.want.DryRun || got.Progress != nil {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestTwoTicksOfATimerAreTwoSweeps(t *testing.T) {
	first := one(t, `{"triggerTime":"2026-11-23T03:00:00Z","triggerName":"sweep"}`).Sweep
	second := one(t, `{"triggerTime":"2026-11-23T03:10:00Z","triggerName":"sweep"}`).Sweep
	if first.ID == second.ID {
		t.Error("they have one id")
	}
}

func TestARequestForASweepIsStrict(t *testing.T) {
	for _, payload := range []string{`{"sweep":7}`, `{"sweep":{"dryrum":true}}`, `{"sweep":{"dryRun":true,"dryRun":false}}`, `{"sweep":{"regions":"cn-hangzhou"}}`, `{"sweep":{"regions":[` + strings.Repeat(`"r",`, maxPerMessage) + `"r"]}}`} {
		if item := one(t, payload); item.Malformed == nil || item.Malformed.Field != "sweep" {
			t.Errorf("%s came to %+v", payload, item)
		}
	}
}

func TestASweepGoesOnFromItsOwnMessage(t *testing.T) {
	s := Sweep{ID: "s-1", Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), Regions: []string{"cn-hangzhou"}, DryRun: true, Progress: json.RawMessage(`{"region":0,"cursor":"3"}`)}
	body, err := s.Continue(Envelope{ID: "m", Source: "acs:fc:x", Type: TypeSweeping, Time: s.Time})
	if err != nil {
		t.Fatal(err)
	}
	got := one(t, string(body)).Sweep
	if got == nil || got.ID != s.ID || !got.Time.Equal(s.Time) || !got.DryRun || string(got.Progress) != string(s.Progress) {
		t.Errorf("got %+v", got)
	}
	for _, data := range []string{`{}`, `7`, `{"id":"s"}`, `{"progress":{}}`} {
		if item := one(t, `{"id":"m","type":"vpn-attach.sweeping.v1","data":`+data+`}`); item.Malformed == nil {
			t.Errorf("%s came to %+v", data, item)
		}
	}
}

func TestWhatASweepWantsIsARequestWithABound(t *testing.T) {
	until := time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC)
	body, err := Wanted("vco-1", "cn-hangzhou", "6543210987654321", until, Envelope{ID: "w-1", Source: "acs:fc:x", Type: TypeRequest, Time: until})
	if err != nil {
		t.Fatal(err)
	}
	e := one(t, string(body)).Event
	if e == nil || e.ID != "w-1" || e.ConnectionID != "vco-1" || e.RegionID != "cn-hangzhou" || e.OwnerID != "6543210987654321" || !e.Swept || !e.Until.Equal(until) {
		t.Fatalf("got %+v", e)
	}
	again, err := FollowUp(*e, Envelope{ID: "r", Source: "acs:fc:x", Type: TypeRetry, Time: until}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if e := one(t, string(again)).Event; e == nil || !e.Swept || !e.Until.Equal(until) {
		t.Errorf("tried again it is %+v", e)
	}
}
