package operate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/operate"
)

// The drills are what an operator meets at night: an alarm rings, one command says the cause, it is fixed, and nothing
// rings any more. None takes more than four commands.

// The names of alarms, without the stack's.
const (
	inboxRings  = "something needs a person"
	lettersRing = "the dead-letter queue is not empty"
	noSweeps    = "no sweep ended for an hour"
)

func TestDrillOfATagWithATypo(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		id := s.connect("branch", "tr-coer")
		time.Sleep(5 * time.Minute)
		s.mustRing(inboxRings + ", " + lettersRing)
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, false)
		s.says(inbox, err, id+"  branch", "TargetNotFound", "tr-coer", "vpn-attach redrive --connection "+id)
		s.tag(id, "transit-router", "tr-core")
		moved, err := s.Redrive(t.Context(), operate.Choice{Connection: id}, false)
		s.says(moved, err, "1 moved, 0 left")
		time.Sleep(3 * time.Minute)
		inbox, err = s.Inbox(t.Context(), operate.Choice{Connection: id}, true)
		s.says(inbox, err, "1 acknowledged")
		if s.mustRing(""); !s.attached(id) {
			t.Error("it is not attached")
		}
	})
}

func TestDrillOfARouterWithoutConsent(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		id := s.connect("branch", "tr-closed")
		time.Sleep(time.Minute)
		s.mustRing(inboxRings)
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, false)
		s.says(inbox, err, "ConsentMissing", "vpn-attach:accept")
		s.says(inbox, err, "when it is fixed: vpn-attach attach "+id, "delete it: vpn-attach inbox --ack --id ")
		s.tag("tr-closed", "accept", "any")
		answer, err := s.Invoke(t.Context(), map[string]any{"vpnConnectionId": id})
		s.says(answer, err, "attaching", "see it attached, in some minutes: vpn-attach health "+id)
		time.Sleep(2 * time.Minute)
		inbox, err = s.Inbox(t.Context(), operate.Choice{}, true)
		s.says(inbox, err, "1 acknowledged")
		if s.mustRing(""); !s.attached(id) {
			t.Error("it is not attached")
		}
	})
}

func TestDrillOfARouterThatIsBusyForHours(t *testing.T) {
	const busy = `
parameters: {RetryHorizon: 3h}
faults: [{action: CreateTransitRouterVpnAttachment, for: 4h, status: 400, code: Operation.Blocking}]`
	drill(t, busy, func(t *testing.T, s *site) {
		id := s.connect("branch", "tr-core")
		time.Sleep(5 * time.Hour)
		s.mustRing(inboxRings + ", " + lettersRing)
		letters, err := s.Letters(t.Context(), operate.Choice{})
		s.says(letters, err, "1 dead letter", "Operation.Blocking", id+" (branch)")
		time.Sleep(2 * time.Second)
		moved, err := s.Redrive(t.Context(), operate.Choice{Connection: id}, false)
		s.says(moved, err, "1 moved, 0 left")
		time.Sleep(5 * time.Minute)
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, true)
		s.says(inbox, err, "1 acknowledged")
		if s.mustRing(""); !s.attached(id) {
			t.Error("it is not attached")
		}
	})
}

func TestDrillOfATopicThatIsDeleted(t *testing.T) {
	const deleted = `faults:
  - {action: PublishMessage, for: 1h, status: 404, code: TopicNotExist}
  - {action: ListSubscriptionByTopic, for: 1h, status: 404, code: TopicNotExist}`
	drill(t, deleted, func(t *testing.T, s *site) {
		s.mustBe("unpublished", local.AlarmQuiet)
		s.connect("branch", "tr-closed")
		time.Sleep(20 * time.Minute)
		s.mustBe("unpublished", local.AlarmRinging)
		diagnosis, err := s.Doctor(t.Context())
		s.says(diagnosis, err, "First: topic vpn-attach-outcomes is there: it does not exist", "fix: vpn-attach deploy")
		time.Sleep(time.Hour)  // it is there again
		s.mustRing(inboxRings) // what waited is told
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, true)
		s.says(inbox, err, "ConsentMissing", "acknowledged")
		diagnosis, err = s.Doctor(t.Context())
		s.says(diagnosis, err, "nothing is wrong")
		s.mustRing("")
		s.mustBe("unpublished", local.AlarmQuiet)
	})
}

func TestDrillOfAPauseThatWasForgotten(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		if _, err := s.Switch(t.Context(), false, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // a receive that is under way ends
		s.mustRing("")
		id := s.connect("branch", "tr-core")
		time.Sleep(3 * time.Hour)
		s.mustRing("events wait for 15 minutes, " + noSweeps)
		s.mustBe("silence", local.AlarmRinging)
		status, err := s.Status(t.Context())
		s.says(status, err, "PAUSED", "the oldest 3h old", "function was not invoked for an hour", "vpn-attach resume")
		if status.Queues[0].Messages != 1 || s.attached(id) {
			t.Errorf("the queue holds %+v", status.Queues[0])
		}
		switched, err := s.Switch(t.Context(), true, false)
		s.says(switched, err, "started: queue, sweep", "vpn-attach status")
		time.Sleep(15 * time.Minute) // an alarm looks at the last five
		status, err = s.Status(t.Context())
		s.mustBe("silence", local.AlarmQuiet)
		s.mustRing("")
		if s.says(status, err, "running"); !s.attached(id) || strings.Contains(status.Text(), "next") {
			t.Errorf("it is not as it was before:\n%s", status.Text())
		}
	})
}

func TestAPauseRingsAfterAnHourWhenNothingWaits(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		time.Sleep(2 * time.Hour)
		s.mustRing("")
		if _, err := s.Switch(t.Context(), false, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(49 * time.Minute) // the last sweep was ten minutes ago, or less
		s.mustRing("")
		time.Sleep(12 * time.Minute)
		s.mustRing(noSweeps)
		diagnosis, err := s.Doctor(t.Context()) // its own dry run is a sweep
		s.says(diagnosis, err, "it is paused", "fix: vpn-attach resume")
		switched, err := s.Switch(t.Context(), true, false)
		s.says(switched, err, "started: queue, sweep")
		time.Sleep(11 * time.Minute)
		s.mustRing("")
	})
}

func TestWithoutSweepsNoAlarmWaitsForThem(t *testing.T) {
	drill(t, `parameters: {Sweep: "off"}`, func(t *testing.T, s *site) {
		time.Sleep(3 * time.Hour)
		s.mustRing("")
	})
}

func TestSweepsThatFindTheSameAgainAndAgainRing(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		s.mustBe("wanted-again", local.AlarmQuiet)
		time.Sleep(11 * time.Minute) // two connections of the cloud file are tagged, and no event told of them
		s.mustBe("wanted-again", local.AlarmQuiet)
		time.Sleep(10 * time.Minute)
		s.mustBe("wanted-again", local.AlarmRinging)
		s.mustBe("no-events", local.AlarmRinging)
		answer, err := s.Invoke(t.Context(), map[string]any{"sweep": map[string]any{"dryRun": true}})
		s.says(answer, err, "to be attached: 2  vco-bylabel vco-one")
		changed, err := s.Set(t.Context(), []operate.Pair{{Name: "SWEEP", Value: "attach"}}, false)
		s.says(changed, err, "SWEEP: report → attach")
		time.Sleep(time.Hour)
		s.mustBe("wanted-again", local.AlarmQuiet)
		s.mustBe("no-events", local.AlarmRinging) // what sweeps ask for is no event
		s.connect("branch", "tr-core")
		time.Sleep(time.Minute)
		s.mustBe("no-events", local.AlarmQuiet)
		if !s.attached("vco-one") {
			t.Error("it is not attached")
		}
	})
}

func TestLooksByHandDoNotRing(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		for range 4 {
			answer, err := s.Invoke(t.Context(), map[string]any{"sweep": map[string]any{"dryRun": true}})
			s.says(answer, err, "to be attached: 2  vco-bylabel vco-one")
			time.Sleep(time.Second)
		}
		s.mustBe("wanted-again", local.AlarmQuiet)
	})
}

func TestAFunctionThatEndsWithErrorsRings(t *testing.T) {
	const refusing = `faults: [{action: BatchSendMessage, for: 10m, status: 403, code: AccessDenied}]`
	drill(t, refusing, func(t *testing.T, s *site) {
		s.mustRing("")
		s.connect("branch", "tr-core")
		time.Sleep(30 * time.Second)
		if got := s.rings(); !strings.Contains(got, "the function ended with an error") {
			t.Errorf("alarms ring for %q", got)
		}
		status, err := s.Status(t.Context())
		s.says(status, err, "an alarm rings: the function ended with an error: vpn-attach doctor")
	})
}

func TestDrillOfAMemberWhoseRoleWasRemoved(t *testing.T) {
	const removed = `
vpnConnections:
  - {id: vco-member, name: site, psk: canary, tags: {"vpn-attach:transit-router": tr-core},
     owner: "6543210987654321", crossAccountAuthorized: true}
members: [{account: "6543210987654321", role: vpn-attach-reader, externalId: vpn-attach}]
parameters: {AllowedAccounts: "1234567890123456,6543210987654321"}
faults: [{action: AssumeRole, for: 10m, status: 404, code: EntityNotExist.Role}]`
	drill(t, removed, func(t *testing.T, s *site) {
		request := map[string]any{"vpnConnectionId": "vco-member", "ownerId": "6543210987654321"}
		if _, err := s.Invoke(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Minute)
		s.mustRing(inboxRings)
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, false)
		s.says(inbox, err, "EntityNotExist.Role", "create the role")
		answer, err := s.Invoke(t.Context(), request) // once the role is there again
		s.says(answer, err, "attaching")
		time.Sleep(2 * time.Minute)
		inbox, err = s.Inbox(t.Context(), operate.Choice{}, true)
		s.says(inbox, err, "1 acknowledged")
		if s.mustRing(""); !s.attached("vco-member") {
			t.Error("it is not attached")
		}
	})
}

func TestDrillOfFiveHundredDeadLettersOfThreeCauses(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		for i := range 500 {
			code := []string{"Operation.Blocking", "ConsentMissing", "Operation.Blocking", "Forbidden.RAM"}[i%4]
			body := fmt.Sprintf(`{"type":"vpn-attach.deadletter.v1","id":"x","data":{"event":{"id":"e-%03d"},`+
				`"vpnConnectionId":"vco-%03d","error":{"code":%q,"message":"m","advice":"do this"}}}`, i, i, code)
			if _, err := s.cloud.Queues.Send(s.cloud.DeadLetters, body, 0); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		s.mustRing(lettersRing)
		letters, err := s.Letters(t.Context(), operate.Choice{})
		s.says(letters, err, "500 dead letters", "Operation.Blocking: 250 letters", "ConsentMissing: 125 letters",
			"Forbidden.RAM: 125 letters", "advice: do this")
		time.Sleep(2 * time.Second)
		if _, err := s.Switch(t.Context(), false, false); err != nil { // so that what is moved can be counted
			t.Fatal(err)
		}
		moved, err := s.Redrive(t.Context(), operate.Choice{Code: "Operation.Blocking"}, true)
		s.says(moved, err, "250 would be moved, 0 left")
		time.Sleep(2 * time.Second)
		moved, err = s.Redrive(t.Context(), operate.Choice{Code: "Operation.Blocking"}, false)
		s.says(moved, err, "250 moved, 0 left")
		time.Sleep(2 * time.Second)
		if left := s.cloud.Queues.Stats(s.cloud.DeadLetters).Active; left != 250 {
			t.Errorf("%d letters are left", left)
		}
		if sent := s.cloud.Queues.Stats(s.cloud.EventQueue).Active; sent != 250 {
			t.Errorf("%d events were sent", sent)
		}
		moved, err = s.Redrive(t.Context(), operate.Choice{}, false)
		s.says(moved, err, "250 moved, 0 left")
		time.Sleep(2 * time.Second)
		if rings := s.rings(); strings.Contains(rings, lettersRing) {
			t.Errorf("alarms ring for %q", rings)
		}
	})
}

func TestDrillOfARuleThatIsDisabled(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		a := s.inAccount()
		of := []string{"--EventBusName", "default", "--RuleName", "vpn-attach-created"}
		a.ask("eventbridge", "DisableRule", "", of...)
		time.Sleep(11 * time.Minute) // two connections of the cloud file are tagged, and no event told of them
		s.mustBe("no-events", local.AlarmRinging)
		diagnosis, err := s.Doctor(t.Context())
		s.says(diagnosis, err, "First: rule vpn-attach-created is enabled: it is DISABLE",
			"fix: aliyun eventbridge EnableRule --EventBusName default --RuleName vpn-attach-created --region ")
		a.ask("eventbridge", "EnableRule", "", of...)
		diagnosis, err = s.Doctor(t.Context())
		s.says(diagnosis, err, "nothing is wrong")
		s.connect("branch", "tr-core")
		time.Sleep(time.Minute)
		s.mustBe("no-events", local.AlarmQuiet)
	})
}

func TestDrillOfABadRelease(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		a := s.inAccount()
		if _, err := s.Deploy(t.Context(), operate.DeployOptions{}); err != nil || a.live() != "2" {
			t.Fatal(err)
		}
		a.says["fc POST /invocations"] = `{"errorType":"Crashed","errorMessage":"exit status 2"}`
		a.says["cms DescribeMetricRuleList"] = `{"Alarms":{"Alarm":[{"RuleName":"other: alarm","AlertState":"ALARM"},
			{"RuleName":"vpn-attach: the function ended with an error","AlertState":"ALARM"}]}}`
		status, err := s.Status(t.Context())
		s.says(status, err, "version      2 of 2", "alarm        the function ended with an error",
			"told         NotifyMail=ops@example.com", "next", "doctor")
		diagnosis, err := s.Doctor(t.Context())
		s.says(diagnosis, err, "First: the function runs: the function ended with an error: Crashed", "rollback")
		versions, err := s.Rollback(t.Context(), "1", false)
		s.says(versions, err, "* 1", "alias live points at version 1")
		a.says = map[string]string{}
		diagnosis, err = s.Doctor(t.Context())
		s.says(diagnosis, err, "nothing is wrong")
	})
}
