package bench

import (
	"context"
	"fmt"
	"time"
)

// firstEvents compares the time from a process's start to the outcome of its first event.
func firstEvents(ctx context.Context, p Programs, runs int) ([]Row, error) {
	values, err := ofCopies(runs, func(binary string) (float64, error) { return firstEvent(ctx, binary) }, p.Ours, p.SDK, p.Hand)
	if err != nil {
		return nil, err
	}
	return []Row{
		ratio("first event: process start → outcome published", "ms", "the same SDK calls", values[0], values[1], 1.10),
		ratio("first event: process start → outcome published", "ms", "by net/http, signed by hand", values[0], values[2], 0),
	}, nil
}

func firstEvent(ctx context.Context, binary string) (milliseconds float64, err error) {
	s, err := open(binary, 1, 1, 0)
	if err != nil {
		return 0, err
	}
	defer s.cloud.Close()
	began := time.Now()
	if err := s.invoke(ctx, connectionID(0)); err != nil {
		return 0, err
	}
	return s.last.Sub(began).Seconds() * 1000, nil
}

// warmEvents is how many events make one value: each is invoked by itself.
const warmEvents = 200

// warmCPU compares the CPU time of an event, one by one, at steady state.
func warmCPU(ctx context.Context, p Programs, runs int) ([]Row, error) {
	sides := make([]*stage, 2)
	next := make([]int, 2)
	var measures []func() (float64, error)
	for i, binary := range []string{p.Ours, p.SDK} {
		s, err := open(binary, (runs+2)*warmEvents, 1, 0)
		if err != nil {
			return nil, err
		}
		defer s.cloud.Close()
		if err := s.invoke(ctx, connectionID(0)); err != nil {
			return nil, err
		}
		sides[i], next[i] = s, 1
		measures = append(measures, func() (float64, error) {
			before, err := s.used()
			if err != nil {
				return 0, err
			}
			for range warmEvents {
				if err := s.invoke(ctx, connectionID(next[i])); err != nil {
					return 0, err
				}
				next[i]++
			}
			after, err := s.used()
			return (after.CPU - before.CPU).Seconds() * 1000 / warmEvents, err
		})
	}
	values, err := interleave(runs, measures...)
	if err != nil {
		return nil, err
	}
	return []Row{ratio("warm event: user and system time", "ms", "the same SDK calls", values[0], values[1], 1.20)}, nil
}

// The batch whose wall time is measured, and how long every answer takes in it.
const (
	batchSize    = 200
	batchRouters = 4
	answerTime   = 50 * time.Millisecond
	concurrency  = 16 // the default of CONCURRENCY
)

// batches compares a batch's wall time with the longest chain of calls that depend on each
// other, in as many rounds as the concurrency makes of it: describe, lookup, create, queue,
// publish.
func batches(ctx context.Context, p Programs, runs int) ([]Row, error) {
	const chain = 5
	rounds := (batchSize + concurrency - 1) / concurrency
	least := float64(chain*rounds) * answerTime.Seconds() * 1000
	values, err := interleave(runs, func() (float64, error) {
		s, err := open(p.Ours, batchSize, batchRouters, answerTime)
		if err != nil {
			return 0, err
		}
		defer s.cloud.Close()
		if err := s.invoke(ctx, "vco-untagged"); err != nil { // it is warm then
			return 0, err
		}
		began := time.Now()
		err = s.invoke(ctx, connectionIDs(0, batchSize)...)
		return time.Since(began).Seconds() * 1000, err
	})
	if err != nil {
		return nil, err
	}
	return []Row{ratio(fmt.Sprintf("batch of %d over %d routers, %s an answer", batchSize, batchRouters, answerTime), "ms", "chain × rounds", values[0], []float64{least}, 1.10)}, nil
}

func connectionIDs(from, count int) (ids []string) {
	for i := range count {
		ids = append(ids, connectionID(from+i))
	}
	return ids
}

// callCounts holds the calls of each kind of event against those that it takes: describe, lookup
// and create, one to the queue, one to the topic.
func callCounts(ctx context.Context, p Programs) ([]Row, error) {
	s, err := open(p.Ours, 500, batchRouters, 0)
	if err != nil {
		return nil, err
	}
	defer s.cloud.Close()
	var rows []Row
	for _, c := range []struct {
		name string
		ids  []string
		want float64
	}{
		{"API calls: a fresh event", connectionIDs(0, 1), 5},
		{"API calls: its duplicate, while it is attaching", connectionIDs(0, 1), 5}, // describe, lookup, list; queue; publish
		{"API calls: a skipped event", []string{"vco-untagged"}, 2},                 // describe; publish
		{"API calls: a failed event", []string{"vco-misdirected"}, 3},               // describe, lookup; publish
	} {
		s.counted()
		if err := s.invoke(ctx, c.ids...); err != nil {
			return nil, err
		}
		calls := 0.0
		for _, n := range s.counted() {
			calls += float64(n)
		}
		rows = append(rows, exactly(c.name, calls, c.want))
	}
	s.counted()
	if err := s.invoke(ctx, connectionIDs(1, 100)...); err != nil {
		return nil, err
	}
	lookups := s.counted()["ListTransitRouters"]
	return append(rows, exactly("API calls: lookups of a batch of 100 over 4 routers", float64(lookups), batchRouters)), nil
}

// growth tells how the cost of a batch grows with its size.
func growth(ctx context.Context, p Programs, runs int) (rows []Row, err error) {
	for _, size := range []int{1, 10, 100, 500} {
		var calls, memory []float64
		values, err := interleave(runs, func() (float64, error) {
			s, err := open(p.Ours, size, batchRouters, 0)
			if err != nil {
				return 0, err
			}
			defer s.cloud.Close()
			if err := s.invoke(ctx, "vco-untagged"); err != nil {
				return 0, err
			}
			s.counted()
			began := time.Now()
			err = s.invoke(ctx, connectionIDs(0, size)...)
			took := time.Since(began).Seconds() * 1000 / float64(size)
			n := 0.0
			for _, count := range s.counted() {
				n += float64(count)
			}
			used, _ := s.used() // 0 where it is not known
			calls, memory = append(calls, n/float64(size)), append(memory, float64(used.Peak)/1024)
			return took, err
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows,
			absolute(fmt.Sprintf("growth, %d events: time for each", size), "ms", values[0], 0),
			absolute(fmt.Sprintf("growth, %d events: calls for each", size), "calls", calls, 0),
			absolute(fmt.Sprintf("growth, %d events: peak memory", size), "MB", memory, 0))
	}
	return rows, nil
}
