// Package fault disturbs the services of the local cloud, and keeps the record of the calls they received. It
// stands for everything between a client and an effect that can go wrong: errors, throttling, lost and broken
// answers, slowness, stale reads, and the death of the very instance that called.
//
// One Injector stands in front of all services of a cloud, so that a list of faults reads as one story:
//
//	faults, err := fault.New(fault.Options{Faults: []fault.Fault{
//		{Action: "CreateTransitRouterVpnAttachment", Times: 2, Status: 400, Code: "Operation.Blocking"},
//		{Action: "PublishMessage", Drop: fault.After},
//	}})
//	server := httptest.NewServer(faults.Wrap("openapi", estate))
//
// The first fault of the list that matches a call and is not used up strikes it; no call is struck twice. Afterwards
// Calls and Counts are the record, and Remaining is what never happened: a scenario whose faults did not all strike
// proves nothing.
//
// Some clients repeat a call by themselves when a connection ends without an answer: net/http's Transport a GET, if it
// had kept the connection open, and fasthttp even a POST. Each try is a call of its own here.
//
// It does not imitate faults below HTTP: refused connections, names that do not resolve, TLS, lost packets, or an
// answer that arrives slowly byte by byte. An answer is complete before its first byte is sent, so services that
// stream are not for it; long polls are.
package fault

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Service is what a stand-in shows in order to be disturbed. All methods are called concurrently.
type Service interface {
	http.Handler
	// Action names the API action that a request asks for. It must leave the body unread.
	Action(r *http.Request) string
	// WriteError answers an error in the service's own form.
	WriteError(w http.ResponseWriter, r *http.Request, status int, code string)
}

// Options are what an Injector needs from outside; none is required.
type Options struct {
	Faults []Fault // in the order in which they strike
	Speed  float64 // divides the windows of faults, and nothing else; 0 means 1

	// Caller is the access key id that a request was signed with. Without it the record knows no callers.
	Caller func(r *http.Request) string
	// Kill ends the instance to which the access key id was issued, and says whether there was one running.
	// Needed for kill faults, together with Caller.
	Kill func(accessKeyID string) bool
	// Draw, if set, may strike any call that no fault of the list strikes: the n-th of its action, counted from 1. It
	// is called one call at a time, and must give valid faults; nil lets the call be.
	Draw func(action string, n int) *Fault
	// Tap, if set, is told of every exchange just before the client is. It is called concurrently.
	Tap func(Exchange)
}

// Injector disturbs calls and records them. All its methods may be called concurrently.
// It starts no goroutines: there is nothing to close.
type Injector struct {
	options Options

	mu    sync.Mutex
	plan  []*planned
	last  int // the number of the last entry of the plan
	calls []*Call
	count map[string]int // by action
}

// planned is a fault and how far it is used up.
type planned struct {
	id      int
	fault   Fault
	chance  *rand.Rand // of Probability
	skipped int
	struck  int
	closes  time.Time // the end of the window, once a call was struck
}

// New makes an Injector. The error names the option or the fault, counted from 0, that is wrong.
func New(o Options) (*Injector, error) {
	if o.Speed == 0 {
		o.Speed = 1
	}
	if !(o.Speed > 0) {
		return nil, fmt.Errorf("option Speed: %v is not more than 0", o.Speed)
	}
	in := &Injector{options: o, count: make(map[string]int)}
	for i, fault := range o.Faults {
		if err := in.Add(fault); err != nil {
			return nil, fmt.Errorf("faults[%d]: %w", i, err)
		}
	}
	if o.Caller == nil {
		in.options.Caller = func(*http.Request) string { return "" }
	}
	return in, nil
}

// Remaining is what was never used up, in order: faults with the times that are left, and windows that never opened.
func (in *Injector) Remaining() []Fault {
	in.mu.Lock()
	defer in.mu.Unlock()
	var remaining []Fault
	for _, p := range in.plan {
		fault := p.fault
		fault.Times -= p.struck
		if fault.Times > 0 || fault.For > 0 && p.struck == 0 {
			remaining = append(remaining, fault)
		}
	}
	return remaining
}

// arrive enters a call in the record and finds the fault that strikes it, if any; both at once, so that the order of
// the record is the order in which faults were used up.
func (in *Injector) arrive(call *Call) *planned {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.calls = append(in.calls, call)
	in.count[call.Action]++
	now := time.Now()
	i := slices.IndexFunc(in.plan, func(p *planned) bool { return p.strikes(call.Action, now, in.options.Speed) })
	if i >= 0 {
		return in.plan[i]
	}
	if in.options.Draw == nil {
		return nil
	}
	if fault := in.options.Draw(call.Action, in.count[call.Action]); fault != nil {
		return &planned{fault: *fault, struck: 1}
	}
	return nil
}

// strikes says whether the fault strikes a call of the action, and uses it up by that much.
func (p *planned) strikes(action string, now time.Time, speed float64) bool {
	if !p.fault.matches(action) || p.usedUp(now) {
		return false
	}
	if p.skipped < p.fault.Skip {
		p.skipped++
		return false
	}
	if p.fault.Probability > 0 && p.chance.Float64() >= p.fault.Probability {
		return false
	}
	if p.struck == 0 {
		p.closes = now.Add(time.Duration(float64(p.fault.For) / speed))
	}
	p.struck++
	return true
}

func (p *planned) usedUp(now time.Time) bool {
	if p.fault.For > 0 {
		return p.struck > 0 && !now.Before(p.closes)
	}
	return p.struck >= p.fault.Times
}

// giveBack undoes a strike that hit nothing.
func (in *Injector) giveBack(p *planned) {
	in.mu.Lock()
	defer in.mu.Unlock()
	p.struck--
}
