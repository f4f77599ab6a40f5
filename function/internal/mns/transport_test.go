package mns_test

import (
	"context"
	"errors"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fasthttp"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/mns"
)

// over is a topic whose requests go to a transport. Nothing listens at its endpoint.
func over(t *testing.T, transport mns.Transport) mns.Topic {
	t.Helper()
	endpoint := &url.URL{Scheme: "https", Host: "1234567890123456.mns.cn-hangzhou.aliyuncs.com"}
	client, err := mns.New(endpoint, aliyun.NewCredentials("ak", "sk", "token"), time.Second, transport)
	if err != nil {
		t.Fatal(err)
	}
	return mns.Topic{Client: client, Name: "outcomes"}
}

// idle lets the SDK's own goroutine end: a bubble waits for nothing that sleeps after its test.
const idle = 2 * time.Second

func TestATransportTakesThePlaceOfTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		topic := over(t, func(request *fasthttp.Request, answer *fasthttp.Response) error {
			requests.Add(1)
			if path := string(request.URI().Path()); path != "/topics/outcomes/messages" ||
				len(request.Header.Peek("Authorization")) == 0 {
				t.Errorf("sent %s to %s", request.Header.String(), path)
			}
			answer.SetStatusCode(201)
			answer.SetBodyString(`<?xml version="1.0"?><Message ` +
				`xmlns="http://mns.aliyuncs.com/doc/v1/"><MessageId>1</MessageId></Message>`)
			return nil
		})
		for range 3 {
			if err := topic.Publish(t.Context(), []byte("body"), "tag"); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
		}
		if requests.Load() != 3 {
			t.Errorf("%d requests", requests.Load())
		}
	})
}

func TestACallOverATransportEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := over(t, func(*fasthttp.Request, *fasthttp.Response) error {
			time.Sleep(10 * time.Second)
			return errors.New("too late")
		})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		var api *cloud.APIError
		if err := topic.Publish(ctx, []byte("body"), "tag"); !errors.As(err, &api) ||
			api.Message != "no answer in time" || time.Since(began) != 3*time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
		time.Sleep(7*time.Second + idle)
	})
}

func TestATransportThatFailsIsOneRequestWithoutAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		topic := over(t, func(*fasthttp.Request, *fasthttp.Response) error {
			requests++
			return fasthttp.ErrConnectionClosed
		})
		var api *cloud.APIError
		if err := topic.Publish(t.Context(), []byte("body"), "tag"); !errors.As(err, &api) || api.Status != 0 ||
			requests != 1 {
			t.Errorf("got %v after %d requests", err, requests)
		}
		time.Sleep(idle)
	})
}
