package soak

import (
	"reflect"
	"sync"
	"testing"

	"vpn-attach/function/internal/event"
)

func TestASeedDecidesEverything(t *testing.T) {
	o := Options{Seed: 7, Events: 500, Speed: 100, Hostile: []string{"{", `{"detach":{}}`}}
	plan := NewPlan(o)
	if !reflect.DeepEqual(plan, NewPlan(o)) {
		t.Error("two plans of one seed differ")
	}
	other := o
	other.Seed = 8
	if reflect.DeepEqual(plan.messages, NewPlan(other).messages) {
		t.Error("two seeds have one plan")
	}
	a, b := &chaos{seed: 7}, &chaos{seed: 7}
	for n := range 2000 {
		if x, y := a.draw("PublishMessage", n), b.draw("PublishMessage", n); !reflect.DeepEqual(x, y) {
			t.Fatalf("call %d gets the faults %v and %v", n, x, y)
		}
	}
}

func TestAPlanHoldsEveryKindInAnySize(t *testing.T) {
	for _, events := range []int{100, 2000} {
		p := NewPlan(Options{Seed: 3, Events: events, Hostile: []string{"{"}})
		found, duplicates := map[string]int{}, 0
		for _, c := range p.connections {
			found[c.kind]++
			if len(c.endings) == 0 {
				t.Errorf("%s (%s) has no ending", c.id, c.kind)
			}
		}
		for _, k := range kinds() {
			if found[k.name] == 0 {
				t.Errorf("of %d events none is %s", events, k.name)
			}
		}
		for _, m := range p.messages {
			if m.duplicate {
				duplicates++
			}
		}
		enough := len(p.events)+p.lost >= events && p.lost >= events/5
		if !enough || p.poison == 0 || duplicates == 0 || len(p.deletions) == 0 {
			t.Errorf("%d events, %d lost, %d malformed, %d duplicates, %d deletions",
				len(p.events), p.lost, p.poison, duplicates, len(p.deletions))
		}
	}
}

// refused are the hostile messages of the cases, read once.
var refused = sync.OnceValue(hostileMessages)

func TestTheMessagesOfAPlanAreWhatTheySay(t *testing.T) {
	p := NewPlan(Options{Seed: 3, Events: 300, Hostile: refused()})
	malformed := 0
	for _, m := range p.messages {
		payload := text(map[string]any{"messageId": "m", "messageBody": m.body})
		if m.direct {
			payload = m.body
		}
		batch, err := event.Decoder{RequestID: "R", AccountID: "1234567890123456"}.Decode([]byte(payload))
		if err != nil || len(batch.Items) != 1 {
			t.Fatalf("%s: %v", m.body, err)
		}
		if _, bad := batch.Items[0].(event.Malformed); bad {
			malformed++
		}
		if e, _ := batch.Items[0].(event.Event); m.event != "" && (e.ID != m.event || e.ConnectionID != m.connection) {
			t.Errorf("%s comes to %+v", m.body, batch.Items[0])
		}
	}
	if malformed != p.poison {
		t.Errorf("%d malformed, the plan says %d", malformed, p.poison)
	}
}

func TestEveryFaultThatIsDrawnIsValid(t *testing.T) {
	c := &chaos{seed: 1}
	for _, action := range append(effects(), "DescribeVpnConnection", "ListTransitRouters",
		"ListTransitRouterVpnAttachments", "ListTransitRouterRouteTables") {
		drawn := map[string]bool{}
		for n := range 20000 {
			fault := c.draw(action, n)
			if fault == nil {
				continue
			}
			if err := fault.Validate(); err != nil {
				t.Fatal(err)
			}
			drawn[label(*fault)] = true
		}
		if !drawn["kill before "+action] || !drawn["kill after "+action] || len(drawn) < 8 {
			t.Errorf("%s gets only %v", action, drawn)
		}
	}
	c.stop()
	for n := range 100 {
		if c.draw("PublishMessage", n) != nil {
			t.Error("the storm continues")
		}
	}
}

func TestAStrangerHasManyWaysInAStorm(t *testing.T) {
	kinds := map[string]bool{}
	for _, m := range refused() {
		kinds[m] = true
	}
	if len(kinds) < 50 {
		t.Errorf("there are only %d hostile messages", len(kinds))
	}
}
