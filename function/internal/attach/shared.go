package attach

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"vpn-attach/function/internal/cloud"
)

// shared is what the events of one invocation have in common: answers that are asked for once.
type shared struct {
	events      map[string]int // by region, of the function's own account; counted before any work begins
	connections memo[string, map[string]cloud.Connection]
	routers     memo[key, []cloud.Router]
	tables      memo[key, []cloud.RouteTable]
	pages       memo[key, cloud.Page[cloud.Attachment]] // the first page of a router's attachments
	attachments memo[key, []cloud.Attachment]           // all of a router's, for those who look at many
	networks    memo[string, []cloud.Network]           // of a CEN
	busy        busyRouters
}

// busyRouters are the transit routers for which no event of this invocation waits: those that answered that they are
// busy, each with its answer, and those whose answers take long.
type busyRouters struct{ answers, slow sync.Map }

func (b *busyRouters) note(router string, err error) { b.answers.LoadOrStore(router, err) }

// longCreate is how long the answer to a create takes at most for others to stand in line behind it.
const longCreate = 3 * time.Second

func (b *busyRouters) noteSlow(router string) {
	const why = "other calls for the same transit router take too long"
	b.slow.LoadOrStore(router, cloud.HeldBack(cloud.ActionCreate, longCreate, why))
}

// why is the error with which an event comes back that needs a router; nil while nobody knows of one. A slow router is
// none for an event that has made a call already.
func (b *busyRouters) why(router string, isUnderWay bool) error {
	if err, found := b.answers.Load(router); found {
		return err.(error)
	}
	if err, found := b.slow.Load(router); found && !isUnderWay {
		return err.(error)
	}
	return nil
}

// key tells apart what is asked about transit routers, in which pass: who reads again wants today's answer.
type key struct {
	pass                      int
	region, router, cen, tags string
}

func keyOf(pass int, f cloud.RouterFilter) key {
	return key{pass, f.RegionID, f.RouterID, f.CenID, fmt.Sprintf("%q", f.Tags)} // fmt sorts the tags
}

// memo remembers one answer for each key. Callers that ask for the same key at the same time
// wait for the same call, on a channel: a virtual clock stands still while somebody waits for
// a lock, as in sync.Once. Its zero value is ready to use.
type memo[K comparable, V any] struct {
	answers sync.Map // of K to *answer[V]
}

type answer[V any] struct {
	known chan struct{} // closed when the call has ended
	value V
	err   error
}

func (m *memo[K, V]) get(key K, ask func() (V, error)) (V, error) {
	fresh := &answer[V]{known: make(chan struct{}), err: errors.New("the call for it failed")} // should it panic
	kept, found := m.answers.LoadOrStore(key, fresh)
	a := kept.(*answer[V])
	if found {
		<-a.known
	} else {
		defer close(a.known)
		a.value, a.err = ask()
	}
	return a.value, a.err
}
