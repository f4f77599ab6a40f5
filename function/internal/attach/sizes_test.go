package attach

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
)

func TestThatAPageIsTooFewIsFoundOutOnce(t *testing.T) {
	ids, elements := make([]string, manyEvents), make([]string, manyEvents)
	for i := range ids {
		ids[i] = fmt.Sprint("vco-", i)
		elements[i] = created(ids[i])
	}
	connections := sites(ids...)
	for i := range 50 * manyEvents / 2 {
		connections = append(connections, tag(fmt.Sprint("vco-other", i)))
	}
	b := newBench(t, connections)
	b.handle(elements...)
	b.handle(elements...)
	counts := b.faults.Counts()
	if counts[cloud.ActionInventory] != 1 || counts[cloud.ActionDescribe] != 2*manyEvents {
		t.Errorf("it called %v", counts)
	}
}

func TestASizeIsBelievedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sizes{}
		s.note("cn-hangzhou", 6)
		for pages, want := range map[int]bool{5: true, 6: false, 7: false} {
			if got := s.exceed("cn-hangzhou", pages); got != want {
				t.Errorf("6 pages exceed %d: %t", pages, got)
			}
		}
		if s.exceed("cn-beijing", 0) {
			t.Error("the size of another region is believed")
		}
		time.Sleep(sizeLasts)
		if s.exceed("cn-hangzhou", 5) {
			t.Error("the size is believed for ever")
		}
	})
}
