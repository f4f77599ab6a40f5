package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Planned is a fault of the list, and how far it is used up.
type Planned struct {
	ID     int // of this entry, never given again
	Fault  Fault
	Struck int
	Over   bool // it strikes no more
}

// Add puts a fault at the end of the list; several actions make an entry each. It strikes from the next call on.
func (in *Injector) Add(fault Fault) error {
	if err := fault.Validate(); err != nil {
		return err
	}
	if fault.Kill != "" && (in.options.Kill == nil || in.options.Caller == nil) {
		return fmt.Errorf("fault on action %q: kill needs the options Kill and Caller", fault.Action)
	}
	if fault.Times == 0 && fault.For == 0 {
		fault.Times = 1
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, action := range actions(fault.Action) {
		in.last++
		fault.Action = action
		chance := rand.New(rand.NewPCG(1, uint64(in.last)))
		in.plan = append(in.plan, &planned{id: in.last, fault: fault, chance: chance})
	}
	return nil
}

// Remove takes an entry from the list, and says whether there was one of that number. A call that it has struck
// already goes its way.
func (in *Injector) Remove(id int) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	before := len(in.plan)
	in.plan = slices.DeleteFunc(in.plan, func(p *planned) bool { return p.id == id })
	return len(in.plan) < before
}

// Planned is the list in the order in which the faults strike, with those that are used up.
func (in *Injector) Planned() []Planned {
	in.mu.Lock()
	defer in.mu.Unlock()
	now := time.Now()
	all := make([]Planned, 0, len(in.plan))
	for _, p := range in.plan {
		all = append(all, Planned{ID: p.id, Fault: p.fault, Struck: p.struck, Over: p.usedUp(now)})
	}
	return all
}
