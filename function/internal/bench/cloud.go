package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/usage"
)

// stage is a local cloud with one program on it.
type stage struct {
	cloud *local.Cloud
	mu    sync.Mutex
	calls map[string]int
	last  time.Time // when the latest outcome was published
}

// open starts a cloud of so many unattached connections on so many transit routers. Every answer takes delay; the
// function's own quotas do not slow it down.
func open(binary string, connections, routers int, delay time.Duration) (*stage, error) {
	spec, err := local.ReadSpec([]byte("region: cn-hangzhou\n"))
	if err != nil {
		return nil, err
	}
	quotas := local.Quotas{}
	for action := range cloud.Quotas() {
		quotas[action] = cloud.PerMinute(6_000_000)
	}
	spec.Function.Environment = map[string]string{"QUOTAS": quotas.String()}
	for i := range routers {
		spec.Routers = append(spec.Routers, estate.TransitRouter{
			ID: fmt.Sprintf("tr-%d", i), CEN: fmt.Sprintf("cen-%d", i), CIDRs: []string{fmt.Sprintf("10.%d.0.0/16", i)},
			Tags: map[string]string{"vpn-attach:accept": "any"},
		})
	}
	tagged := func(id, router string) {
		spec.Connections = append(spec.Connections, estate.VPNConnection{
			ID: id, Name: "site", PSK: "canary", Tags: map[string]string{"vpn-attach:transit-router": router},
		})
	}
	for i := range connections {
		tagged(connectionID(i), fmt.Sprintf("tr-%d", i%routers))
	}
	tagged("vco-misdirected", "nowhere")
	spec.Connections = append(spec.Connections, estate.VPNConnection{ID: "vco-untagged"})
	s := &stage{calls: map[string]int{}}
	options := local.Options{Binary: binary, Speed: 1, Watch: local.Watch{Exchange: s.exchange}}
	if delay > 0 {
		options.Draw = func(action string, _ int) *fault.Fault { return &fault.Fault{Action: action, Delay: delay} }
	}
	s.cloud, err = local.Start(spec, options)
	return s, err
}

func connectionID(i int) string { return fmt.Sprintf("vco-%06d", i) }

func connectionIDs(from, count int) (ids []string) {
	for i := range count {
		ids = append(ids, connectionID(from+i))
	}
	return ids
}

func (s *stage) exchange(x fault.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[x.Action]++
	if x.Action == "PublishMessage" {
		s.last = x.Arrived
	}
}

// counted are the calls since the last time that it was called.
func (s *stage) counted() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = map[string]int{}
	return calls
}

// invoke hands the trigger's batch of these connections' events to the function.
func (s *stage) invoke(ctx context.Context, ids ...string) error {
	payload, err := Batch(ids...)
	if err != nil {
		return err
	}
	return s.invokeWith(ctx, payload)
}

// timed is how many milliseconds an invocation takes.
func (s *stage) timed(ctx context.Context, ids ...string) (float64, error) {
	began := time.Now()
	err := s.invoke(ctx, ids...)
	return milliseconds(time.Since(began)), err
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

func (s *stage) invokeWith(ctx context.Context, payload []byte) error {
	done, err := s.cloud.Runtime.Invoke(ctx, payload)
	if err == nil && done.Failure != nil {
		err = fmt.Errorf("invoking: %s: %s", done.Failure.Type, done.Failure.Message)
	}
	return err
}

func (s *stage) used() (usage.Of, error) {
	pids := s.cloud.Runtime.Processes()
	if len(pids) != 1 {
		return usage.Of{}, fmt.Errorf("reading usage: %d processes run", len(pids))
	}
	return usage.Read(pids[0])
}

// Batch is the queue trigger's payload of one event for each connection: three layers, as the platform hands them over.
func Batch(ids ...string) ([]byte, error) {
	sample, err := events.Files.ReadFile("wire/created.json")
	if err != nil {
		return nil, fmt.Errorf("reading an event: %w", err)
	}
	var batch []any
	for i, id := range ids {
		body := strings.ReplaceAll(strings.ReplaceAll(string(sample), "vco-one", id), "event-one", "event-"+id)
		batch = append(batch, map[string]any{
			"id": fmt.Sprintf("m-%d", i), "source": "MNS:Queue:vpn-attach-events", "specversion": "1.0",
			"type": "mns:Queue:SendMessage", "datacontenttype": "application/json; charset=utf-8",
			"data": map[string]any{
				"messageId": fmt.Sprintf("m-%s-%d", id, i), "messageBody": body, "enqueueTime": time.Now().UnixMilli(),
			},
		})
	}
	return json.Marshal(batch)
}
