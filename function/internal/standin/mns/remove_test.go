package mns

import (
	"slices"
	"testing"
	"time"
)

func TestWhatAStackTakesAwayIsGoneAndTheRestStays(t *testing.T) {
	s := New(Options{Account: "1234567890123456", Region: "cn-hangzhou"})
	defer s.Close()
	for _, name := range []string{"stays", "goes"} {
		if err := s.CreateQueue(name, QueueAttributes{}); err != nil {
			t.Fatal(err)
		}
		if err := s.CreateTopic(name, TopicAttributes{}); err != nil {
			t.Fatal(err)
		}
		endpoint := "acs:mns:cn-hangzhou:1234567890123456:queues/stays"
		if err := s.Subscribe("stays", name, Subscription{Endpoint: endpoint}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Send("stays", "body", 0); err != nil {
		t.Fatal(err)
	}
	if err := s.SetQueue("stays", QueueAttributes{VisibilityTimeout: time.Minute}); err != nil {
		t.Error(err)
	}
	for range 2 { // the second time there is nothing
		s.DeleteQueue("goes")
		s.DeleteTopic("goes")
		s.Unsubscribe("stays", "goes")
		s.Unsubscribe("goes", "goes")
	}
	if err := s.SetQueue("goes", QueueAttributes{}); err == nil {
		t.Error("a queue that is gone was changed")
	}
	if got := s.QueueNames(); !slices.Equal(got, []string{"stays"}) || s.Stats("stays").Active != 1 {
		t.Errorf("the queues are %q", got)
	}
	q, _ := s.queue("stays")
	topic, _ := s.topic("stays")
	if q.attributes.VisibilityTimeout != time.Minute || len(topic.subscriptions) != 1 || len(s.topics) != 1 {
		t.Errorf("the queue is %+v, the topics are %v", q.attributes, s.topics)
	}
}
