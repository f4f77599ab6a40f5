package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/goccy/go-yaml"
)

// Serve lets the triggers run and the topic's subscriber receive until ctx ends. An error says
// which of them could not go on.
func (c *Cloud) Serve(ctx context.Context, tell func(outcome string)) error {
	flow, stop := context.WithCancel(ctx)
	defer stop()
	var work sync.WaitGroup
	failed := make(chan error, 3)
	receive := func(ctx context.Context) error { return c.receive(ctx, tell) }
	for _, run := range []func(context.Context) error{c.Trigger.Run, receive, c.tick} {
		work.Go(func() {
			err := run(flow)
			stop() // one without the other is no cloud
			failed <- err
		})
	}
	work.Wait()
	return errors.Join(<-failed, <-failed, <-failed)
}

// Save writes the cloud's state down as a cloud file, with which another can go on: what
// there is, not what is in the queues.
func (c *Cloud) Save(path string) error {
	spec := c.Spec
	seed := c.Estate.Seed()
	spec.Routers, spec.Connections, spec.Faults = seed.TransitRouters, seed.VPNConnections, c.Faults.Remaining()
	text, err := yaml.Marshal(spec)
	if err != nil {
		return fmt.Errorf("writing the state down: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil { // it holds pre-shared keys and access keys
		return fmt.Errorf("writing the state down: %w", err)
	}
	return nil
}
