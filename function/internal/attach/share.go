package attach

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// shared is what the events of one invocation have in common: answers that are asked
// for once, and the limit of creates under way on one transit router.
type shared struct {
	routers memo[[]Router]
	events  map[string]int              // by region: how many events there are
	listed  memo[map[string]Connection] // by region, where that is fewer calls than one for each
	tables  memo[[]RouteTable]          // by transit router
	limit   int                         // creates on one router at once

	pages       memo[[]Attachment] // by transit router: the first page of its attachments
	attachments memo[[]Attachment] // by transit router, for those who look at many

	mu      sync.Mutex
	windows map[string]chan struct{}
}

// reserve waits for a place on the router and returns how to give it back. When ctx
// ends first the caller goes on without one; its call then fails by itself.
func (s *shared) reserve(ctx context.Context, routerID string) (release func()) {
	s.mu.Lock()
	if s.windows == nil {
		s.windows = map[string]chan struct{}{}
	}
	window := s.windows[routerID]
	if window == nil {
		window = make(chan struct{}, s.limit)
		s.windows[routerID] = window
	}
	s.mu.Unlock()
	select {
	case window <- struct{}{}:
		return func() { <-window }
	case <-ctx.Done():
		return func() {}
	}
}

// memo remembers one answer per key; callers that ask for the same key at the same
// time wait for the same call. Its zero value is ready to use.
type memo[V any] struct {
	mu      sync.Mutex
	answers map[string]func() (V, error)
}

func (m *memo[V]) get(key string, ask func() (V, error)) (V, error) {
	m.mu.Lock()
	if m.answers == nil {
		m.answers = map[string]func() (V, error){}
	}
	answer := m.answers[key]
	if answer == nil {
		answer = sync.OnceValues(ask)
		m.answers[key] = answer
	}
	m.mu.Unlock()
	return answer()
}

// key tells filters apart.
func filterKey(f RouterFilter) string {
	parts := []string{f.RegionID, f.RouterID, f.CenID}
	for _, key := range slices.Sorted(maps.Keys(f.Tags)) {
		parts = append(parts, key, f.Tags[key])
	}
	return digest(parts...)
}
