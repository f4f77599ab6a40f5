package fctest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/signtest"
)

// door is an invoke API behind a listener.
type door struct {
	*InvokeAPI
	t       *testing.T
	address string
	ended   chan Invocation
}

func newDoor(t *testing.T, f Function) *door {
	t.Helper()
	f.Name = "vpn-attach"
	keys := &signtest.Keyring{}
	keys.Add("local", "secret", "")
	d := &door{t: t, ended: make(chan Invocation, 10)}
	d.InvokeAPI = &InvokeAPI{Runtime: newPlatform(t, "serves", f).Runtime, Signatures: &signtest.ACS3{Keys: keys, Now: time.Now}, Ended: func(i Invocation) { d.ended <- i }}
	server := httptest.NewServer(d.InvokeAPI)
	t.Cleanup(server.Close)
	d.address = strings.TrimPrefix(server.URL, "http://")
	return d
}

// invoke calls through the vendor's client core, which signs as every SDK of it does.
func (d *door) invoke(path string, headers map[string]string, event string) (*answered, error) {
	d.t.Helper()
	client, err := openapi.NewClient(&openapimodels.Config{
		AccessKeyId: dara.String("local"), AccessKeySecret: dara.String("secret"), Endpoint: dara.String(d.address), Protocol: dara.String("http"),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	sent := map[string]*string{}
	for name, value := range headers {
		sent[name] = dara.String(value)
	}
	params := &openapimodels.Params{
		Action: dara.String("InvokeFunction"), Version: dara.String("2023-03-30"), Protocol: dara.String("HTTP"), Pathname: dara.String(path),
		Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("ROA"), ReqBodyType: dara.String("binary"), BodyType: dara.String("binary"),
	}
	got, err := client.CallApi(params, &openapimodels.OpenApiRequest{Headers: sent, Stream: strings.NewReader(event)}, &dara.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	body, _ := got["body"].(io.Reader)
	raw, err := io.ReadAll(body)
	if err != nil {
		d.t.Fatal(err)
	}
	headersOf, _ := got["headers"].(map[string]*string)
	return &answered{string(raw), headersOf}, nil
}

// answered is an answer as the client core hands it on.
type answered struct {
	body    string
	headers map[string]*string // names in lower case
}

func (a *answered) header(name string) string { return dara.StringValue(a.headers[name]) }

const invocations = InvokePath + "vpn-attach/invocations"

func TestASynchronousCallerGetsWhatTheFunctionReturned(t *testing.T) {
	d := newDoor(t, Function{})
	got, err := d.invoke(invocations, map[string]string{"x-fc-log-type": "Tail"}, `{"do":"echo","value":"v"}`)
	if err != nil {
		t.Fatal(err)
	}
	log, _ := base64.StdEncoding.DecodeString(got.header("x-fc-log-result"))
	id := got.header("x-fc-request-id")
	if got.body != `{"do":"echo","value":"v"}` || id == "" || got.header("x-fc-instance-id") == "" {
		t.Errorf("got %q, %v", got.body, got.headers)
	}
	if !strings.Contains(string(log), "FC Invoke Start RequestId: "+id) || !strings.Contains(string(log), "FC Invoke End RequestId: "+id) || got.header("x-fc-error-type") != "" {
		t.Errorf("the log's tail is %q", log)
	}
}

func TestAFailureIsToldByAHeaderAndTheBody(t *testing.T) {
	for event, want := range map[string]struct{ kind, errorType, message string }{
		`{"do":"fail","value":"no"}`: {"HandledInvocationError", "refusedError", "refused: no"},
		`{"do":"crash"}`:             {"UnhandledInvocationError", InstanceCrashed, "exit status 3"},
		`{"do":"sleep"}`:             {"UnhandledInvocationError", FunctionTimeout, "timed out"},
	} {
		d := newDoor(t, Function{Timeout: 300 * time.Millisecond})
		got, err := d.invoke(invocations, nil, event)
		if err != nil {
			t.Fatal(err)
		}
		var body struct{ ErrorMessage, ErrorType string }
		if json.Unmarshal([]byte(got.body), &body) != nil || body.ErrorType != want.errorType || !strings.Contains(body.ErrorMessage, want.message) {
			t.Errorf("%s: got %s", event, got.body)
		}
		if kind := got.header("x-fc-error-type"); kind != want.kind || got.header("x-fc-log-result") != "" {
			t.Errorf("%s: type %q", event, kind)
		}
	}
}

func TestAnAsynchronousCallerIsAnsweredAtOnceAndTheFunctionIsTriedAgain(t *testing.T) {
	d := newDoor(t, Function{})
	if _, err := d.invoke(invocations, map[string]string{"x-fc-invocation-type": "Async"}, `{"do":"fail","value":"no"}`); err != nil {
		t.Fatal(err)
	}
	last := <-d.ended
	if last.Failure == nil || len(d.Runtime.Invocations()) != asyncTries {
		t.Errorf("%+v after %d invocations", last.Failure, len(d.Runtime.Invocations()))
	}
	if _, err := d.invoke(invocations, map[string]string{"x-fc-invocation-type": "Async"}, `{"do":"echo"}`); err != nil {
		t.Fatal(err)
	}
	if last := <-d.ended; last.Failure != nil || len(d.Runtime.Invocations()) != asyncTries+1 {
		t.Errorf("%+v", last)
	}
	d.Close()
}

func TestWhatIsNoInvocationIsRefused(t *testing.T) {
	d := newDoor(t, Function{})
	for name, c := range map[string]struct {
		path    string
		headers map[string]string
		event   string
		code    string
	}{
		"another function":                {InvokePath + "other/invocations", nil, "{}", "FunctionNotFound"},
		"another call":                    {InvokePath + "vpn-attach/versions", nil, "{}", "InvalidAction.NotFound"},
		"an unknown kind":                 {invocations, map[string]string{"x-fc-invocation-type": "Later"}, "{}", "InvalidArgument"},
		"a large asynchronous event":      {invocations, map[string]string{"x-fc-invocation-type": "Async"}, strings.Repeat("x", maxAsync+1), "InvalidArgument"},
		"an event that nobody could take": {invocations, nil, strings.Repeat("x", maxSync+1), "InvalidArgument"},
	} {
		if _, err := d.invoke(c.path, c.headers, c.event); err == nil || !strings.Contains(fmt.Sprint(err), c.code) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	unsigned, err := http.Post("http://"+d.address+invocations, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer unsigned.Body.Close()
	if unsigned.StatusCode != http.StatusBadRequest || len(d.Runtime.Invocations()) != 0 {
		t.Errorf("an unsigned call got %d", unsigned.StatusCode)
	}
}

func TestAnEventMayComeInChunks(t *testing.T) {
	d := newDoor(t, Function{Instances: 2})
	body, pipe := io.Pipe()
	go func() {
		for _, chunk := range []string{`{"do":"echo",`, `"value":"`, strings.Repeat("v", 100_000), `"}`} {
			_, _ = pipe.Write([]byte(chunk))
		}
		pipe.Close()
	}()
	r, err := http.NewRequest(http.MethodPost, "http://"+d.address+invocations, body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusBadRequest { // it was read whole, and then found unsigned
		t.Errorf("got %d", got.StatusCode)
	}
}
