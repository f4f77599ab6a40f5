package bench

import (
	"context"
	"fmt"
	"time"
)

// firstEvents compares the time from a process's start to the outcome of its first event.
func firstEvents(ctx context.Context, p Programs, runs int) ([]Row, error) {
	measure := func(binary string) (float64, error) { return firstEvent(ctx, binary) }
	values, err := ofCopies(runs, measure, p.Ours, p.SDK)
	if err != nil {
		return nil, err
	}
	const name = "first event: process start → outcome published"
	return []Row{ratio(name, "ms", "the same SDK calls", values[0], values[1], 1.10)}, nil
}

func firstEvent(ctx context.Context, binary string) (float64, error) {
	s, err := open(binary, 1, 1, 0)
	if err != nil {
		return 0, err
	}
	defer s.cloud.Close()
	began := time.Now()
	err = s.invoke(ctx, connectionID(0))
	return milliseconds(s.last.Sub(began)), err
}

// warmEvents is how many events make one value, each in an invocation of its own.
const warmEvents = 200

// warmCPU compares the CPU time of an event, one by one, in a warm process.
func warmCPU(ctx context.Context, p Programs, runs int) ([]Row, error) {
	var measures []func() (float64, error)
	for _, binary := range []string{p.Ours, p.SDK} {
		s, err := open(binary, (runs+2)*warmEvents, 1, 0)
		if err != nil {
			return nil, err
		}
		defer s.cloud.Close()
		if err := s.invoke(ctx, connectionID(0)); err != nil {
			return nil, err
		}
		next := 1
		measures = append(measures, func() (float64, error) {
			before, err := s.used()
			if err != nil {
				return 0, err
			}
			for range warmEvents {
				if err := s.invoke(ctx, connectionID(next)); err != nil {
					return 0, err
				}
				next++
			}
			after, err := s.used()
			return milliseconds(after.CPU-before.CPU) / warmEvents, err
		})
	}
	values, err := interleave(runs, measures...)
	if err != nil {
		return nil, err
	}
	const name = "warm event: user and system time"
	return []Row{ratio(name, "ms", "the same SDK calls", values[0], values[1], 1.20)}, nil
}

// The batch whose wall time is measured, and how long every answer takes in it.
const (
	batchSize    = 200
	batchRouters = 4
	answerTime   = 50 * time.Millisecond
	concurrency  = 16 // the default of CONCURRENCY
)

// warm starts our program on a cloud and lets it handle one event.
func warm(ctx context.Context, p Programs, connections int, delay time.Duration) (*stage, error) {
	s, err := open(p.Ours, connections, batchRouters, delay)
	if err != nil {
		return nil, err
	}
	if err := s.invoke(ctx, "vco-untagged"); err != nil {
		s.cloud.Close()
		return nil, err
	}
	return s, nil
}

// batches compares a batch's wall time with the longest chain of calls that depend on each other, in as many rounds as
// the concurrency makes of it: describe, lookup, create, queue, publish.
func batches(ctx context.Context, p Programs, runs int) ([]Row, error) {
	const chain = 5
	rounds := (batchSize + concurrency - 1) / concurrency
	least := milliseconds(answerTime) * float64(chain*rounds)
	values, err := interleave(runs, func() (float64, error) {
		s, err := warm(ctx, p, batchSize, answerTime)
		if err != nil {
			return 0, err
		}
		defer s.cloud.Close()
		return s.timed(ctx, connectionIDs(0, batchSize)...)
	})
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("batch of %d over %d routers, %s an answer", batchSize, batchRouters, answerTime)
	return []Row{ratio(name, "ms", "chain × rounds", values[0], []float64{least}, 1.10)}, nil
}

// callCounts compares the calls of each kind of event with those that it needs: describe, lookup and create, one to the
// queue, one to the topic.
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
		{"a fresh event", connectionIDs(0, 1), 5},
		{"its duplicate, while it is attaching", connectionIDs(0, 1), 5}, // describe, lookup, list; queue; topic
		{"a skipped event", []string{"vco-untagged"}, 2},                 // describe; publish
		{"an event without its router", []string{"vco-misdirected"}, 4},  // describe, lookup; queue; publish
	} {
		s.counted()
		if err := s.invoke(ctx, c.ids...); err != nil {
			return nil, err
		}
		rows = append(rows, exactly("API calls: "+c.name, total(s.counted()), c.want))
	}
	if err := s.invoke(ctx, connectionIDs(1, 100)...); err != nil {
		return nil, err
	}
	lookups := float64(s.counted()["ListTransitRouters"])
	return append(rows, exactly("API calls: lookups of a batch of 100 over 4 routers", lookups, batchRouters)), nil
}

func total(calls map[string]int) (n float64) {
	for _, count := range calls {
		n += float64(count)
	}
	return n
}

// growth shows how the cost of a batch grows with its size.
func growth(ctx context.Context, p Programs, runs int) (rows []Row, err error) {
	for _, size := range []int{1, 10, 100, 500} {
		var calls, memory []float64
		values, err := interleave(runs, func() (float64, error) {
			s, err := warm(ctx, p, size, 0)
			if err != nil {
				return 0, err
			}
			defer s.cloud.Close()
			s.counted()
			took, err := s.timed(ctx, connectionIDs(0, size)...)
			used, _ := s.used() // 0 where it is not known
			calls, memory = append(calls, total(s.counted())/float64(size)), append(memory, float64(used.Peak)/1024)
			return took / float64(size), err
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
