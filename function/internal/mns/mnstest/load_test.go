package mnstest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	ali_mns "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/mns/mnstest"
)

// TestTenThousandMessagesArriveOnce sends them through a topic to a queue with 64 clients at once, over real HTTP and by the
// vendor's SDK, and receives and deletes them with as many.
func TestTenThousandMessagesArriveOnce(t *testing.T) {
	const clients, messages = 64, 10_000
	s := mnstest.New(mnstest.Options{Account: account, Region: region, Keys: testKeys()})
	makeQueue(t, s, "work", mnstest.QueueAttributes{VisibilityTimeout: 5 * time.Minute})
	if err := s.CreateTopic("outcomes"); err != nil {
		t.Fatal(err)
	}
	subscribe(t, s, "sub", mnstest.Subscription{Endpoint: toWork, NotifyContentFormat: "SIMPLIFIED"})
	server := httptest.NewServer(s)
	defer server.Close()
	atOnce(clients, func(n int) {
		client := &http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		for i := n; i < messages; i += clients {
			r := signed("POST", "/topics/outcomes/messages", fmt.Sprintf("<Message><MessageBody>m-%05d</MessageBody></Message>", i), nil)
			r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", strings.TrimPrefix(server.URL, "http://")
			answer, err := client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			if answer.Body.Close(); answer.StatusCode != 201 {
				t.Errorf("message %d got %d", i, answer.StatusCode)
			}
		}
	})
	if got := s.Stats("work").Active; got != messages {
		t.Fatalf("%d messages arrived", got)
	}
	var seen sync.Map
	var received atomic.Int64
	client := dial(t, s, ali_mns.AliMNSClientConfig{AccessKeyId: "ak", AccessKeySecret: "testsk"})
	atOnce(clients, func(int) {
		queue := queueOf(client, "work")
		for {
			batch, err := receiveMany(queue, 16)
			if err != nil || len(batch) == 0 {
				return // the queue is empty
			}
			var handles []string
			for _, m := range batch {
				if _, twice := seen.LoadOrStore(m.MessageBody, true); twice {
					t.Errorf("%s came twice", m.MessageBody)
				}
				received.Add(1)
				handles = append(handles, m.ReceiptHandle)
			}
			if _, err := queue.BatchDeleteMessage(handles...); err != nil {
				t.Error(err)
			}
		}
	})
	if left := s.Stats("work"); received.Load() != messages || left != (mnstest.Stats{}) {
		t.Errorf("%d received, left %+v", received.Load(), left)
	}
	server.Close()
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	if memory.HeapAlloc > 64<<20 {
		t.Errorf("%d MB are held", memory.HeapAlloc>>20)
	}
}

// atOnce runs n of them and waits.
func atOnce(n int, do func(n int)) {
	var work sync.WaitGroup
	for i := range n {
		work.Go(func() { do(i) })
	}
	work.Wait()
}
