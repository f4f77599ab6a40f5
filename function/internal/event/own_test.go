package event

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// ownMessage is a message of this function's own, as it comes through the queue.
func ownMessage(kind, data string) string {
	return queued(`{"specversion":"1.0","id":"own-1","source":"acs:fc:x","type":"` + kind + `","time":"2026-11-23T03:00:00Z","data":` + data + `}`)
}

const followUpData = `{"event":{"id":"root-1","source":"acs.vpc","type":"vpc:ActionTrail:ApiCall","time":"2026-11-23T02:00:00Z","actor":"alice"},
"vpnConnectionId":"vco-1","regionId":"cn-hangzhou","ownerId":"1234567890123456","wishes":{"name":"n"},"dryRun":true,"attempt":3,"firstSeen":"2026-11-23T02:00:01Z","until":"2026-11-24T02:00:01Z","novelty":[1]}`

func TestFollowUpsGoBackToTheirEvent(t *testing.T) {
	for _, kind := range []string{TypeRetry, TypeConfirm, TypeDeadLetter} {
		e := one(t, ownMessage(kind, followUpData)).Event
		if e == nil {
			t.Fatalf("%s gave no event", kind)
		}
		if e.ID != "root-1" || e.ConnectionID != "vco-1" || e.RegionID != "cn-hangzhou" || e.OwnerID != "1234567890123456" || e.Actor != "alice" || e.Source != "acs.vpc" || !e.DryRun || e.Wishes["name"] != "n" {
			t.Errorf("%s: got %+v", kind, *e)
		}
		if kind == TypeDeadLetter {
			if e.Attempt != 0 || !e.FirstSeen.IsZero() || e.Unknown != nil {
				t.Errorf("a dead letter does not begin afresh: %+v", *e)
			}
			continue
		}
		if (e.Following != nil) != (kind == TypeConfirm) || string(e.Unknown["novelty"]) != "[1]" || e.Until.Day() != 24 {
			t.Errorf("%s: got %+v", kind, *e)
		}
		if e.Attempt != 3 || e.FirstSeen.Unix() != time.Date(2026, 11, 23, 2, 0, 1, 0, time.UTC).Unix() {
			t.Errorf("%s: attempt %d, first seen %s", kind, e.Attempt, e.FirstSeen)
		}
	}
	if e := one(t, ownMessage(TypeRequest, `{"vpnConnectionId":"vco-1","transitRouterId":"tr-1"}`)).Event; e == nil || e.ID != "own-1" || e.Wishes["transit-router"] != "tr-1" {
		t.Errorf("a request gave %+v", e)
	}
}

func TestAReportIsTakenAsItStands(t *testing.T) {
	outcome := `{"specversion":"1.0","id":"` + strings.Repeat("a", 64) + `","type":"vpn-attach.outcome.v1","time":"2026-11-23T03:00:00Z","data":{"status":"attached","novelty":1}}`
	r := one(t, ownMessage(TypeReport, outcome)).Report
	if r == nil || r.Status != "attached" || r.ID != strings.Repeat("a", 64) || string(r.Body) != outcome || r.Time.Hour() != 3 || r.Attempt != 0 {
		t.Errorf("got %+v", r)
	}
}

// What is queued again says what it said, and keeps what it does not understand.
func TestAFollowUpSurvivesBeingQueuedAgain(t *testing.T) {
	e := one(t, ownMessage(TypeConfirm, strings.Replace(followUpData, `"novelty"`, `"following":{"transitRouterAttachmentId":"tr-attach-1","since":"2026-11-23T02:00:02Z","looks":4,"slow":true},"failing":{"code":"C","since":"2026-11-23T02:00:03Z"},"novelty"`, 1))).Event
	message, err := FollowUp(*e, Envelope{ID: "m", Source: "s", Type: TypeConfirm, Time: e.FirstSeen}, nil)
	if err != nil {
		t.Fatal(err)
	}
	again := one(t, string(message)).Event
	if again == nil || !reflect.DeepEqual(*again, *e) {
		t.Errorf("queued %+v, came back as %+v: %s", *e, again, message)
	}
}

func TestAReportThatIsPostponedIsTheSameReport(t *testing.T) {
	outcome := `{"id":"` + strings.Repeat("a", 64) + `","type":"vpn-attach.outcome.v1","time":"2026-11-23T03:00:00Z","data":{"status":"attached","rule":"a \u003c b"}}`
	message, err := Postpone([]byte(outcome), Envelope{ID: "m", Source: "s", Type: TypeReport, Attempt: 3})
	if err != nil {
		t.Fatal(err)
	}
	if r := one(t, string(message)).Report; r == nil || string(r.Body) != outcome || r.Attempt != 3 {
		t.Errorf("got %+v of %s", r, message)
	}
}

func TestAnotherVersionIsKeptWholeAndNamed(t *testing.T) {
	for _, kind := range []string{"vpn-attach.retry.v2", "vpn-attach.request.v9", "vpn-attach.novelty.v1"} {
		n := one(t, ownMessage(kind, `{"until":"2026-11-24T03:00:00Z","psk":"`+secret+`"}`)).Newer
		if n == nil || n.Type != kind || len(n.ID) != 64 || !strings.Contains(string(n.Body), secret) || n.Until.IsZero() || n.Time.IsZero() {
			t.Errorf("%s: got %+v", kind, n)
		}
	}
}

func TestAnotherVersionGoesRoundWithinBounds(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	cases := map[string]struct {
		newer   Newer
		expired bool
	}{
		"within its own bound":                        {Newer{Time: ago(time.Hour), Until: now.Add(time.Hour)}, false},
		"past its own bound":                          {Newer{Time: ago(time.Hour), Until: ago(time.Minute)}, true},
		"past the horizon, whatever it says":          {Newer{Time: ago(25 * time.Hour), Until: now.Add(1e6 * time.Hour)}, true},
		"from the future, where the horizon is later": {Newer{Time: now.Add(1000 * time.Hour), Until: now.Add(2000 * time.Hour)}, true},
		"without a bound":                             {Newer{Time: ago(time.Hour)}, true},
		"without a time":                              {Newer{Until: now.Add(time.Hour)}, true},
	}
	for name, c := range cases {
		if got := c.newer.Expired(now, 24*time.Hour); got != c.expired {
			t.Errorf("%s: expired is %v", name, got)
		}
	}
}

func TestMessagesOfOursThatAreWrongAreRefusedLikeAnyOther(t *testing.T) {
	cases := map[string]struct{ kind, data, field string }{
		"a retry that is too large to go round":   {TypeRetry, `{"event":{"id":"e"},"vpnConnectionId":"vco-1","novelty":"` + strings.Repeat("x", maxOwn) + `"}`, "payload"},
		"a retry without data":                    {TypeRetry, `null`, "data.vpnConnectionId"},
		"a retry that is a text":                  {TypeRetry, `"` + secret + `"`, "data"},
		"a retry for no connection":               {TypeRetry, `{"event":{"id":"e"},"vpnConnectionId":"` + secret + `"}`, "data.vpnConnectionId"},
		"a retry of no event":                     {TypeRetry, `{"vpnConnectionId":"vco-1"}`, "id"},
		"a retry of an owner that is none":        {TypeRetry, `{"event":{"id":"e"},"vpnConnectionId":"vco-1","ownerId":"` + secret + `"}`, "data.ownerId"},
		"a retry with a wish without end":         {TypeRetry, `{"event":{"id":"e"},"vpnConnectionId":"vco-1","wishes":{"name":"` + strings.Repeat("n", 300) + `"}}`, "data.wishes"},
		"a request without data":                  {TypeRequest, `{}`, "vpnConnectionId"},
		"a report of something else":              {TypeReport, `{"id":"x","type":"other","data":{"status":"attached"}}`, "data"},
		"a report without an id":                  {TypeReport, `{"type":"vpn-attach.outcome.v1","data":{"status":"attached"}}`, "data.id"},
		"a report whose status is no message tag": {TypeReport, `{"id":"` + strings.Repeat("a", 64) + `","type":"vpn-attach.outcome.v1","data":{"status":"<x>"}}`, "data.data.status"},
		"a report whose status is without end":    {TypeReport, `{"id":"` + strings.Repeat("a", 64) + `","type":"vpn-attach.outcome.v1","data":{"status":"aaaaaaaaaaaaaaaaa"}}`, "data.data.status"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			item := one(t, ownMessage(c.kind, c.data))
			if item.Malformed == nil || item.Malformed.Field != c.field || strings.Contains(fmt.Sprint(*item.Malformed), secret) {
				t.Errorf("got %+v, malformed %+v", item, item.Malformed)
			}
		})
	}
}
