package scale

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/standin/fault"
)

// call is one API call as its service saw it.
type call struct {
	at         time.Time
	action     string
	key        string // of the invocation
	connection string // that it is about; empty when it is about several
	answered   bool
	throttled  bool
	made       bool // an attachment
}

func (r *run) exchange(x fault.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.Service == "mns" {
		if x.Action == "BatchSendMessage" {
			r.messages += bytes.Count(x.Body, []byte("<MessageBody>"))
		}
		return
	}
	asked, _ := url.Parse(x.URL) // as the server took it
	c := call{
		at: x.Arrived, action: x.Action, key: x.AccessKeyID, made: x.Action == cloud.ActionCreate && x.Status == 200,
		answered:  x.Status == 200,
		throttled: bytes.Contains(x.Response, []byte("Throttling")),
	}
	switch x.Action {
	case cloud.ActionDescribe, cloud.ActionInventory:
		c.connection = asked.Query().Get("VpnConnectionId")
	case cloud.ActionCreate:
		c.connection = asked.Query().Get("VpnId")
	}
	r.calls = append(r.calls, c)
}

// The bars. Throttling counts after the first minute, in which the function finds its pace.
const (
	mostOfBound   = 1.25
	mostInMinute  = 1.1 // of what the share allows
	leastAlone    = 0.9 // of it, in the usual minute of one instance
	leastTogether = 0.7 // of several: of multiplied quotas their turns are so short that some are missed
	mostThrottled = 0.01
	mostCalls     = 3.2
	mostLooks     = 6        // at the health of a connection
	mostSlower    = 1.05     // with HEALTH=report, of the time without
	mostMemory    = 96 << 10 // KiB
)

// Result is the outcome of a migration.
type Result struct {
	Options
	Attached   int
	Took       time.Duration // until the last was Attached
	Attaching  float64       // calls per connection until it is made
	Confirming float64       // and after
	Looks      float64       // at the health, in calls per connection
	MostLooks  int           // readings of one connection alone
	Messages   float64       // per connection, that the function queued
	Outcomes   float64
	Throttled  float64 // of the calls after the first minute
	Most       float64 // creates in any minute, of what the share allows
	Usual      float64 // the same, in the median minute between the start and the last creates
	ByAction   map[string]int
	Peak       int64 // KiB, of the largest instance; 0 where it cannot be read
}

func (r *run) result() Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, path := float64(r.Connections), r.attachPath()
	result := Result{
		Options: r.Options, Attached: r.attached, Took: r.last.Sub(r.started), ByAction: map[string]int{}, Peak: r.peak,
		Attaching: float64(path) / n, Confirming: float64(len(r.calls)-path) / n,
		Messages: float64(r.messages) / n, Outcomes: float64(r.outcomes) / n,
	}
	late, throttled := 0, 0
	for _, c := range r.calls {
		result.ByAction[c.action]++
		if c.at.Sub(r.started) <= time.Minute {
			continue
		}
		if late++; c.throttled {
			throttled++
		}
	}
	result.Throttled = float64(throttled) / float64(max(1, late))
	result.Most, result.Usual = r.minutes()
	result.Looks, result.MostLooks = r.looks()
	return result
}

// minutes counts the creates of every minute that begins with one, of what the share allows: the most, and the median
// of those minutes in which all instances had started and there was work. That is 0 when there is no such minute.
func (r *run) minutes() (most, median float64) {
	var at []time.Duration
	for _, c := range r.calls {
		if c.action == cloud.ActionCreate {
			at = append(at, c.at.Sub(r.started))
		}
	}
	slices.Sort(at)
	share := r.quotas()[cloud.ActionCreate].Rate() * r.Share * time.Minute.Seconds()
	var usual []float64
	for i, first := range at {
		n, _ := slices.BinarySearch(at[i:], first+time.Minute)
		most = max(most, float64(n)/share)
		if first >= starting && first+time.Minute <= at[len(at)-1] {
			usual = append(usual, float64(n)/share)
		}
	}
	if slices.Sort(usual); len(usual) > 0 {
		median = usual[len(usual)/2]
	}
	return most, median
}

// attachPath counts the calls that lead to attachments: about a connection until its attachment is made, and lookups
// and pages of connections of invocations that made one.
func (r *run) attachPath() (n int) {
	made, makers := map[string]time.Time{}, map[string]bool{}
	for _, c := range r.calls {
		if c.made {
			made[c.connection], makers[c.key] = c.at, true
		}
	}
	for _, c := range r.calls {
		at, isMade := made[c.connection]
		switch {
		case c.action == cloud.ActionCreate,
			c.action == cloud.ActionDescribe && (!isMade || !c.at.After(at)),
			(c.action == cloud.ActionRouters || isPage(c)) && makers[c.key]:
			n++
		}
	}
	return n
}

// bar is a value that must keep to a limit.
type bar struct {
	what, got, limit string
	met              bool
}

func (r Result) bars() []bar {
	ratio, all := r.Took.Seconds()/r.bound().Seconds(), r.Attached == r.Connections
	peak, least := fmt.Sprintf("%d MB", r.Peak>>10), leastTogether
	if r.Instances == 1 {
		least = leastAlone
	}
	if r.Peak == 0 {
		peak = "cannot be read on this system"
	}
	bars := []bar{
		{"attached", fmt.Sprintf("%d of %d", r.Attached, r.Connections), "all", all},
		{"time until all are attached",
			fmt.Sprintf("%.0f s, %.2f of the bound of %.0f s", r.Took.Seconds(), ratio, r.bound().Seconds()),
			fmt.Sprintf("at most %.2f", mostOfBound), all && ratio <= mostOfBound},
		{"creates in the busiest minute, of what the share allows", fmt.Sprintf("%.2f", r.Most),
			fmt.Sprintf("at most %g", mostInMinute), r.Most <= mostInMinute},
		{"creates in the median minute, once started", fmt.Sprintf("%.2f", r.Usual),
			fmt.Sprintf("at least %g", least), r.Usual >= least},
		{"throttled calls per 1,000, after the first minute", fmt.Sprintf("%.1f", r.Throttled*1000),
			fmt.Sprintf("at most %.0f", mostThrottled*1000), r.Throttled <= mostThrottled},
		{"API calls per connection until it is made", fmt.Sprintf("%.2f", r.Attaching),
			fmt.Sprintf("at most %g", mostCalls), r.Attaching <= mostCalls},
		{"peak memory of an instance", peak, fmt.Sprintf("at most %d MB", mostMemory>>10),
			r.Peak > 0 && r.Peak <= mostMemory},
	}
	return append(bars, r.healthBars()...)
}

// Met reports whether every bar is met.
func (r Result) Met() bool {
	return !slices.ContainsFunc(r.bars(), func(b bar) bool { return !b.met })
}

// Table prints the bars, PASS or FAIL each, and the values without a bar.
func (r Result) Table(out io.Writer) {
	health := "HEALTH=off"
	if r.Health != decide.HealthOff {
		health = fmt.Sprintf("HEALTH=report, %s, %g of them dark", r.healthTimeout(), r.Dark)
	}
	fmt.Fprintf(out, "%d connections, %d instances, %g of %d times the quotas, %s\n",
		r.Connections, r.Instances, r.Share, r.Factor, health)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, b := range r.bars() {
		verdict := "PASS"
		if !b.met {
			verdict = "FAIL"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", verdict, b.what, b.got, b.limit)
	}
	fmt.Fprintf(table, "\tAPI calls per connection after that\t%.2f\t\n", r.Confirming)
	fmt.Fprintf(table, "\tdiagnoses per connection\t%.2f\t\n",
		float64(r.ByAction[cloud.ActionDiagnose])/float64(r.Connections))
	fmt.Fprintf(table, "\tmessages queued and outcomes, per connection\t%.2f, %.2f\t\n", r.Messages, r.Outcomes)
	table.Flush()
	var calls []string
	for _, action := range slices.Sorted(maps.Keys(r.ByAction)) {
		calls = append(calls, fmt.Sprintf("%s %d", action, r.ByAction[action]))
	}
	fmt.Fprintln(out, "calls:", strings.Join(calls, ", "))
}
