package attach

import (
	"errors"
	"fmt"
	"sync"

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
	busy        busyRouters
}

// busyRouters are the transit routers that answered that they are busy, in this invocation, each with its answer.
type busyRouters struct{ answers sync.Map }

func (b *busyRouters) note(router string, err error) { b.answers.LoadOrStore(router, err) }

// why is the answer of a busy router; nil while it is not known to be busy.
func (b *busyRouters) why(router string) error {
	if err, found := b.answers.Load(router); found {
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
