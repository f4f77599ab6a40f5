package bench

import (
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"os"
	"time"
)

// largeBatchMemory compares the peak memory of processes that were handed the largest batch.
func largeBatchMemory(ctx context.Context, p Programs, runs int) ([]Row, error) {
	payload, err := LargeBatch(500)
	if err != nil {
		return nil, err
	}
	measure := func(binary string) func() (float64, error) {
		return func() (float64, error) {
			s, err := open(binary, 500, batchRouters, 0)
			if err != nil {
				return 0, err
			}
			defer s.cloud.Close()
			if err := s.invokeWith(ctx, payload); err != nil {
				return 0, err
			}
			used, err := s.used()
			return float64(used.Peak) / 1024, err
		}
	}
	values, err := interleave(runs, measure(p.Ours), measure(p.Bare))
	if err != nil {
		return nil, err
	}
	const name = "memory: peak, 6 MB batch of 500"
	return []Row{
		ratio(name, "MB", "bare handler", values[0], values[1], 0),
		absolute(name, "MB", values[0], 96),
	}, nil
}

// weights compares the sizes of what is deployed.
func weights(p Programs) ([]Row, error) {
	var size, zipped []float64
	for _, binary := range []string{p.Ours, p.Bare, p.SDK} {
		program, err := os.ReadFile(binary)
		if err != nil {
			return nil, fmt.Errorf("reading a program: %w", err)
		}
		var packed bytes.Buffer
		w, _ := flate.NewWriter(&packed, flate.BestCompression) // the level is valid
		if _, err := w.Write(program); err != nil || w.Close() != nil {
			return nil, fmt.Errorf("compressing a program: %w", err)
		}
		size, zipped = append(size, float64(len(program))/1e6), append(zipped, float64(packed.Len())/1e6)
	}
	return []Row{
		ratio("weight: stripped binary", "MB", "bare handler", size[:1], size[1:2], 0),
		ratio("weight: stripped binary", "MB", "handler with our SDKs", size[:1], size[2:3], 0),
		absolute("weight: zip", "MB", zipped[:1], 5.5),
		ratio("weight: zip", "MB", "handler with our SDKs", zipped[:1], zipped[2:3], 0),
	}, nil
}

// All measures everything. It calls report, which may be nil, after each measurement, with the time that it took as
// unit.
func All(ctx context.Context, p Programs, runs int, report func(Row)) (rows []Row, err error) {
	for _, measure := range []func() ([]Row, error){
		func() ([]Row, error) { return coldStarts(p, runs) },
		func() ([]Row, error) { return firstEvents(ctx, p, runs) },
		func() ([]Row, error) { return warmCPU(ctx, p, runs) },
		func() ([]Row, error) { return allocations(ctx) },
		func() ([]Row, error) { return batches(ctx, p, runs) },
		func() ([]Row, error) { return decoding(runs) },
		func() ([]Row, error) { return idleMemory(ctx, p, runs) },
		func() ([]Row, error) { return largeBatchMemory(ctx, p, runs) },
		func() ([]Row, error) { return weights(p) },
		func() ([]Row, error) { return callCounts(ctx, p) },
		func() ([]Row, error) { return growth(ctx, p, runs) },
	} {
		began := time.Now()
		found, err := measure()
		if err != nil {
			return rows, err
		}
		if rows = append(rows, found...); report != nil {
			report(Row{Name: found[0].Name, Unit: time.Since(began).Round(time.Second).String()})
		}
	}
	return rows, nil
}
