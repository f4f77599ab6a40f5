package mns_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"sync"
	"testing"
	"time"

	ali_mns "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/standin/mns"
)

const clients = 64

func TestEveryMessageArrivesOnceWith64ClientsAtOnce(t *testing.T) {
	throughTopicAndQueue(t, 600)
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	if memory.HeapAlloc > 64<<20 {
		t.Errorf("%d MB are held", memory.HeapAlloc>>20)
	}
}

// throughTopicAndQueue publishes messages over HTTP, signed by hand, and receives and deletes them with the vendor's
// SDK while they still come in. None may be lost, and none come twice, since no visibility timeout ends.
func throughTopicAndQueue(t *testing.T, messages int) {
	s := newService(t, 1)
	makeQueue(t, s, "slow", mns.QueueAttributes{VisibilityTimeout: time.Hour})
	subscribe(t, s, "sub", simplified(queues+"slow"))
	server := httptest.NewServer(s)
	defer server.Close()
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := ali_mns.NewAliMNSClientWithConfig(ali_mns.AliMNSClientConfig{
		EndPoint:    "http://localhost:" + at.Port() + prefix,
		AccessKeyId: "ak", AccessKeySecret: "testsk", TimeoutSecond: 20,
	})
	received := make(chan string, messages+clients)
	var work sync.WaitGroup
	for n := range clients {
		work.Go(func() { publishEvery(t, at.Host, n, messages) })
		work.Go(func() { receiveAll(t, queueOf(client, "slow"), received) })
	}
	seen := map[string]bool{}
	for len(seen) < messages {
		select {
		case body := <-received:
			if seen[body] {
				t.Errorf("%s came twice", body)
			}
			seen[body] = true
		case <-time.After(time.Minute):
			t.Fatalf("%d of %d messages came", len(seen), messages)
		}
	}
	for range clients {
		send(t, s, "slow", "end", 0)
	}
	work.Wait()
	left, published := s.Stats("slow"), len(s.Published("outcomes"))
	if left != (mns.Stats{}) || len(received) != 0 || published != messages {
		t.Errorf("left %+v and %d more, published %d", left, len(received), published)
	}
}

// publishEvery publishes the n-th publisher's share of the messages.
func publishEvery(t *testing.T, host string, n, messages int) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for i := n; i < messages; i += clients {
		r := signed("POST /topics/outcomes/messages", message(fmt.Sprintf("m-%05d", i)), nil)
		r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", host
		answer, err := client.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		if answer.Body.Close(); answer.StatusCode != 201 {
			t.Errorf("message %d got %d", i, answer.StatusCode)
		}
	}
}

// receiveAll receives and deletes until it receives "end", one message at a time so that every receiver gets an end.
func receiveAll(t *testing.T, queue ali_mns.AliMNSQueue, received chan<- string) {
	for {
		batch, err := receiveMany(queue, 1, 10)
		if len(batch) == 0 {
			if code(err) != code(ali_mns.ERR_MNS_MESSAGE_NOT_EXIST.New()) {
				t.Errorf("receiving: %v", err)
				return
			}
			continue
		}
		if err := queue.DeleteMessage(batch[0].ReceiptHandle); err != nil {
			t.Errorf("deleting: %v", err)
		}
		if batch[0].MessageBody == "end" {
			return
		}
		received <- batch[0].MessageBody
	}
}
