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
	"vpn-attach/function/internal/standin/fault"
)

// call is one API call as its service saw it.
type call struct {
	at         time.Time
	action     string
	key        string // of the invocation
	connection string // that it is about; empty when it is about several
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
	c := call{at: x.Arrived, action: x.Action, key: x.AccessKeyID, throttled: bytes.Contains(x.Response, []byte("Throttling")), made: x.Action == cloud.ActionCreate && x.Status == 200}
	switch x.Action {
	case cloud.ActionDescribe:
		c.connection = asked.Query().Get("VpnConnectionId")
	case cloud.ActionCreate:
		c.connection = asked.Query().Get("VpnId")
	}
	r.calls = append(r.calls, c)
}

// The bars.
const (
	mostOfBound    = 1.25
	mostThrottled  = 0.01
	mostCalls      = 3.2
	mostMemory     = 96 << 10 // KiB
	settlingMinute = time.Minute
)

// Result is what a migration came to.
type Result struct {
	Options
	Attached   int
	Took       time.Duration // until the last was Attached
	Attaching  float64       // calls per connection until it is made
	Confirming float64       // and after
	Messages   float64       // per connection, that the function queued
	Outcomes   float64
	Throttled  float64 // of the calls after the first minute
	ByAction   map[string]int
	Peak       int64 // KiB, of the largest instance; 0 where it can not be read
	bound      time.Duration
}

func (r *run) result() Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := float64(r.Connections)
	result := Result{Options: r.Options, Attached: r.attached, Took: r.last.Sub(r.started), Messages: float64(r.messages) / n, Outcomes: float64(r.outcomes) / n, ByAction: map[string]int{}, bound: r.bound()}
	late, struck := 0, 0
	for _, c := range r.calls {
		result.ByAction[c.action]++
		if c.at.Sub(r.started) > settlingMinute {
			late++
			if c.throttled {
				struck++
			}
		}
	}
	if late > 0 {
		result.Throttled = float64(struck) / float64(late)
	}
	path := r.attachPath()
	result.Attaching, result.Confirming = float64(path)/n, float64(len(r.calls)-path)/n
	result.Peak = r.peak
	return result
}

// attachPath counts the calls that lead to attachments: about a connection until it is made,
// lookups of invocations that made one, and pages of connections.
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
		case c.action == cloud.ActionInventory, c.action == cloud.ActionCreate,
			c.action == cloud.ActionDescribe && (!isMade || !c.at.After(at)),
			c.action == cloud.ActionRouters && makers[c.key]:
			n++
		}
	}
	return n
}

// line is one bar, and whether it is met.
type line struct {
	what, got, most string
	met             bool
}

func (r Result) lines() []line {
	peak := line{"peak memory of an instance", fmt.Sprintf("%d MB", r.Peak>>10), fmt.Sprintf("%d MB", mostMemory>>10), r.Peak > 0 && r.Peak <= mostMemory}
	if r.Peak == 0 {
		peak.got = "can not be read on this system"
	}
	ratio := r.Took.Seconds() / r.bound.Seconds()
	return []line{
		{"attached", fmt.Sprintf("%d of %d", r.Attached, r.Connections), "all", r.Attached == r.Connections},
		{"time until all are attached", fmt.Sprintf("%.0f s, %.2f of the bound of %.0f s", r.Took.Seconds(), ratio, r.bound.Seconds()), fmt.Sprintf("%.2f", mostOfBound), r.Attached == r.Connections && ratio <= mostOfBound},
		{"throttled calls per 1,000, after the first minute", fmt.Sprintf("%.1f", r.Throttled*1000), fmt.Sprintf("%.0f", mostThrottled*1000), r.Throttled <= mostThrottled},
		{"API calls per connection until it is made", fmt.Sprintf("%.2f", r.Attaching), fmt.Sprint(mostCalls), r.Attaching <= mostCalls},
		peak,
	}
}

// Met reports whether every bar is.
func (r Result) Met() bool {
	for _, l := range r.lines() {
		if !l.met {
			return false
		}
	}
	return true
}

// Table prints the bars, PASS or FAIL each, and what has none.
func (r Result) Table(out io.Writer) {
	fmt.Fprintf(out, "%d connections, %d instances, %g of %d times the quotas\n", r.Connections, r.Instances, r.Share, r.Factor)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, l := range r.lines() {
		verdict := "PASS"
		if !l.met {
			verdict = "FAIL"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\tat most %s\n", verdict, l.what, l.got, l.most)
	}
	var calls []string
	for _, action := range slices.Sorted(maps.Keys(r.ByAction)) {
		calls = append(calls, fmt.Sprintf("%s %d", action, r.ByAction[action]))
	}
	fmt.Fprintf(table, "\tAPI calls per connection after that\t%.2f\t\n", r.Confirming)
	fmt.Fprintf(table, "\tmessages queued and outcomes, per connection\t%.2f, %.2f\t\n", r.Messages, r.Outcomes)
	table.Flush()
	fmt.Fprintln(out, "calls:", strings.Join(calls, ", "))
}
