package estate_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// journal notes what OnChange hears.
type journal struct {
	mu      sync.Mutex
	entries []string
}

func (j *journal) note(a estate.Attachment) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, a.Connection+" "+a.Status)
}

func (j *journal) read() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.entries...)
}

// await reads until there are n entries.
func (j *journal) await(t *testing.T, n int) []string {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if entries := j.read(); len(entries) >= n {
			return entries
		}
	}
	t.Fatalf("heard %v; want %d changes", j.read(), n)
	return nil
}

func TestOnChangeHearsThatAnAttachmentIsThereThoughNobodyAsks(t *testing.T) {
	var j journal
	c := open(t, crowd(), func(o *estate.Options) { o.OnChange, o.AttachSeconds, o.Speed = j.note, 3, 100 })
	if heard := j.await(t, 1); heard[0] != "vco-coming Attached" {
		t.Errorf("heard %v; want of the seed's attaching connection only that it is there", heard)
	}
	c.mustCreate()
	want := []string{"vco-coming Attached", "vco-1 Attaching", "vco-1 Attached"}
	if heard := j.await(t, 3); !reflect.DeepEqual(heard, want) {
		t.Errorf("heard %v; want %v", heard, want)
	}
	if c.Attaching() != 0 {
		t.Errorf("%d are attaching; want none", c.Attaching())
	}
}

func TestStatusFollowsTheClock(t *testing.T) {
	c := open(t, core(), func(o *estate.Options) { o.AttachSeconds, o.Speed = 600, 2 })
	c.mustCreate()
	c.clock.advance(4 * time.Minute)
	if a := c.Attachments()[0]; a.Status != "Attaching" || c.Attaching() != 1 {
		t.Errorf("after four minutes it is %s and %d are on the way; want Attaching", a.Status, c.Attaching())
	}
	c.clock.advance(time.Minute)
	if a := c.Attachments()[0]; a.Status != "Attached" || c.Attaching() != 0 || a.Attached.Sub(a.Created) != 5*time.Minute {
		t.Errorf("after five minutes it is %+v; want Attached", a)
	}
}

func TestDeletedAttachmentDoesNotBecomeAttached(t *testing.T) {
	var j journal
	c := open(t, core(), func(o *estate.Options) { o.OnChange = j.note })
	if err := c.Detach(c.mustCreate()); err != nil {
		t.Fatal(err)
	}
	c.clock.advance(time.Minute)
	if a := c.Attachments()[0]; a.Status != "Deleted" || c.Attaching() != 0 {
		t.Errorf("it is %s with %d on the way; want Deleted", a.Status, c.Attaching())
	}
	if heard := j.read(); !reflect.DeepEqual(heard, []string{"vco-1 Attaching", "vco-1 Deleted"}) {
		t.Errorf("heard %v", heard)
	}
}

func TestOnChangeMayCallTheEstate(t *testing.T) {
	var c *cloud
	var j journal
	ready := make(chan struct{})
	c = open(t, core(), func(o *estate.Options) {
		o.OnChange = func(a estate.Attachment) {
			<-ready
			j.note(a)
			if a.Status == "Attaching" {
				if err := c.DeleteConnection(a.Connection); err != nil {
					t.Error(err)
				}
			}
		}
	})
	close(ready)
	c.mustCreate()
	if heard := j.await(t, 2); !reflect.DeepEqual(heard, []string{"vco-1 Attaching", "vco-1 Deleted"}) {
		t.Errorf("heard %v", heard)
	}
}

func TestDeletedConnectionIsGoneWithItsAttachment(t *testing.T) {
	c := open(t, core(), nil)
	c.mustCreate()
	if err := c.DeleteConnection("vco-1"); err != nil {
		t.Fatal(err)
	}
	if _, code := c.describe("vco-1"); code != "InvalidVpnConnectionInstanceId.NotFound" {
		t.Errorf("describing it gives %q", code)
	}
	if a := c.Attachments()[0]; a.Status != "Deleted" {
		t.Errorf("its attachment is %s; want Deleted", a.Status)
	}
	if err := c.AddConnection(estate.VPNConnection{ID: "vco-1"}); err != nil {
		t.Errorf("making it anew: %v", err)
	}
}

func TestTagsCanBeAddedAndTakenAway(t *testing.T) {
	c := open(t, core(), nil)
	tags := map[string]string{"k": "v"}
	for _, id := range []string{"vco-1", "tr-core"} {
		if err := c.Tag(id, tags); err != nil {
			t.Fatal(err)
		}
	}
	tags["k"] = "changed afterwards"
	if d, _ := c.describe("vco-1"); len(d.Tags.Tag) != 1 || d.Tags.Tag[0].Value != "v" {
		t.Errorf("the connection's tags are %v", d.Tags.Tag)
	}
	body, err := c.rpc("2017-09-12", "ListTransitRouters", map[string]string{"Tag.1.Key": "k", "Tag.1.Value": "v"})
	if err != nil || !strings.Contains(body, `"TransitRouterId":"tr-core"`) {
		t.Errorf("the router is not found by its new tag: %s, %v", body, err)
	}
	if err := c.Untag("vco-1", "k", "another"); err != nil {
		t.Fatal(err)
	}
	if d, _ := c.describe("vco-1"); len(d.Tags.Tag) != 0 {
		t.Errorf("the tags that are left are %v", d.Tags.Tag)
	}
}

func TestChangesOfWhatIsNotThereAreErrors(t *testing.T) {
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
	if _, code := c.create(request(func(r *createRequest) { r.Tag, r.Zone = tagged(1, "k", "v"), zoned("cn-hangzhou-h") })); code != "" {
		t.Fatal(code)
	}
	a, record := c.Attachments()[0], c.Creates()[0]
	a.Tags["k"], a.Zones[0] = "mine", "mine"
	record.Parameters.Set("VpnId", "mine")
	if b := c.Attachments()[0]; b.Tags["k"] != "v" || b.Zones[0] != "cn-hangzhou-h" || c.Creates()[0].Parameters.Get("VpnId") != "vco-1" {
		t.Error("changing a snapshot changed the estate")
	}
}

func TestEstateIsSafeForConcurrentUse(t *testing.T) {
	var j journal
	c := open(t, core(), func(o *estate.Options) { o.OnChange, o.AttachSeconds = j.note, 0.001 })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			id := fmt.Sprintf("vco-c%d", i)
			if err := c.AddConnection(estate.VPNConnection{ID: id}); err != nil {
				t.Error(err)
			}
			if _, code := c.create(request(func(r *createRequest) { *r.VpnId, *r.ClientToken = id, id })); code != "" {
				t.Error(code)
			}
			c.Attachments()
			c.Creates()
			c.describe(id)
		})
	}
	all.Wait()
	heard := j.await(t, 16)
	for i := range 8 {
		id := fmt.Sprintf("vco-c%d ", i)
		text := strings.Join(heard, ",")
		if made, there := strings.Index(text, id+"Attaching"), strings.Index(text, id+"Attached"); made < 0 || there < made {
			t.Errorf("%s was heard out of order: %v", id, heard)
		}
	}
}

func TestCloseEndsTheClockwork(t *testing.T) {
	var j journal
	c := open(t, core(), func(o *estate.Options) { o.OnChange, o.AttachSeconds = j.note, 0.05 })
	c.mustCreate()
	c.Close()
	heard := len(j.read())
	time.Sleep(100 * time.Millisecond)
	if again := len(j.read()); again != heard {
		t.Errorf("after Close %d changes were heard", again-heard)
	}
	c.Close()
}
