package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"

	"vpn-attach/function/internal/standin/fault"
)

// direct sends the SDK's requests without the proxy of the environment.
type direct struct{ client *http.Client }

func (d direct) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	return d.client.Do(r)
}

// create calls CreateTransitRouterVpnAttachment through the real SDK and waits at most so long for the answer.
func create(t *testing.T, address string, patience time.Duration) (*cbn.CreateTransitRouterVpnAttachmentResponse,
	error) {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client, err := cbn.NewClient(&openapimodels.Config{
		AccessKeyId: dara.String("local"), AccessKeySecret: dara.String("local"),
		Endpoint: dara.String(strings.TrimPrefix(address, "http://")), Protocol: dara.String("http"),
		HttpClient: direct{&http.Client{Transport: transport}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return client.CreateTransitRouterVpnAttachmentWithContext(ctx, &cbn.CreateTransitRouterVpnAttachmentRequest{
		VpnId: dara.String("vco-1"), RegionId: dara.String("cn-hangzhou"),
	}, &dara.RuntimeOptions{})
}

func isCode(err error, status int, code string) bool {
	var answered *tea.SDKError
	return errors.As(err, &answered) && tea.IntValue(answered.StatusCode) == status &&
		tea.StringValue(answered.Code) == code
}

func isSyntax(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax)
}

func isLost(err error) bool {
	var lost *url.Error
	return errors.As(err, &lost)
}

func TestFaultsAsTheRealSDKSeesThem(t *testing.T) {
	for title, test := range map[string]struct {
		fault  fault.Fault
		want   func(error) bool
		effect bool
	}{
		"an error keeps its status and code": {fault.Fault{Status: 400, Code: "Operation.Blocking"},
			func(err error) bool { return isCode(err, 400, "Operation.Blocking") }, false},
		"an empty failure has no code": {fault.Fault{Body: fault.BodyEmpty, Status: 500},
			func(err error) bool { return isCode(err, 500, "<nil>") }, false},
		"a page is no JSON":          {fault.Fault{Body: fault.BodyHTML}, isSyntax, false},
		"a page with 200 is no JSON": {fault.Fault{Body: fault.BodyHTML, Status: 200}, isSyntax, false},
		"a truncated answer ends too soon": {fault.Fault{Body: fault.BodyTruncated},
			func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }, true},
		"a dropped call is lost":   {fault.Fault{Drop: fault.Before}, isLost, false},
		"a dropped answer is lost": {fault.Fault{Drop: fault.After}, isLost, true},
		"a slow call runs into the client's deadline": {fault.Fault{Delay: time.Hour},
			func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }, true},
	} {
		t.Run(title, func(t *testing.T) {
			test.fault.Action = createAction
			b := newBench(t, fault.Options{Faults: []fault.Fault{test.fault}})
			patience := 20 * time.Second
			if test.fault.Delay > 0 {
				patience = 50 * time.Millisecond
			}
			if _, err := create(t, b.url, patience); !test.want(err) {
				t.Errorf("the SDK reports %T: %v", err, err)
			}
			if test.effect {
				eventually(t, "the effect", func() bool { return len(b.service.record()) == 1 })
			} else if effects := b.service.record(); len(effects) != 0 {
				t.Errorf("effects %v; want none", effects)
			}
			if got := b.Counts()[createAction]; got != 1 {
				t.Errorf("%d calls arrived; the SDK must not repeat one by itself", got)
			}
		})
	}
}

func TestEmptyAnswerLooksLikeASuccessToTheRealSDK(t *testing.T) {
	b := newBench(t, fault.Options{Faults: []fault.Fault{{Action: createAction, Body: fault.BodyEmpty}}})
	answer, err := create(t, b.url, 20*time.Second)
	if err != nil || answer.Body != nil {
		t.Errorf("the SDK reports %v, %v; want no error and no body", answer, err)
	}
	answer, err = create(t, b.url, 20*time.Second)
	if err != nil || dara.StringValue(answer.Body.TransitRouterAttachmentId) != "tr-attach-ca4dnmjz" {
		t.Errorf("undisturbed, the SDK reports %v, %v", answer, err)
	}
}

func TestClientsThatRepeatByThemselvesMakeCallsOfTheirOwn(t *testing.T) {
	for title, repeat := range map[string]func(t *testing.T, url string) error{
		"net/http a GET on a connection that was kept": func(t *testing.T,
			url string) error {
			return twice(t, http.MethodGet, url)
		},
	} {
		t.Run(title, func(t *testing.T) {
			b := newBench(t, fault.Options{Faults: []fault.Fault{{Action: "*", Skip: 1, Drop: fault.After}}})
			if err := repeat(t, b.url); err != nil || len(b.Calls()) != 3 || len(b.service.record()) != 3 {
				t.Errorf("two calls: error %v, record %+v; want the second one repeated unnoticed", err, b.Calls())
			}
		})
	}
}

func TestNetHTTPDoesNotRepeatAPost(t *testing.T) {
	b := newBench(t, fault.Options{Faults: []fault.Fault{{Action: "*", Skip: 1, Drop: fault.After}}})
	if err := twice(t, http.MethodPost, b.url); !isLost(err) || len(b.Calls()) != 2 {
		t.Errorf("two calls: error %v, record %+v; want the second one lost", err, b.Calls())
	}
}

// twice makes two calls on one connection and gives the error of the second.
func twice(t *testing.T, method, url string) error {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	call := func() error {
		r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			return err
		}
		response, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		_, err = io.ReadAll(response.Body)
		return err
	}
	if err := call(); err != nil {
		t.Fatal(err)
	}
	return call()
}
