package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// bench breaks a module and runs its tests.
type bench struct {
	root     string
	out      io.Writer
	parallel int
	cases    tests // that may notice what the tests of the broken package do not

	mu           sync.Mutex
	done, caught int
}

// list names the rows. An error says that some are stale.
func (b *bench) list(rows []row) error {
	stale := 0
	for _, r := range rows {
		kind := ""
		if r.needsProcess() {
			kind = "(--process)"
		}
		if _, err := r.broken(b.root); err != nil {
			kind, stale = "STALE: "+err.Error(), stale+1
		}
		fmt.Fprintf(b.out, "%-58s %-44s %s\n", r.name, r.file, kind)
	}
	if stale > 0 {
		return fmt.Errorf("%d of %d breakages are stale", stale, len(rows))
	}
	return nil
}

// run breaks the module in every way, some at once. An error says that not all were caught.
func (b *bench) run(ctx context.Context, rows []row) error {
	started := time.Now()
	fmt.Fprintf(b.out, "%d breakages, %d at once; first the tests without any\n", len(rows), b.parallel)
	if err := b.sound(ctx, rows); err != nil {
		return err
	}
	work, ended := make(chan row), make(chan struct{})
	var workers sync.WaitGroup
	for range b.parallel {
		workers.Go(func() {
			for r := range work {
				b.tell(r, b.try(ctx, r), len(rows))
			}
		})
	}
	go b.progress(ended, len(rows), started)
	for _, r := range rows {
		if ctx.Err() != nil {
			break
		}
		work <- r
	}
	close(work)
	workers.Wait()
	close(ended)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	fmt.Fprintf(b.out, "%d caught, %d not, in %.0f s\n", b.caught, len(rows)-b.caught, time.Since(started).Seconds())
	if b.caught < len(rows) {
		return errors.New("not every breakage was caught")
	}
	return nil
}

// sound runs the tests that are needed with nothing broken: they pass, or they would seem to catch everything.
func (b *bench) sound(ctx context.Context, rows []row) error {
	var needed []tests
	for _, r := range rows {
		for _, s := range r.by.needs(r.pkg(), b.cases) {
			if !slices.Contains(needed, s) {
				needed = append(needed, s)
			}
		}
	}
	for _, s := range needed {
		output, err := s.run(ctx, overlay{root: b.root})
		switch {
		case ctx.Err() != nil:
			return errors.New("interrupted")
		case err != nil:
			return fmt.Errorf("running the tests of %s with nothing broken: %w\n%s", s.pkg, err, output)
		case s.pattern != "" && strings.Contains(output, "[no tests to run]"):
			return fmt.Errorf("running the tests of %s with nothing broken: none matches %s", s.pkg, s.pattern)
		}
	}
	return nil
}

// verdict is what became of a row.
type verdict struct {
	word, detail string
}

func (b *bench) try(ctx context.Context, r row) verdict {
	text, err := r.broken(b.root)
	if err != nil {
		return verdict{"STALE", err.Error()}
	}
	folder, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return verdict{"FAILED", err.Error()}
	}
	defer os.RemoveAll(folder)
	o, err := r.lay(b.root, folder, text, b.cases)
	if err != nil {
		return verdict{"FAILED", err.Error()}
	}
	noticed, err := r.by.notice(ctx, o)
	var unbuilt *buildError
	switch {
	case errors.As(err, &unbuilt):
		return verdict{"BROKEN", err.Error()}
	case err != nil:
		return verdict{"MISSED", err.Error()}
	case noticed == "":
		return verdict{"MISSED", ""}
	}
	return verdict{"caught", "by " + noticed}
}

func (b *bench) tell(r row, v verdict, all int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	if v.word == "caught" {
		b.caught++
	}
	fmt.Fprintf(b.out, "%3d/%d  %-6s %-58s %s\n", b.done, all, v.word, r.name, v.detail)
}

// progress says now and then that work goes on.
func (b *bench) progress(ended <-chan struct{}, all int, started time.Time) {
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for last := -1; ; {
		select {
		case <-ended:
			return
		case <-ticker.C:
		}
		b.mu.Lock()
		if b.done == last {
			fmt.Fprintf(b.out, "%3d/%d  … %.0f s\n", b.done, all, time.Since(started).Seconds())
		}
		last = b.done
		b.mu.Unlock()
	}
}
