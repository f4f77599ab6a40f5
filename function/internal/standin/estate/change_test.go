package estate_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// journal notes what OnChange is called with.
type journal struct {
	mu      sync.Mutex
	entries []string
}

func (j *journal) note(a estate.Attachment) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, a.Connection+" "+a.Status)
}

// want compares what was noted so far.
func (j *journal) want(t *testing.T, entries ...string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.Equal(j.entries, entries) {
		t.Errorf("OnChange was called with %q; want %q", j.entries, entries)
	}
}

// noted has a journal of everything.
func noted(j *journal) func(*estate.Options) {
	return func(o *estate.Options) { o.OnChange = j.note }
}

func TestOnChangeIsCalledEvenIfNobodyCallsTheEstate(t *testing.T) {
	var j journal
	virtually(t, crowd(), noted(&j), func(t *testing.T, c *cloud) {
		time.Sleep(31 * time.Second)
		synctest.Wait()
		j.want(t, "vco-attaching Attached") // of the seed's attachments only this change
		c.mustCreate()
		time.Sleep(31 * time.Second)
		synctest.Wait()
		j.want(t, "vco-attaching Attached", "vco-1 Attaching", "vco-1 Attached")
		if c.Pending() != 0 {
			t.Errorf("%d are pending; want none", c.Pending())
		}
	})
}

func TestTheStatusFollowsTheClock(t *testing.T) {
	slow := func(o *estate.Options) { o.AttachSeconds, o.Speed = 600, 2 }
	virtually(t, core(), slow, func(t *testing.T, c *cloud) {
		c.mustCreate()
		time.Sleep(4 * time.Minute)
		if a := c.Attachments()[0]; a.Status != "Attaching" || c.Pending() != 1 {
			t.Errorf("after four minutes it is %s and %d are pending; want Attaching", a.Status, c.Pending())
		}
		time.Sleep(time.Minute)
		a := c.Attachments()[0]
		if a.Status != "Attached" || c.Pending() != 0 || a.Attached.Sub(a.Created) != 5*time.Minute {
			t.Errorf("after five minutes it is %+v; want Attached", a)
		}
	})
}

func TestADeletedAttachmentDoesNotBecomeAttached(t *testing.T) {
	var j journal
	virtually(t, core(), noted(&j), func(t *testing.T, c *cloud) {
		if err := c.Detach(c.mustCreate()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if a := c.Attachments()[0]; a.Status != "Deleted" || c.Pending() != 0 {
			t.Errorf("it is %s with %d pending; want Deleted", a.Status, c.Pending())
		}
		j.want(t, "vco-1 Attaching", "vco-1 Deleted")
	})
}

func TestOnChangeMayCallTheEstate(t *testing.T) {
	var c *cloud
	var j journal
	c = open(t, core(), func(o *estate.Options) {
		o.OnChange = func(a estate.Attachment) {
			j.note(a)
			if a.Status == "Attaching" {
				if err := c.DeleteConnection(a.Connection); err != nil {
					t.Error(err)
				}
			}
		}
	})
	c.mustCreate()
	j.want(t, "vco-1 Attaching", "vco-1 Deleted")
}

func TestADeletedConnectionIsGoneWithItsAttachment(t *testing.T) {
	c := open(t, core(), nil)
	c.mustCreate()
	if err := c.DeleteConnection("vco-1"); err != nil {
		t.Fatal(err)
	}
	if got := c.state("vco-1"); got != "InvalidVpnConnectionInstanceId.NotFound" {
		t.Errorf("describing it gives %q", got)
	}
	if a := c.Attachments()[0]; a.Status != "Deleted" {
		t.Errorf("its attachment is %s; want Deleted", a.Status)
	}
	if err := c.AddConnection(estate.VPNConnection{ID: "vco-1"}); err != nil {
		t.Errorf("adding it again: %v", err)
	}
}

func TestTagsCanBeAddedAndRemoved(t *testing.T) {
	c := open(t, core(), nil)
	tags := map[string]string{"k": "v"}
	for _, id := range []string{"vco-1", "tr-core"} {
		if err := c.Tag(id, tags); err != nil {
			t.Fatal(err)
		}
	}
	tags["k"] = "changed afterwards"
	if got := c.tags("vco-1"); got != "[k=v]" {
		t.Errorf("the connection's tags are %s", got)
	}
	c.lists("ListTransitRouters", map[string]string{"RegionId=cn-hangzhou&Tag.1.Key=k&Tag.1.Value=v": "tr-core"})
	if err := c.Untag("vco-1", "k", "another"); err != nil || c.tags("vco-1") != "[]" {
		t.Errorf("the tags that are left are %s, error %v", c.tags("vco-1"), err)
	}
}

func TestAChangeOfAnUnknownResourceIsAnError(t *testing.T) {
	c := open(t, core(), nil)
	for name, err := range map[string]error{
		"deleting a connection":  c.DeleteConnection("vco-9"),
		"deleting an attachment": c.Detach("tr-attach-9"),
		"tagging":                c.Tag("tr-9", nil),
		"illegal tags":           c.Tag("tr-core", map[string]string{"acs:k": ""}),
		"setting a status":       c.SetRouterStatus("tr-9", "Active"),
		"an unknown status":      c.SetRouterStatus("tr-core", "Asleep"),
		"a taken id":             c.AddConnection(estate.VPNConnection{ID: "vco-1"}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSnapshotsBelongToTheCaller(t *testing.T) {
	c := open(t, core(), nil)
	if _, code := c.create("Zone.1.ZoneId=cn-hangzhou-h" + tagged(1, "k", "v")); code != "" {
		t.Fatal(code)
	}
	a, record := c.Attachments()[0], c.Creates()[0]
	a.Tags["k"], a.Zones[0] = "mine", "mine"
	record.Parameters.Set("VpnId", "mine")
	a, record = c.Attachments()[0], c.Creates()[0]
	if a.Tags["k"] != "v" || a.Zones[0] != "cn-hangzhou-h" || record.Parameters.Get("VpnId") != "vco-1" {
		t.Error("changing a snapshot changed the estate")
	}
}

func TestAnEstateIsSafeForConcurrentUse(t *testing.T) {
	var j journal
	c := open(t, core(), func(o *estate.Options) { o.OnChange, o.AttachSeconds = j.note, 0 })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			id := fmt.Sprintf("vco-c%d", i)
			if err := c.AddConnection(estate.VPNConnection{ID: id}); err != nil {
				t.Error(err)
			}
			if _, code := c.create("VpnId=" + id + "&ClientToken=" + id); code != "" {
				t.Error(code)
			}
			c.Attachments()
			c.Creates()
			c.describe(id)
		})
	}
	all.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	text := strings.Join(j.entries, ",")
	for i := range 8 {
		id := fmt.Sprintf("vco-c%d ", i)
		made, attached := strings.Index(text, id+"Attaching"), strings.Index(text, id+"Attached")
		if made < 0 || attached < made || len(j.entries) != 16 {
			t.Errorf("%s was noted out of order: %v", id, text)
		}
	}
}

func TestCloseStopsTheTimers(t *testing.T) {
	var j journal
	virtually(t, core(), noted(&j), func(t *testing.T, c *cloud) {
		c.mustCreate()
		c.Close()
		time.Sleep(time.Minute)
		j.want(t, "vco-1 Attaching")
		c.Close()
	})
}
