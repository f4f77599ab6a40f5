package local

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/template"
)

// trigger is the queue trigger as the template has it, and a case or cloud file changes it. A stack without one has
// one that never receives.
func (c *Cloud) trigger() (*fc.Trigger, error) {
	t := &fc.Trigger{Queue: noQueue{}, Name: "none", Invoke: c.Runtime.Invoke, Mode: fc.EventStreaming, Observe: c.push}
	for _, deployed := range c.deployed.Triggers {
		if deployed.TriggerType != "eventbridge" {
			continue
		}
		var err error
		if t, err = c.queueTrigger(deployed); err != nil {
			return nil, c.wrongTrigger(deployed, err)
		}
	}
	return t, nil
}

// queueTrigger is a trigger of EventBridge whose source is a queue.
func (c *Cloud) queueTrigger(deployed template.Trigger) (*fc.Trigger, error) {
	spec, config := c.Spec.Trigger, deployed.TriggerConfig
	source, run := config.EventSourceConfig.EventSourceParameters.SourceMNSParameters, config.RunOptions
	tries, err := triesOf(run)
	if err == nil {
		err = c.served(deployed)
	}
	if err != nil {
		return nil, err
	}
	window := run.BatchWindow.TimeBasedWindow
	if spec.WindowSeconds != nil {
		window = *spec.WindowSeconds
	}
	t := &fc.Trigger{
		Queue: queue{c.Queues, source.QueueName, source.IsBase64Decode}, QueueName: source.QueueName,
		Account: c.Spec.Account, Region: source.RegionID, Name: deployed.TriggerName,
		Invoke: c.invokeBy(deployed.TriggerName), Mode: cmp.Or(spec.Mode, run.Mode),
		RawData: spec.RawData || config.EventSinkConfig.DeliveryOption.EventSchema == "RawData",
		Count:   cmp.Or(spec.Count, run.BatchWindow.CountBasedWindow), Window: scaled(seconds(window), c.speed),
		Tries: cmp.Or(spec.Tries, tries.most), Backoff: scaled(tries.backoff, c.speed),
		Observe: c.push, Gate: c.gates[deployed.TriggerName],
	}
	if spec.BackoffSeconds > 0 {
		t.Backoff = scaled(seconds(spec.BackoffSeconds), c.speed)
	}
	if config.AsyncInvocationType {
		t.Invoke = withoutWaiting(t.Invoke)
	}
	isKept := spec.DeadLetter == nil || *spec.DeadLetter
	if letters := queueIn(c.place, run.DeadLetterQueue.Arn); letters != "" && isKept {
		t.DeadLetter = func(payload []byte, _ fc.Failure) error {
			_, err := c.Queues.Send(letters, string(payload), 0)
			return err
		}
	}
	return t, nil
}

// served refuses what a trigger may be, and is not here.
func (c *Cloud) served(t template.Trigger) error {
	config := t.TriggerConfig
	switch schema := config.EventSinkConfig.DeliveryOption.EventSchema; {
	case config.EventSourceConfig.EventSourceType != "MNS":
		return fmt.Errorf("the local cloud has no source %q", config.EventSourceConfig.EventSourceType)
	case config.EventSourceConfig.EventSourceParameters.SourceMNSParameters.RegionID != c.Spec.Region:
		return fmt.Errorf("its queue is not in %s", c.Spec.Region)
	case schema != "CloudEvents" && schema != "RawData":
		return fmt.Errorf("the eventSchema is CloudEvents or RawData, not %q", schema)
	case config.EventRuleFilterPattern != "{}":
		return fmt.Errorf("the local cloud filters nothing between a queue and the function")
	case t.Qualifier != "LATEST" && t.Qualifier != "live":
		return fmt.Errorf("the function has no version %q", t.Qualifier)
	}
	return nil
}

// tries are how often a push is made, and how long a trigger waits between two.
type tries struct {
	most    int
	backoff time.Duration
}

// triesOf are those of a strategy, by its documentation. Between 176 tries the waits grow to 512 s; here they are
// alike, and together as long: a day.
func triesOf(run template.RunOptions) (tries, error) {
	switch run.RetryStrategy.PushRetryStrategy + " " + run.ErrorsTolerance {
	case "BACKOFF_RETRY ALL":
		return tries{3, 10 * time.Second}, nil
	case "EXPONENTIAL_DECAY_RETRY ALL":
		return tries{176, 24 * time.Hour / 176}, nil
	case "BACKOFF_RETRY NONE", "EXPONENTIAL_DECAY_RETRY NONE":
		return tries{1 << 30, 10 * time.Second}, nil
	}
	return tries{}, fmt.Errorf("the local cloud does not know the retries of %+v", run)
}

// withoutWaiting invokes the function as an asynchronous trigger does, to which no failure comes back.
func withoutWaiting(invoke invoker) invoker {
	return func(ctx context.Context, payload []byte) (fc.Invocation, error) {
		done, err := invoke(ctx, payload)
		done.Failure = nil
		return done, err
	}
}

// invoker runs the function.
type invoker = func(ctx context.Context, payload []byte) (fc.Invocation, error)

// invokeBy runs what a trigger invokes.
func (c *Cloud) invokeBy(trigger string) invoker {
	return func(ctx context.Context, payload []byte) (fc.Invocation, error) {
		for !c.Runtime.Has(c.managed[trigger].Invokes()) { // until somebody deploys it again
			if err := pace.Sleep(ctx, time.Second); err != nil {
				return fc.Invocation{}, fmt.Errorf("waiting for the function: %w", err)
			}
		}
		return c.Runtime.InvokeAs(ctx, c.managed[trigger].Invokes(), payload)
	}
}

// queue is a queue as the trigger uses it, inside the platform.
type queue struct {
	service  *mns.Service
	name     string
	isBase64 bool // bodies are decoded
}

func (q queue) Receive(ctx context.Context, most int, wait time.Duration) ([]fc.QueueMessage, error) {
	received, err := q.service.Receive(ctx, q.name, most, wait)
	messages := make([]fc.QueueMessage, 0, len(received))
	for _, m := range received {
		body := m.Body
		if q.isBase64 {
			decoded, _ := base64.StdEncoding.DecodeString(body) // of what is no base64 only the beginning is left
			body = string(decoded)
		}
		messages = append(messages, fc.QueueMessage{
			MessageID: m.MessageID, ReceiptHandle: m.ReceiptHandle, Body: body, EnqueuedAt: m.EnqueueTime,
		})
	}
	return messages, err
}

func (q queue) Delete(receiptHandle string) error { return q.service.Delete(q.name, receiptHandle) }

// noQueue is the queue of a trigger that was not made.
type noQueue struct{}

func (noQueue) Receive(ctx context.Context, _ int, _ time.Duration) ([]fc.QueueMessage, error) {
	<-ctx.Done()
	return nil, nil
}

func (noQueue) Delete(string) error { return nil }
