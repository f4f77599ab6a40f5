package attach

import (
	"sync"
	"time"
)

// sizes remember how many pages the connections of a region take. Where reading all pages is more calls than reading
// each connection of a batch, only the first batch reads a page to find that out. The zero value is ready to use; it is
// safe for concurrent use.
type sizes struct{ known sync.Map } // of regions to size

type size struct {
	pages int
	at    time.Time // when it was read
}

// sizeLasts is how long a size is believed.
const sizeLasts = 10 * time.Minute

func (s *sizes) note(region string, pages int) { s.known.Store(region, size{pages, time.Now()}) }

// exceed reports whether the connections of a region are known to take more pages than that.
func (s *sizes) exceed(region string, pages int) bool {
	known, found := s.known.Load(region)
	if !found {
		return false
	}
	of := known.(size)
	return of.pages > pages && time.Since(of.at) < sizeLasts
}
