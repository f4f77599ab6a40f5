package local

import (
	"context"
	"errors"
	"sync"
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
