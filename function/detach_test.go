package main_test

import (
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/decide"
)

const (
	letGo = `{"detach":{"vpnConnectionId":"vco-1","regionId":"cn-hangzhou","dryRun":false}}`
	end   = "DeleteTransitRouterVpnAttachment"
)

// aClosingSite is a connection that is attached by this function and not to be any more.
func aClosingSite(more string) string {
	return aRouterAnd(`
vpnConnections:
  - {id: vco-1, name: site-1, psk: canary, tags: {"vpn-attach:transit-router": none}, transitRouter: tr-core, attachmentTags: {"vpn-attach:vpn-connection": vco-1}}
` + more)
}

// said are the statuses of a run's outcomes, each with its code, in order.
func (e *evidence) said(t *testing.T) string {
	t.Helper()
	var all []string
	for _, o := range e.outcomes(t) {
		word := string(o.Data.Status)
		if o.Data.Error != nil {
			word += " " + o.Data.Error.Code
		}
		if o.Data.Reason != "" {
			word += " " + o.Data.Reason
		}
		all = append(all, word)
	}
	return strings.Join(all, ", ")
}

func (e *evidence) standing() (n int) {
	for _, a := range e.Attachments {
		if a.Status != "Deleted" {
			n++
		}
	}
	return n
}

func TestAnAttachmentThatIsLetGoOfIsFollowedUntilItIsGone(t *testing.T) {
	for name, c := range map[string]struct{ more, said string }{
		"at once":                      {"", "detaching, detached"},
		"after a long time":            {"detachSeconds: 1500\n", "detaching, detaching Slow, detached"},
		"while nothing answers":        {"faults:\n  - {action: DescribeVpnConnection, skip: 1, times: 6, status: 503, code: ServiceUnavailable}\n", "detaching, detached"},
		"though it is busy at first":   {"faults:\n  - {action: " + end + ", times: 4, status: 400, code: IncorrectStatus.Attachment}\n", "retrying IncorrectStatus.Attachment, detaching, detached"},
		"though a list does not show":  {"faults:\n  - {action: ListTransitRouterVpnAttachments, skip: 1, times: 2, emptyList: true}\n", "detaching, detached"},
		"though the answer is cut off": {"faults:\n  - {action: " + end + ", drop: before}\n", "detaching, detached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := run(t, aClosingSite(c.more), queued(letGo))
			if e.said(t) != c.said || e.standing() != 0 || len(e.DeadLetters) != 0 {
				t.Errorf("%s; %d stand; %d dead letters", e.said(t), e.standing(), len(e.DeadLetters))
			}
		})
	}
}

func TestAnAttachmentThatDoesNotGoIsGivenUpAndTakenUpAgain(t *testing.T) {
	e := run(t, "function: {environment: {CONFIRM_TIMEOUT: 2m}}\n"+aClosingSite("detachSeconds: 400\n"), queued(letGo))
	if e.said(t) != "detaching, detaching Slow, failed ConfirmTimeout" || len(e.DeadLetters) != 1 || !strings.Contains(string(e.DeadLetters[0]), `"detach":true`) {
		t.Errorf("%s; dead letters %s", e.said(t), e.DeadLetters)
	}
	for _, o := range e.outcomes(t) {
		if o.Data.Error != nil && !strings.Contains(o.Data.Error.Message, "is not gone after") {
			t.Errorf("it says %q", o.Data.Error.Message)
		}
	}
}

// A death leaves an attachment that is going, or gone; the redelivery sees how it ends.
func TestADeathWhileLettingGoIsMendedByTheRedelivery(t *testing.T) {
	for _, action := range []string{end, "BatchSendMessage", "PublishMessage"} {
		for _, moment := range []string{"before", "after"} {
			t.Run(moment+" "+action, func(t *testing.T) {
				t.Parallel()
				e := run(t, aClosingSite(fmt.Sprintf("detachSeconds: 100\nfaults:\n  - {action: %s, kill: %s}\n", action, moment)), queued(letGo))
				if e.crashes() != 1 || e.standing() != 0 || e.Calls[create] != 0 {
					t.Errorf("%d crashes, %d stand, calls %v", e.crashes(), e.standing(), e.Calls)
				}
				for _, o := range e.outcomes(t) {
					if o.Data.Status != decide.StatusDetaching && o.Data.Status != decide.StatusDetached {
						t.Errorf("it says %s", o.Data.Status)
					}
				}
			})
		}
	}
}

// Who attaches it anew meanwhile gets to keep it.
func TestAnotherAttachmentIsNotLetGoOf(t *testing.T) {
	again := `{"vpnConnectionId":"vco-1","regionId":"cn-hangzhou","transitRouterId":"tr-core"}`
	site := strings.Replace(aClosingSite("detachSeconds: 1\n"), `"vpn-attach:transit-router": none`, `"vpn-attach:transit-router": tr-core`, 1)
	e := run(t, site, queued(strings.Replace(letGo, `"dryRun":false`, `"dryRun":false,"force":true`, 1)), queued(again))
	if said := e.said(t); e.standing() != 1 || e.Calls[end] != 1 || !strings.Contains(said, "detached") || strings.Contains(said, "failed") {
		t.Errorf("%d stand, calls %v: %s", e.standing(), e.Calls, e.said(t))
	}
}

func TestWhatIsNotOursToEndStays(t *testing.T) {
	force := strings.Replace(letGo, `"dryRun":false`, `"dryRun":false,"force":true`, 1)
	for name, c := range map[string]struct{ cloud, request, said string }{
		"its tags say where it belongs": {strings.Replace(aClosingSite(""), `"vpn-attach:transit-router": none`, `"vpn-attach:transit-router": tr-core`, 1), letGo, "failed NotOptedOut"},
		"it carries no tags of ours":    {strings.Replace(aClosingSite(""), `attachmentTags: {"vpn-attach:vpn-connection": vco-1}`, `attachmentTags: {}`, 1), force, "failed NotOurs"},
		"it carries another's id":       {strings.Replace(aClosingSite(""), `"vpn-attach:vpn-connection": vco-1`, `"vpn-attach:vpn-connection": vco-2`, 1), force, "failed NotOurs"},
		"it is of a region not served":  {aClosingSite(""), strings.Replace(force, "cn-hangzhou", "eu-central-1", 1), "failed NotAllowed"},
		"the function only checks":      {"function: {environment: {DRY_RUN: \"true\"}}\n" + aClosingSite(""), letGo, "checked"},
	} {
		t.Run(name, func(t *testing.T) {
			e := run(t, c.cloud, queued(c.request))
			if e.said(t) != c.said || e.standing() != 1 {
				t.Errorf("%s; %d stand", e.said(t), e.standing())
			}
		})
	}
}
