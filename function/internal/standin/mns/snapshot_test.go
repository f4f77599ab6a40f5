package mns_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goccy/go-yaml"

	"vpn-attach/function/internal/standin/mns"
)

// hardToWrite are bodies that a file may get wrong.
func hardToWrite() []string {
	return []string{
		`{"a":"'\"\\"}`, "two\nlines\n", " spaces ", "- # : {", "\u2028\u202e\u00a0杭州", "null", "12", "", "\t\r\n",
		"ends with a colon:", "%", "'", "|", "emoji 😀", "\x01\x7f",
	}
}

// saved is a snapshot that was written to a file and read again.
func saved(t *testing.T, s *mns.Service) (again mns.Snapshot) {
	t.Helper()
	text, err := yaml.Marshal(s.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(text, &again, yaml.Strict()); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return again
}

func TestAServiceGoesOnFromASnapshotThatWasWrittenDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := newService(t, 1)
		makeQueue(t, before, "kept", mns.QueueAttributes{VisibilityTimeout: time.Minute, Retention: time.Hour})
		makeQueue(t, before, "mine", mns.QueueAttributes{})
		if err := before.CreateTopic("news", mns.TopicAttributes{}); err != nil {
			t.Fatal(err)
		}
		me := mns.Subscription{Endpoint: queues + "mine", FilterTag: "x"}
		if err := before.Subscribe("news", "me", me); err != nil {
			t.Fatal(err)
		}
		for _, body := range hardToWrite() {
			send(t, before, "kept", body, 0)
		}
		send(t, before, "mine", "later", time.Minute)
		send(t, before, "mine", "worked on", 0)
		if got := bodies(receive(t, before, "mine")); !slices.Equal(got, []string{"worked on"}) {
			t.Fatalf("received %q", got)
		}
		after := newService(t, 1)
		if err := after.Restore(saved(t, before)); err != nil {
			t.Fatal(err)
		}
		var came []string
		for range hardToWrite() {
			came = append(came, bodies(receive(t, after, "kept"))...)
		}
		if !slices.Equal(came, hardToWrite()) {
			t.Errorf("received %q", came)
		}
		again := receive(t, after, "mine")
		if len(again) != 1 || again[0].Body != "worked on" || again[0].DequeueCount != 2 {
			t.Errorf("what was in flight came as %+v", again)
		}
		if topics := after.Snapshot().Topics; len(topics) != 2 || topics[0].Subscriptions["me"].FilterTag != "x" {
			t.Errorf("the topics are %+v", topics)
		}
		var states []string
		for _, m := range after.Look("mine", 10) {
			states = append(states, m.Body+" "+m.State)
		}
		if !slices.Equal(states, []string{"later delayed", "worked on in flight"}) {
			t.Errorf("the queue holds %q", states)
		}
	})
}

func TestLookingTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 1)
		send(t, s, "work", "a", 0)
		receive(t, s, "work")
		send(t, s, "work", "b", time.Minute)
		send(t, s, "work", "c", 0)
		for range 2 {
			var states []string
			for _, m := range s.Look("work", 10) {
				states = append(states, m.Body+" "+m.State)
			}
			if !slices.Equal(states, []string{"a in flight", "b delayed", "c visible"}) {
				t.Errorf("seen %q", states)
			}
		}
		if got := receive(t, s, "work"); len(got) != 1 || got[0].Body != "c" || got[0].DequeueCount != 1 {
			t.Errorf("received %+v", got)
		}
		if len(s.Look("work", 2)) != 2 || len(s.Look("none", 2)) != 0 {
			t.Error("more is seen than was asked for")
		}
	})
}
