package plan

import "testing"

// TestASweepThatLeavesSomethingIsFollowedByAnother reads what sweeps publish: one asks for a limited number.
func TestASweepThatLeavesSomethingIsFollowedByAnother(t *testing.T) {
	for name, c := range map[string]struct {
		published string
		isLast    bool
	}{
		"it asked for everything": {`"queued":3,"wanted":{"count":2},"amiss":{"count":1}`, true},
		"it left some to attach":  {`"queued":1000,"wanted":{"count":1001},"amiss":{"count":0}`, false},
		"it left some to bind":    {`"queued":1000,"wanted":{"count":1000},"amiss":{"count":2}`, false},
		"it found nothing":        {`"queued":0,"wanted":{"count":0},"amiss":{"count":0}`, true},
		"another version's words": {`"queued":5`, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := run{seen: map[string]said{}}
			r.outcome(`{"type":"vpn-attach.sweep.v1","data":{"status":"swept","final":true,` + c.published + `}}`)
			if r.asksForAll != c.isLast {
				t.Errorf("the last one: %v, want %v", r.asksForAll, c.isLast)
			}
		})
	}
}
