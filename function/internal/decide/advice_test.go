package decide

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// kinds are events that a person asks for again in different ways.
func kinds() map[string]event.Event {
	detach, dryRun, swept := anEvent(), anEvent(), anEvent()
	detach.Detach, dryRun.DryRun, swept.Swept = true, true, true
	return map[string]event.Event{
		"an event": anEvent(), "a request with wishes": wishing("name", "n"), "a detach": detach, "a dry run": dryRun,
		"what a sweep asked for": swept, "a watched event": watching(time.Minute, 3),
	}
}

// failures are errors of every code that the table knows and of some that it does not, as a
// service answers them and as the function itself refuses.
func failures() map[string]error {
	all := map[string]error{}
	for _, code := range advised() {
		all["end "+code] = Fail(code, "m")
	}
	unknown := []string{"Something.New", "Throttling.User", "Forbidden.RAM", "IncorrectStatus.X", ""}
	for _, code := range append(everyCode(), unknown...) {
		for _, action := range []string{cloud.ActionCreate, cloud.ActionRouters, "Else", ""} {
			for _, status := range []int{0, 400, 403, 404, 500} {
				all[fmt.Sprintf("%s of %q with %d", code, action, status)] =
					&cloud.APIError{Action: action, Code: code, Status: status, Message: "m"}
			}
		}
	}
	_, _, all["no consent"] = resolve(production(), event.Event{}, to("tr-c"))
	_, _, all["no default"] = resolve(ruled(func(r *Rules) { r.DefaultRouter = "tr-x" }), event.Event{}, tagged())
	all["no grant"] = Granted(nil, cloud.GrantFilter{}, home())
	refused := &cloud.APIError{Action: cloud.ActionAssumeRole, Code: "X", Status: 404}
	all["no role"] = production().RoleError(refused, foreign, home())
	closed := binding("vtb-closed", "")
	_, all["no table consent"] = production().WantedBindings(anEvent(), closed, cloud.Router{}, tables())
	return all
}

// TestNoMarkReachesAnOutcome takes every error through every kind of event, at its first
// failure and when it is given up.
func TestNoMarkReachesAnOutcome(t *testing.T) {
	for what, err := range failures() {
		for kind, e := range kinds() {
			for _, now := range []time.Time{moment(), moment().Add(25 * time.Hour)} {
				verdict := NewCodes(nil).Verdict(err)
				n := schedule().Next(e, verdict, now)
				if n.FollowUp != nil && n.Silent {
					continue // it is not published
				}
				for _, mark := range []string{permissionMark, askAgain, askAgainSentence} {
					if strings.Contains(n.Fault.Advice, mark) {
						t.Errorf("%s, %s, %s: %s", kind, what, n.Status, n.Fault.Advice)
					}
				}
				if n.Status == StatusRetrying != strings.HasPrefix(n.Fault.Advice, "No action needed; next try at ") {
					t.Errorf("%s, %s, %s: it advises %q", kind, what, n.Status, n.Fault.Advice)
				}
				if n.Fault.Exhausted && strings.Contains(n.Fault.Advice, "invoke the function") {
					t.Errorf("%s, %s, given up: it does not point at the dead letter: %q", kind, what, n.Fault.Advice)
				}
			}
		}
	}
	for _, code := range []string{CodeMalformed, CodeOversize, CodeInternal, CodeUnknownVersion} {
		if n := NewCodes(nil).Verdict(Fail(code, "m")); n.Fault.Advice == "" || strings.Contains(n.Fault.Advice, "{") {
			t.Errorf("%s: %q", code, n.Fault.Advice)
		}
	}
}

// TestAdviceSaysHowToAskAgain for an event that failed for good, in the words of its kind.
func TestAdviceSaysHowToAskAgain(t *testing.T) {
	for kind, want := range map[string]string{
		"an event":              `then invoke the function with {"vpnConnectionId":"vco-1"`,
		"a request with wishes": "then send the request again",
		"a detach":              `then invoke the function with {"detach":{"vpnConnectionId":"vco-1"`,
	} {
		n := schedule().Next(kinds()[kind], failure("AccessDenied", 403), moment())
		if !strings.Contains(n.Fault.Advice, want) {
			t.Errorf("%s: %q", kind, n.Fault.Advice)
		}
	}
	n := schedule().Next(anEvent(), failure("Operation.Blocking", 400), moment().Add(25*time.Hour))
	if !strings.Contains(n.Fault.Advice, "then move its dead letter back to the queue (scripts/redrive)") {
		t.Errorf("given up: %q", n.Fault.Advice)
	}
}

func TestForeignTextIsQuotedUnlessItIsOnePlainWord(t *testing.T) {
	for text, want := range map[string]string{
		"tr-1": "tr-1", "a.b_c:d-9": "a.b_c:d-9", "": `""`, "two words": `"two words"`,
		`a"b`: `"a\"b"`, "a\nb": `"a?b"`, "{ask}": `"{ask}"`, "杭州": `"杭州"`, strings.Repeat("x",
			200): strings.Repeat("x", 128),
	} {
		if got := quoted(text); got != want {
			t.Errorf("%q became %s, want %s", text, got, want)
		}
	}
}
