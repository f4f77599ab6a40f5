package attach

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
)

// slowWriter takes its time for a create, and counts how many are made at once.
type slowWriter struct {
	cloud.Writer
	mu           sync.Mutex
	inside, most int
}

func (w *slowWriter) CreateAttachment(ctx context.Context, r cloud.CreateRequest) (string, error) {
	w.enter(1)
	defer w.enter(-1)
	time.Sleep(50 * time.Millisecond)
	return w.Writer.CreateAttachment(ctx, r)
}

func (w *slowWriter) enter(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inside += n
	w.most = max(w.most, w.inside)
}

// TestOneRouterTakesOnlySoManyCreatesAtOnce: four connections are worked on at once, and a router has two slots.
func TestOneRouterTakesOnlySoManyCreatesAtOnce(t *testing.T) {
	b := newBench(t, sites("vco-1", "vco-2", "vco-3", "vco-4", "vco-5", "vco-6"))
	slow := &slowWriter{Writer: b.Writer}
	b.Writer = slow
	b.handle(created("vco-1"), created("vco-2"), created("vco-3"), created("vco-4"), created("vco-5"), created("vco-6"))
	if b.attached() != "vco-1 vco-2 vco-3 vco-4 vco-5 vco-6" || slow.most != 2 {
		t.Errorf("attached %s, %d at once", b.attached(), slow.most)
	}
}

// Instances learn of each other by what they take from the queue.
func TestAFollowUpSaysWhichInstanceMadeIt(t *testing.T) {
	b := newBench(t, sites("vco-1"))
	b.handle(created("vco-1"))
	queued := b.queue.drain()
	if len(queued) != 1 || !strings.Contains(string(queued[0].Body), `"instance":"`+b.Pace.ID()+`"`) {
		t.Fatalf("queued %q", texts(queued))
	}
	other := newBench(t, sites("vco-1"))
	other.handle(texts(queued)...)
	if other.Pace.AtWork() < 2 {
		t.Error("the instance that took it has not heard of the one that made it")
	}
}
