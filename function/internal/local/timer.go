package local

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/pace"
)

// timer is a timer trigger of the stack.
type timer struct {
	name, payload string
	every         time.Duration // of cloud time
}

// timers are those that are enabled.
func (c *Cloud) timers() (all []timer, err error) {
	for _, t := range c.deployed.Triggers {
		config := t.TriggerConfig
		if t.TriggerType != "timer" || !config.Enable {
			continue
		}
		text, isInterval := strings.CutPrefix(config.CronExpression, "@every ")
		every, err := time.ParseDuration(text)
		if err != nil || !isInterval || every < time.Minute {
			return nil, fmt.Errorf("making trigger %s: the local cloud knows @every and at least a minute, not %q",
				t.TriggerName, config.CronExpression)
		}
		all = append(all, timer{t.TriggerName, config.Payload, every})
	}
	return all, nil
}

// tick lets the timers of the stack fire until ctx ends.
func (c *Cloud) tick(ctx context.Context) error {
	timers, err := c.timers()
	if err != nil {
		return err
	}
	var work sync.WaitGroup
	for _, t := range timers {
		work.Go(func() {
			for pace.Sleep(ctx, scaled(t.every, c.speed)) == nil {
				payload, _ := json.Marshal(map[string]string{ // texts always encode
					"triggerTime": time.Now().UTC().Format(time.RFC3339), "triggerName": t.name, "payload": t.payload,
				})
				_, _ = c.Runtime.Invoke(ctx, payload) // how it ended is in the runtime's record
				c.touch()
			}
		})
	}
	work.Wait()
	<-ctx.Done() // also where there is no timer
	return nil
}
