package local

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"

	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/estate"
)

const aCloud = `
transitRouters:
  - {id: tr-core, cen: cen-core, name: core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": any},
     routeTables: [{id: vtb-1, name: main, type: System}]}
vpnConnections:
  - {id: vco-1, name: "<img src=x>", psk: do-not-show, tags: {"vpn-attach:transit-router": tr-core}}
  - {id: vco-2, psk: do-not-show, transitRouter: tr-core, associated: vtb-1}
`

// up is a running cloud without a function: nothing here invokes one.
func up(t *testing.T) *Cloud {
	t.Helper()
	spec, err := ReadSpec([]byte(aCloud))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := Start(spec, Options{Speed: 100, Binary: "none", Deployed: TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	return cloud
}

// ask makes a request as a browser or another program might.
func (c *Cloud) ask(t *testing.T, method, path, body string, headers map[string]string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+c.Address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	if host := headers["Host"]; host != "" {
		r.Host = host
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

func TestThePageShowsTheStateAndNoSecrets(t *testing.T) {
	c := up(t)
	status, headers, page := c.ask(t, "GET", "/", "", nil)
	isHTML := strings.HasPrefix(headers.Get("Content-Type"), "text/html")
	if status != 200 || !isHTML || !strings.Contains(page, "<title>vpn-attach") {
		t.Errorf("%d %v", status, headers)
	}
	policy := headers.Get("Content-Security-Policy")
	isStrict := strings.Contains(policy, "default-src 'none'") && !strings.Contains(policy, "unsafe")
	if !isStrict || strings.Count(policy, "sha256-") != 2 {
		t.Errorf("the policy is %s", policy)
	}
	status, _, text := c.ask(t, "GET", "/local/state", "", nil)
	var state State
	if status != 200 || json.Unmarshal([]byte(text), &state) != nil || strings.Contains(text, "do-not-show") {
		t.Fatalf("%d %s", status, text)
	}
	second := state.Connections[1]
	isAttached := second.Router == "tr-core" && second.Status == "Attached" && len(second.Associated) == 1
	if len(state.Connections) != 2 || !isAttached || state.Routers[0].Tables[0] != "vtb-1 main" {
		t.Errorf("got %+v", state)
	}
}

func TestThePageNeedsNothingFromOutsideAndWritesTextAsText(t *testing.T) {
	page, _, _ := pageText()
	for _, forbidden := range []string{
		"http://", "https://", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
	} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page holds %s", forbidden)
		}
	}
}

func TestOnlyThePageItselfMayCreate(t *testing.T) {
	c := up(t)
	own := "http://" + c.Address
	from := func(origin string) map[string]string {
		return map[string]string{"Origin": origin, "Content-Type": "application/json"}
	}
	renamed := from("http://evil.example")
	renamed["Host"] = "evil.example"
	for name, test := range map[string]struct {
		status  int
		body    string
		headers map[string]string
	}{
		"the page":                        {201, `{"name":"n","tags":{"k":"v"}}`, from(own)},
		"another site":                    {403, `{}`, from("http://evil.example")},
		"nobody that a browser knows":     {403, `{}`, map[string]string{"Content-Type": "application/json"}},
		"a form of another site":          {403, `{}`, map[string]string{"Origin": own, "Content-Type": "text/plain"}},
		"another name of this place":      {421, `{}`, renamed},
		"what is no wish":                 {400, `[`, from(own)},
		"tags that the service takes not": {400, `{"tags":{"acs:x":"v"}}`, from(own)},
	} {
		if status, _, text := c.ask(t, "POST", "/local/connections", test.body, test.headers); status != test.status {
			t.Errorf("%s got %d: %s", name, status, text)
		}
	}
	if n := len(c.Estate.Seed().VPNConnections); n != 3 {
		t.Errorf("%d connections", n)
	}
	if c.Queues.Stats(c.EventQueue).Active != 1 {
		t.Error("the new connection is no event")
	}
	if status, _, _ := c.ask(t, "GET", "/", "", map[string]string{"Host": "evil.example"}); status != 421 {
		t.Errorf("the page under another name got %d", status)
	}
	if status, _, _ := c.ask(t, "GET", "/queues", "", map[string]string{"Host": "mns.example"}); status != 400 {
		t.Errorf("an API under another name got %d, want its own refusal", status)
	}
}

func TestACloudGoesOnFromWhatWasSaved(t *testing.T) {
	c := up(t)
	if _, err := c.Estate.CreateConnection(estate.VPNConnection{Name: "new"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cloud.yaml")
	if err := c.Save(path); err != nil {
		t.Fatal(err)
	}
	spec, err := ReadSpecFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Start(spec, Options{Speed: 100, Binary: "none", Deployed: TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got, want := fmt.Sprint(again.Estate.Seed()), fmt.Sprint(c.Estate.Seed()); got != want {
		t.Errorf("%s became %s", want, got)
	}
	if again.FollowUpKey != c.FollowUpKey {
		t.Error("what the function queued will be refused")
	}
}

func TestServingEndsWithItsContext(t *testing.T) {
	c := up(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Serve(ctx, nil) }()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestQuotasThrottleWhatExceedsThem(t *testing.T) {
	quotas, err := ReadQuotas("DescribeVpnConnection=2, ListTransitRouters=600/s")
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadQuotas(quotas.String())
	if err != nil || len(again) != 2 || again["ListTransitRouters"] != cloud.PerSecond(600) {
		t.Errorf("%s is read as %v, %v", quotas, again, err)
	}
	draw := quotas.Draw(100)
	for n, want := range []bool{false, false, true, true} {
		fault := draw("DescribeVpnConnection", n)
		if (fault != nil) != want {
			t.Errorf("call %d: %v", n, fault)
		}
		if fault == nil {
			continue
		}
		says := strings.Contains(fault.Headers["X-RateLimit-User-API"], "Limit:2,Remain:0,TimeLeft:")
		says = says && fault.Headers["x-acs-retry-after"] != ""
		if fault.Code != "Throttling.User" || !says || fault.Validate() != nil {
			t.Errorf("got %+v", *fault)
		}
	}
	if draw("ListTransitRouters", 1) != nil || draw("PublishMessage", 1) != nil {
		t.Error("what has a quota left, or none, is throttled")
	}
	deadline := time.Now().Add(10 * time.Second)
	for draw("DescribeVpnConnection", 5) != nil {
		if time.Now().After(deadline) {
			t.Fatal("the minute never ends")
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, wrong := range []string{"x", "=1", "DescribeVpnConnection=0", "DescribeVpnConnection=many", "Foo=1"} {
		if _, err := ReadQuotas(wrong); err == nil {
			t.Errorf("%q passed", wrong)
		}
	}
	if none, _ := ReadQuotas(""); none.Draw(1) != nil {
		t.Error("no quotas throttle")
	}
}
