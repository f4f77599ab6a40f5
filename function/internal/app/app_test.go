package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fccontext"
	"github.com/valyala/fasthttp"

	"vpn-attach/function/internal/app"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/standin/sign"
)

const account, region = "1234567890123456", "cn-hangzhou"

// minimal is the least that the function starts with.
func minimal(changes map[string]string) func(string) string {
	values := map[string]string{
		"MNS_ENDPOINT": "https://" + account + ".mns." + region + ".aliyuncs.com", "MNS_QUEUE": "events",
		"MNS_TOPIC":                   "outcomes",
		"FOLLOW_UP_KEY":               strings.Repeat("k", 32),
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "of-the-environment", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "sk",
	}
	maps.Copy(values, changes)
	return func(name string) string { return values[name] }
}

// handed is the answer of a handler to a request that no network carried.
func handed(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// overHTTP hands the requests of an HTTP client to a handler.
type overHTTP struct{ handler http.Handler }

func (o overHTTP) RoundTrip(r *http.Request) (*http.Response, error) {
	received := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), http.NoBody)
	for name, values := range r.Header {
		received.Header[http.CanonicalHeaderKey(name)] = values
	}
	return handed(o.handler, received), nil
}

// overMNS hands the requests of the queue SDK to a handler.
func overMNS(h http.Handler) func(*fasthttp.Request, *fasthttp.Response) error {
	return func(sent *fasthttp.Request, answer *fasthttp.Response) error {
		received := httptest.NewRequest(string(sent.Header.Method()), sent.URI().String(),
			bytes.NewReader(bytes.Clone(sent.Body())))
		for name, value := range sent.Header.All() {
			received.Header.Set(string(name), string(value))
		}
		response := handed(h, received)
		body, err := io.ReadAll(response.Body)
		answer.SetStatusCode(response.StatusCode)
		for name := range response.Header {
			answer.Header.Set(name, response.Header.Get(name))
		}
		answer.SetBody(body)
		return err
	}
}

// clouds are the stand-ins that a function without a network is wired to. The only key is that of its invocations.
func clouds(t *testing.T) (*mns.Service, *estate.Estate, app.Transports) {
	t.Helper()
	keys := &sign.Keyring{}
	keys.Add("STS.invocation", "secret", "token")
	queues := mns.New(mns.Options{Account: account, Region: region, Keys: keys})
	if err := queues.CreateQueue("events", mns.QueueAttributes{}); err != nil {
		t.Fatal(err)
	}
	if err := queues.CreateTopic("outcomes", mns.TopicAttributes{}); err != nil {
		t.Fatal(err)
	}
	e, err := estate.New(estate.Options{Account: account, Region: region, Keys: keys, AttachSeconds: 60}, estate.Seed{
		TransitRouters: []estate.TransitRouter{{ID: "tr-core", CEN: "cen-core", CIDRs: []string{"10.255.0.0/24"},
			Tags: map[string]string{"vpn-attach:accept": "any"}}},
		VPNConnections: []estate.VPNConnection{{ID: "vco-one"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return queues, e, app.Transports{HTTP: overHTTP{e}, MNS: overMNS(queues)}
}

// invoke gives the function one payload, as the platform does.
func invoke(t *testing.T, a *app.App, named fccontext.FcContext, payload string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := a.Handle(fccontext.NewContext(ctx, &named), []byte(payload))
	return err
}

const request = `{"vpnConnectionId":"vco-one","regionId":"cn-hangzhou","transitRouterId":"tr-core"}`

func TestAnEventIsServedWithoutANetworkOnAVirtualClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queues, e, over := clouds(t)
		defer e.Close()
		config, err := app.ReadConfig(minimal(nil))
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		a, err := app.New(config, &log, over)
		if err != nil {
			t.Fatal(err)
		}
		named := fccontext.FcContext{RequestID: "r-1", Region: region, AccountId: account,
			Credentials: fccontext.Credentials{
				AccessKeyId: "STS.invocation", AccessKeySecret: "secret", SecurityToken: "token",
			}}
		if err := invoke(t, a, named, request); err != nil {
			t.Fatal(err)
		}
		if got := e.Attachments(); len(got) != 1 || got[0].Connection != "vco-one" || got[0].Router != "tr-core" {
			t.Errorf("attachments %+v", got)
		}
		if got := queues.Published("outcomes"); len(got) != 1 || got[0].Tag != "attaching" {
			t.Errorf("outcomes %+v", got)
		}
		for line := range bytes.Lines(log.Bytes()) {
			var entry struct{ Version string }
			if err := json.Unmarshal(line, &entry); err != nil || entry.Version != app.Version() {
				t.Errorf("a line of the log does not say the version: %s", line)
			}
		}
		time.Sleep(2 * time.Second) // a goroutine of the queue SDK ends when it was idle for a second
	})
}

func TestAnInvocationWithoutARegionOrAnAccountIsRefused(t *testing.T) {
	config, err := app.ReadConfig(minimal(nil))
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(config, io.Discard, app.Transports{})
	if err != nil {
		t.Fatal(err)
	}
	for _, named := range []fccontext.FcContext{{}, {Region: region}, {AccountId: account}} {
		if err := invoke(t, a, named, request); err == nil {
			t.Errorf("%+v was served", named)
		}
	}
	if _, err := a.Handle(t.Context(), []byte(request)); err == nil {
		t.Error("without the platform's context it was served")
	}
}

func TestWhatAnOperatorShouldKnowIsLoggedAtTheStart(t *testing.T) {
	for want, changes := range map[string]map[string]string{
		"PAUSE is set":                     {"PAUSE": "true"},
		"MNS_DEAD_LETTER_QUEUE is not set": {},
		"":                                 {"MNS_DEAD_LETTER_QUEUE": "letters"},
	} {
		config, err := app.ReadConfig(minimal(changes))
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		if _, err := app.New(config, &log, app.Transports{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(log.Bytes(), []byte(want)) || want == "" && log.Len() > 0 {
			t.Errorf("want %q, got %s", want, log.Bytes())
		}
	}
}

func TestAnEndpointOnWhichTheSDKPanicsIsAnError(t *testing.T) {
	config, err := app.ReadConfig(minimal(nil))
	if err != nil {
		t.Fatal(err)
	}
	config.MNSEndpoint.Host = "mns.aliyuncs.com"
	if _, err := app.New(config, io.Discard, app.Transports{}); err == nil {
		t.Error("it was taken")
	}
}
