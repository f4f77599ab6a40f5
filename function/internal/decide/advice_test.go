package decide

import (
	"fmt"
	"reflect"
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
	for _, n := range everyRow() {
		all[fmt.Sprintf("%s of %q", n.code, n.action)] = &cloud.APIError{Action: n.action, Code: n.code, Status: 400}
	}
	unknown := []string{"Something.New", "Throttling.User", "Forbidden.RAM", "IncorrectStatus.X", "IllegalParam.X", ""}
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
				verdict := codes().Verdict(err)
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
	for _, code := range []string{CodeMalformed, CodeOversize, CodeUnsigned, CodeInternal, CodeUnknownVersion} {
		if n := codes().Verdict(Fail(code, "m")); n.Fault.Advice == "" || strings.Contains(n.Fault.Advice, "{") {
			t.Errorf("%s: %q", code, n.Fault.Advice)
		}
	}
}

// TestAdviceSaysHowToAskAgain takes the request out of the advice about an event that failed
// for good: the function reads it as the same ask.
func TestAdviceSaysHowToAskAgain(t *testing.T) {
	abroad, forced := anEvent(), kinds()["a detach"]
	abroad.RegionID, abroad.OwnerID = "eu-central-1", foreign
	forced.Force, forced.DryRun = true, true
	for kind, e := range map[string]event.Event{
		"an event": anEvent(), "a dry run": kinds()["a dry run"], "a detach": kinds()["a detach"],
		"an event of another region and account": abroad, "a detach by force that is a dry run": forced,
	} {
		n := schedule().Next(e, failure("AccessDenied", 403), moment())
		_, request, _ := strings.Cut(n.Fault.Advice, "then invoke the function with ")
		request = request[:strings.LastIndex(request, "}")+1]
		batch, err := event.Decoder{RequestID: "R"}.Decode([]byte(request))
		if err != nil || len(batch.Items) != 1 || !batch.Direct {
			t.Fatalf("%s: it advises %q", kind, n.Fault.Advice)
		}
		again, _ := batch.Items[0].(event.Event)
		if again.Wishes = nil; !reflect.DeepEqual(again.Ask, e.Ask) {
			t.Errorf("%s: %q asks for %+v", kind, n.Fault.Advice, again.Ask)
		}
	}
	wishes := schedule().Next(wishing("name", "n"), failure("AccessDenied", 403), moment())
	if !strings.Contains(wishes.Fault.Advice, "then send the request again") {
		t.Errorf("a request with wishes: %q", wishes.Fault.Advice)
	}
	n := schedule().Next(anEvent(), failure("Operation.Blocking", 400), moment().Add(25*time.Hour))
	if !strings.Contains(n.Fault.Advice, "then move its dead letter back to the queue (scripts/vpn-attach redrive)") {
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
