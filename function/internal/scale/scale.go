// Package scale measures a migration: thousands of connections that appear at once, on a local cloud with API quotas
// and as many instances of the function as are configured. Its results come from the records of the stand-ins.
//
// Quotas are multiplied by a factor instead of making time pass faster: the function's clock, the queue's delays and
// the time until an attachment is Attached stay what they are, and a run takes the factor's fraction of the real time.
package scale

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/usage"
)

// Options are how a migration is run. Binary is required.
type Options struct {
	local.Deployed
	Connections int
	Factor      int     // of every quota
	Share       float64 // of the quotas, that the function may use
	Instances   int
	Health      decide.HealthMode // of the function; empty is what the template says
	Dark        float64           // share of the connections whose tunnels never come up
	// Without is how long all took to be attached in the same migration with HEALTH=off; 0 when there was none.
	Without  time.Duration
	Binary   string // the function
	Timeout  time.Duration
	Progress func(line string) // may be nil
}

// perRouter is how many connections belong to one transit router: the service's default quota.
const perRouter = 50

// attachSeconds is how long an attachment is Attaching.
const attachSeconds = 30

// quotas are those of the account, multiplied.
func (o Options) quotas() local.Quotas {
	quotas := local.Quotas{}
	for action, quota := range cloud.Quotas() {
		quotas[action] = quota.Times(float64(o.Factor))
	}
	return quotas
}

// starting is how long it takes until instances that start together know of each other and use the share.
const starting = 140 * time.Second

// bound is the shortest time in which the share of the quotas lets all be attached, beside starting. Creates decide it:
// the quotas of all other calls are larger, or the calls are shared.
func (o Options) bound() time.Duration {
	perSecond := o.quotas()[cloud.ActionCreate].Rate() * o.Share
	return starting + time.Duration((float64(o.Connections)/perSecond+attachSeconds)*float64(time.Second))
}

// spec is the cloud: transit routers, and no connections yet.
func (o Options) spec() (local.Spec, error) {
	spec, err := local.ReadSpec([]byte("account: \"1234567890123456\"\n"))
	if err != nil {
		return local.Spec{}, err
	}
	spec.AttachSeconds = attachSeconds
	spec.Function.Instances = o.Instances
	spec.Function.Environment = map[string]string{
		"QUOTAS": o.quotas().String(), "QUOTA_SHARE": strconv.FormatFloat(o.Share, 'g', -1, 64),
		"LOG_LEVEL": "warn", "HEALTH_TIMEOUT": o.healthTimeout().String(),
	}
	if o.Health != "" {
		spec.Function.Environment["HEALTH"] = string(o.Health)
	}
	for i := range (o.Connections + perRouter - 1) / perRouter {
		spec.Routers = append(spec.Routers, estate.TransitRouter{
			ID: routerID(i), CEN: fmt.Sprintf("cen-%04d", i), Tags: map[string]string{"vpn-attach:accept": "any"},
			CIDRs: []string{fmt.Sprintf("10.%d.%d.0/24", i/256, i%256)},
		})
	}
	return spec, nil
}

func routerID(i int) string { return fmt.Sprintf("tr-%04d", i) }

// run is a migration under way.
type run struct {
	Options
	cloud   *local.Cloud
	started time.Time

	mu       sync.Mutex
	calls    []call
	attached int
	last     time.Time // when the latest became Attached
	messages int       // that the function queued for itself
	outcomes int
	peak     int64 // KiB, of the largest instance
}

// Run runs a migration to its end. An error means that it could not be run, or did not finish; the result says how far
// it came.
func Run(ctx context.Context, o Options) (Result, error) {
	spec, err := o.spec()
	if err != nil {
		return Result{}, err
	}
	r := &run{Options: o}
	r.cloud, err = local.Start(spec, local.Options{
		Deployed: o.Deployed, Speed: 1, Binary: o.Binary, Draw: o.quotas().Draw(1),
		Watch: local.Watch{Attachment: r.attachment, Exchange: r.exchange},
	})
	if err != nil {
		return Result{}, fmt.Errorf("starting the cloud: %w", err)
	}
	defer r.cloud.Close()
	for i := range o.Connections {
		if _, err := r.cloud.Estate.CreateConnection(o.site(i)); err != nil {
			return Result{}, fmt.Errorf("making connection %d: %w", i, err)
		}
	}
	r.started = time.Now()
	flow, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	for range o.Instances - 1 {
		task := r.cloud.Trigger.Beside()
		beside.Go(func() { _ = task.Run(flow) }) // ends with the flow
	}
	beside.Go(func() { r.reportProgress(flow) })
	_, err = r.cloud.Play(ctx, func(context.Context) error { return nil }, o.Timeout, r.outcome)
	r.observe()
	stop()
	beside.Wait()
	return r.result(), err
}

func (r *run) outcome(string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes++
}

// observe notes the peak memory of the instances so far.
func (r *run) observe() {
	for _, pid := range r.cloud.Runtime.Processes() {
		used, err := usage.Read(pid)
		if err != nil {
			continue // the result says that it is not known
		}
		r.mu.Lock()
		r.peak = max(r.peak, used.Peak)
		r.mu.Unlock()
	}
}

func (r *run) reportProgress(ctx context.Context) {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		r.observe()
		if r.Progress == nil {
			continue
		}
		queue := r.cloud.Queues.Stats(r.cloud.EventQueue)
		r.mu.Lock()
		line := fmt.Sprintf("%4.0f s  %d of %d attached, %d calls, %d messages visible, %d delayed",
			time.Since(r.started).Seconds(), r.attached, r.Connections, len(r.calls), queue.Active, queue.Delayed)
		r.mu.Unlock()
		r.Progress(line)
	}
}

func (r *run) attachment(a estate.Attachment) {
	if a.Status != estate.StatusAttached {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attached++
	if a.Attached.After(r.last) {
		r.last = a.Attached
	}
}
