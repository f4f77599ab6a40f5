package operate_test

import (
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/operate"
)

// TestTheDoctorSaysWhatIsWrongFirst breaks one thing in an account where all is well.
func TestTheDoctorSaysWhatIsWrongFirst(t *testing.T) {
	for name, c := range map[string]struct {
		file  string // of the cloud
		spoil func(s *site, a *account)
		words string
	}{
		"nothing": {"", func(*site, *account) {}, "nothing is wrong"},
		"a contact group that is gone": {"", func(_ *site, a *account) {
			a.refuses["cms DescribeContactListByContactGroup"] = "ResourceNotFound"
		},
			"First: contact group vpn-attach-cn-hangzhou has an address: there is no such group|vpn-attach deploy"},
		"an address that was never activated": {"", func(_ *site, a *account) {
			a.says["cms DescribeContactListByContactGroup"] = `{"Contacts":{"Contact":[{"Channels":{"Mail":""}}]}}`
		},
			"of 1 contact none has one|fix: activate it by the link in the mail"},
		"another group": {"", func(s *site, _ *account) {
			pairs := []operate.Pair{{Name: "AlarmContactGroup", Value: "night"}}
			if _, err := s.Set(s.t.Context(), pairs, false); err != nil {
				s.t.Fatal(err)
			}
		},
			"ok       contact group vpn-attach-cn-hangzhou has an address|First: contact group night"},
		"one instance": {"", func(_ *site, a *account) {
			a.says["fc GET /concurrency"] = `{"reservedConcurrency":1}`
		},
			"First: two instances can run at once: 1 reserved|fix: vpn-attach deploy"},
		"a full transit router": {attachedTo("tr-core", 50), func(*site, *account) {},
			"First: transit routers have places left: tr-core takes no more VPN attachments|vpn-attach plan"},
		"a function that is throttled again and again": {"faults: [{action: DescribeVpnConnections, times: 100, " +
			"status: 400, code: Throttling.User}]", func(*site, *account) {}, "First: API quotas suffice: "},
	} {
		t.Run(name, func(t *testing.T) {
			drill(t, c.file, func(t *testing.T, s *site) {
				a := s.inAccount()
				time.Sleep(3 * time.Hour) // of sweeps
				c.spoil(s, a)
				diagnosis, err := s.Doctor(t.Context())
				s.says(diagnosis, err, strings.Split(c.words, "|")...)
			})
		})
	}
}

// TestTheDoctorKnowsAFunctionThatWasDeployedByHand looks at one that is no stack, as s.yaml makes it.
func TestTheDoctorKnowsAFunctionThatWasDeployedByHand(t *testing.T) {
	const noInbox = `faults: [{action: GetQueueAttributes, skip: 2, status: 404, code: QueueNotExist}]` // the third one
	for name, c := range map[string]struct{ file, words string }{
		"with an inbox": {"", "unknown  rule vpn-attach is enabled|ok       queue vpn-attach-inbox is there|" +
			"ok       the inbox is subscribed for down|nothing is wrong"},
		"without an inbox": {noInbox, "First: queue vpn-attach-inbox is there: it does not exist|" +
			"fix: the commands under Serverless Devs in scripts/README.md"},
	} {
		t.Run(name, func(t *testing.T) {
			drill(t, c.file, func(t *testing.T, s *site) {
				a := s.inAccount()
				a.says["ros ListStacks"], a.refuses["eventbridge GetRule"] = `{"Stacks":[]}`, "EventRuleNotExisted"
				diagnosis, err := s.Doctor(t.Context())
				s.says(diagnosis, err, strings.Split(c.words, "|")...)
			})
		})
	}
}
