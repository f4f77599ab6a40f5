package fc

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// local is a call as curl makes it, without a signature.
func (d *door) local(method, path, body string, change func(*localCall)) *httptest.ResponseRecorder {
	c := &localCall{remote: "127.0.0.1:5555", host: "127.0.0.1:8600", headers: map[string]string{}}
	if change != nil {
		change(c)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr, r.Host = c.remote, c.host
	for name, value := range c.headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	d.api.ServeHTTP(w, r)
	return w
}

// localCall is what may differ of one.
type localCall struct {
	remote, host string
	headers      map[string]string
}

func TestACallOfThisMachineNeedsNoSignature(t *testing.T) {
	d := newDoor(t, "serves", Function{Code: func() Code { return Code{Checksum: "123"} }})
	d.api.Unsigned = true
	for name, c := range map[string]struct {
		change func(*localCall)
		want   int
	}{
		"curl":                          {nil, 200},
		"curl at localhost":             {func(c *localCall) { c.host = "localhost:8600" }, 200},
		"curl at IPv6":                  {func(c *localCall) { c.host, c.remote = "[::1]:8600", "[::1]:5" }, 200},
		"the own page":                  {func(c *localCall) { c.headers["Origin"] = "http://127.0.0.1:8600" }, 200},
		"another machine":               {func(c *localCall) { c.remote = "192.0.2.1:5555" }, 403},
		"a page of another site":        {func(c *localCall) { c.headers["Origin"] = "http://example.com" }, 403},
		"a page that hides its origin":  {func(c *localCall) { c.headers["Sec-Fetch-Site"] = "cross-site" }, 403},
		"a name that was led here":      {func(c *localCall) { c.host = "example.com:8600" }, 403},
		"a signature that is not right": {func(c *localCall) { c.headers["Authorization"] = "acs local:x" }, 403},
	} {
		t.Run(name, func(t *testing.T) {
			w := d.local("POST", invocations+"?qualifier=live", `{"do":"echo"}`, c.change)
			if w.Code != c.want {
				t.Fatalf("got %d %s, want %d", w.Code, w.Body, c.want)
			}
			if checksum := w.Header().Get("x-fc-code-checksum"); w.Code == 200 && checksum != "123" {
				t.Errorf("the checksum of the code is %q", checksum)
			}
		})
	}
}

func TestSignaturesCanBeDemandedOfThisMachineToo(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	if w := d.local("POST", invocations, "{}", nil); w.Code != 403 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestTheFunctionAndItsLogCanBeRead(t *testing.T) {
	d := newDoor(t, "serves", Function{Code: func() Code { return Code{"123", 7} }})
	d.api.Unsigned = true
	ran := d.local("POST", invocations, `{"do":"echo"}`, nil)
	id := ran.Header().Get("x-fc-request-id")
	get := func(path string, into any) {
		t.Helper()
		w := d.local("GET", strings.TrimSuffix(InvokePath, "/")+path, "", nil)
		if w.Code != 200 || json.Unmarshal(w.Body.Bytes(), into) != nil {
			t.Fatalf("%s: got %d %s", path, w.Code, w.Body)
		}
	}
	var f describedFunction
	get("/vpn-attach?qualifier=live", &f)
	if f.FunctionName != "vpn-attach" || f.CodeChecksum != "123" || f.CodeSize != 7 || f.State != "Active" ||
		f.Timeout == 0 || f.LastModifiedTime == "" {
		t.Errorf("the function is %+v", f)
	}
	var pointer describedAlias
	get("/vpn-attach/aliases/live", &pointer)
	if pointer.AliasName != "live" || pointer.VersionID != "LATEST" {
		t.Errorf("the alias is %+v", pointer)
	}
	var running struct{ Instances []describedInstance }
	get("/vpn-attach/instances", &running)
	if len(running.Instances) != 1 || running.Instances[0].InstanceID != ran.Header().Get("x-fc-instance-id") {
		t.Errorf("the instances are %+v", running)
	}
	for query, want := range map[string]bool{"": true, "?requestId=" + id: true, "?requestId=1-none": false} {
		var log []logLine
		get("/vpn-attach/logs"+query, &log)
		if (len(log) > 0) != want || want && (log[0].RequestID != id || log[0].Message == "") {
			t.Errorf("the log of %q is %+v", query, log)
		}
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	d.api.Unsigned = true
	for call, want := range map[string]string{
		"GET /2023-03-30/functions/other":                    "FunctionNotFound",
		"GET /2023-03-30/functions/vpn-attach?qualifier=7":   "VersionNotFound",
		"GET /2023-03-30/functions/vpn-attach/invocations":   "PathNotSupported",
		"POST /2023-03-30/functions/vpn-attach/logs":         "PathNotSupported",
		"DELETE /2023-03-30/functions/vpn-attach":            "PathNotSupported",
		"GET /2023-03-30/functions/vpn-attach/logs/and/more": "PathNotSupported",
	} {
		method, path, _ := strings.Cut(call, " ")
		if w := d.local(method, path, "", nil); !strings.Contains(w.Body.String(), `"Code":"`+want+`"`) {
			t.Errorf("%s: got %d %s, want %s", call, w.Code, w.Body, want)
		}
	}
}

func TestTheChecksumIsThatOfTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main")
	if err := os.WriteFile(file, []byte("123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	// 995dc9bbdf1939fa is the check value of CRC-64 in this variant (XZ).
	if got, want := ReadCode(file)(), (Code{"11051210869376104954", 9}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := ReadCode(file + "-none")(); got != (Code{}) {
		t.Errorf("a file that does not exist has %v", got)
	}
}
