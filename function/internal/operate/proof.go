package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// proved waits for the trigger and makes a dry run through the alias.
func (r rollout) proved(ctx context.Context, version string) (Deployed, error) {
	d := Deployed{Version: version, Source: r.code.SHA256, Told: []string{}, next: r.command("status")}
	if err := r.waitForTriggers(ctx); err != nil {
		return d, err
	}
	d.Paused = r.paused
	if told, err := r.told(ctx); err == nil {
		d.Told = told
	}
	proof, err := r.prove(ctx)
	if err != nil {
		return d, fmt.Errorf("proving the deployment by a dry run: %w", err)
	}
	d.Proof = proof.text()
	return d, nil
}

// waitForTriggers waits until they have started, unless they are stopped on purpose.
func (r rollout) waitForTriggers(ctx context.Context) error {
	for range max(1, r.Settle.Looks) {
		triggers, err := r.triggers(ctx)
		if err != nil {
			return err
		}
		if r.paused || !slices.ContainsFunc(triggers, func(t Trigger) bool { return !t.Started }) {
			return nil
		}
		r.say("waiting for the triggers to start")
		if err := pause(ctx, r.Settle.Pause); err != nil {
			return fmt.Errorf("waiting for the triggers: %w", err)
		}
	}
	return &MissingError{What: "a trigger has not started", Fix: r.command("doctor")}
}

// proof is what a sweep that changes nothing came to.
type proof struct {
	connections int
	unread      []string // codes of what could not be read
	ran         bool     // false: SWEEP is off, or the function is paused
}

// prove has the function compare everything and change nothing.
func (o Operator) prove(ctx context.Context) (proof, error) {
	answer, err := o.Invoke(ctx, map[string]any{"sweep": map[string]any{"dryRun": true}})
	p := proof{ran: len(answer.Sweeps) > 0 || answer.Queued > 0}
	for _, document := range answer.Sweeps {
		var sweep struct {
			Data struct {
				Connections int
				Unread      map[string]int
			}
		}
		if err := json.Unmarshal(document, &sweep); err != nil {
			return p, fmt.Errorf("reading the sweep: %w", err)
		}
		p.connections, p.unread = sweep.Data.Connections, slices.Sorted(maps.Keys(sweep.Data.Unread))
	}
	return p, err
}

func (p proof) text() string {
	switch {
	case !p.ran:
		return "the function answers (SWEEP is off, or it is paused)"
	case len(p.unread) > 0:
		return "the function runs, and was refused: " + strings.Join(p.unread, ", ")
	}
	return "a dry run compared " + several(p.connections, "connection")
}
