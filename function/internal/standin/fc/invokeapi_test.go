package fc

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestASynchronousCallerGetsWhatTheFunctionReturned(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	for _, headers := range []map[string]string{
		nil,
		{"x-fc-invocation-type": "Sync"},
		{"x-fc-log-type": "None"},
		{"x-fc-log-type": "Tail"},
	} {
		t.Run(fmt.Sprint(headers), func(t *testing.T) {
			got := d.must(headers, `{"do":"echo","value":"é<&>"}`)
			i := d.Invocations()[len(d.Invocations())-1]
			if got.status != 200 || got.body != string(i.Response) || !strings.Contains(got.body, "é") {
				t.Errorf("got %d %q, the function returned %q", got.status, got.body, i.Response)
			}
			if got.header("x-fc-request-id") != i.RequestID || got.header("x-fc-instance-id") != i.InstanceID ||
				got.header("x-fc-error-type") != "" {
				t.Errorf("headers %v of %+v", got.headers, i)
			}
			if log, tail := got.header("x-fc-log-result"), headers["x-fc-log-type"] == "Tail"; (log != "") != tail {
				t.Errorf("the log's tail is %q", log)
			}
		})
	}
}

func TestTheTailOfTheLogIsTheLast4KBOfThisInvocation(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	tail := map[string]string{"x-fc-log-type": "Tail"}
	long := d.must(tail, `{"do":"chatter"}`)
	log, err := base64.StdEncoding.DecodeString(long.header("x-fc-log-result"))
	end := "\nFC Invoke End RequestId: " + long.header("x-fc-request-id") + "\n"
	if err != nil || len(log) != 4096 || !strings.Contains(string(log), "\nline 199 ") ||
		!strings.HasSuffix(string(log), end) {
		t.Errorf("%v, %d bytes that end with %q", err, len(log), log[max(0, len(log)-100):])
	}
	short := d.must(tail, `{"do":"echo"}`)
	log, err = base64.StdEncoding.DecodeString(short.header("x-fc-log-result"))
	id := short.header("x-fc-request-id")
	if want := "FC Invoke Start RequestId: " + id + "\nFC Invoke End RequestId: " + id + "\n"; err != nil ||
		string(log) != want {
		t.Errorf("%v, the log of the next is %q, want %q", err, log, want)
	}
}

func TestAFailureIsToldByAHeaderAndTheBody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, start, event, kind, body string }{
		{"an error of the handler", "serves", `{"do":"fail","value":"no"}`, "HandledInvocationError",
			`{"errorMessage":"refused: no","errorType":"refusedError"}`},
		{"the end of the process", "serves", `{"do":"crash"}`, "UnhandledInvocationError",
			`{"errorMessage":"the process ended before it answered: exit status 3","errorType":"InstanceCrashed"}`},
		{"a timeout", "serves", `{"do":"sleep"}`, "UnhandledInvocationError",
			`{"errorMessage":"Function timed out after 1.5 seconds","errorType":"FunctionTimeout"}`},
		{"an initializer that fails", "serves after its initializer", `{"do":"echo"}`, "InitializationError",
			`{"errorMessage":"the initializer failed: no memory","errorType":"InitializationError"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Function{Timeout: 1500 * time.Millisecond}
			if c.start != "serves" {
				f.Initializer, f.Environment = "main.initialize", map[string]string{initializerVariable: "panics"}
			}
			d := newDoor(t, c.start, f)
			got := d.must(nil, c.event)
			if got.status != 200 || got.header("x-fc-error-type") != c.kind || strings.TrimSpace(got.body) != c.body {
				t.Errorf("got %d, %s: %s; want 200, %s: %s", got.status, got.header("x-fc-error-type"), got.body,
					c.kind, c.body)
			}
			if got.header("content-type") != "application/json" || got.header("x-fc-instance-id") == "" {
				t.Errorf("headers %v", got.headers)
			}
		})
	}
}

func TestOverlappingCallersMeetInstancesOfTheirOwn(t *testing.T) {
	d := newDoor(t, "serves", Function{Instances: 3})
	file := filepath.Join(t.TempDir(), "go-on")
	var instances [3]string
	var callers sync.WaitGroup
	for n := range instances {
		callers.Go(func() {
			event := fmt.Sprintf(`{"do":"await","value":"caller %d","file":%q}`, n, file)
			if got, err := d.send(request{"POST", invocations, "", "secret", nil, event}); err != nil {
				t.Errorf("caller %d: %v", n, err)
			} else {
				instances[n] = got.header("x-fc-instance-id")
			}
		})
	}
	for n := range instances {
		d.written(fmt.Sprintf("stdout: awaiting caller %d", n)) // all at once
	}
	touch(t, file)
	callers.Wait()
	met := slices.Compact(slices.Sorted(slices.Values(instances[:])))
	if len(met) != len(instances) {
		t.Errorf("three callers at once met the instances %v", met)
	}
	if got := d.must(nil, `{"do":"echo"}`); !slices.Contains(met, got.header("x-fc-instance-id")) {
		t.Errorf("the next caller met the new instance %s", got.header("x-fc-instance-id"))
	}
}

func TestAnEventMayComeInChunks(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	var encoding []string
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		encoding = r.TransferEncoding
		d.api.ServeHTTP(w, r)
	}))
	defer inner.Close()
	outer := httptest.NewServer(&httputil.ReverseProxy{Director: func(r *http.Request) {
		r.URL.Scheme, r.URL.Host, r.ContentLength = "http", strings.TrimPrefix(inner.URL, "http://"),
			-1 // the signed Host stays
	}})
	defer outer.Close()
	d.address = strings.TrimPrefix(outer.URL, "http://")
	event := `{"do":"echo","value":"` + strings.Repeat("v", 100_000) + `"}`
	if got := d.must(nil, event); got.body != event || !slices.Equal(encoding, []string{"chunked"}) {
		t.Errorf("the function returned %d bytes of %d, sent as %v", len(got.body), len(event), encoding)
	}
}
