package operate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vpn-attach/function/internal/operate"
)

// wire is an account behind HTTP: a proxy that answers in the place of the services, so that the CLI itself chooses
// their addresses, and signs and writes the requests.
type wire struct{ *account }

// services are those that are known by the begin of their host names.
func services() map[string]string {
	return map[string]string{
		"ros.": "ros", "fcv3.": "fc", "sts.": "sts", "eventbridge": "eventbridge",
		"resourcemanager.": "resourcemanager",
		"metrics.":         "cms",
	}
}

// ServeHTTP reads a request back into the call that the CLI was given.
func (w wire) ServeHTTP(answer http.ResponseWriter, r *http.Request) {
	host := r.URL.Hostname()
	switch {
	case r.Method == http.MethodConnect: // the CLI asks where a service is, and knows without an answer
		answer.WriteHeader(http.StatusForbidden)
	case strings.Contains(host, ".oss-"):
		w.bucketOf(answer, r)
	case strings.Contains(host, ".log."):
		w.answer(answer, operate.Call{Service: "sls", Action: "GetLogs"})
	default:
		for begin, service := range services() {
			if strings.HasPrefix(host, begin) {
				w.answer(answer, callOf(service, r))
				return
			}
		}
		w.t.Errorf("it asked for %s %s", r.Method, r.URL)
	}
}

func callOf(service string, r *http.Request) operate.Call {
	body, _ := io.ReadAll(r.Body)
	parameters := r.URL.Query()
	c := operate.Call{Service: service, Action: parameters.Get("Action")}
	if service == "fc" {
		c.Action, c.Path, c.Body = r.Method, r.URL.Path, string(body)
	} else if form, err := url.ParseQuery(string(body)); err == nil {
		for name := range form {
			parameters.Set(name, form.Get(name))
		}
	}
	for name := range parameters {
		c.Flags = append(c.Flags, "--"+name, parameters.Get(name))
	}
	return c
}

// bucketOf makes a bucket, says whose it is, or takes an object.
func (w wire) bucketOf(answer http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	switch {
	case r.Method == http.MethodPut && r.URL.Path == "/":
		_, err := w.Call(r.Context(), operate.Call{Service: "oss", Action: "mb"})
		if err != nil {
			answer.WriteHeader(http.StatusConflict)
			fmt.Fprint(answer, "<Error><Code>BucketAlreadyExists</Code><Message>it is there</Message></Error>")
		}
	case r.Method == http.MethodPut:
		_, _ = w.Call(r.Context(), operate.Call{Service: "oss", Action: "cp"})
	case r.URL.Query().Has("bucketInfo"):
		fmt.Fprintf(answer, "<BucketInfo><Bucket><Name>code</Name><Owner><DisplayName>%[1]s</DisplayName>"+
			"<ID>%[1]s</ID></Owner></Bucket></BucketInfo>", w.bucket)
	}
}

func (w wire) answer(answer http.ResponseWriter, c operate.Call) {
	text, err := w.Call(context.Background(), c)
	answer.Header().Set("Content-Type", "application/json")
	var refusal *operate.CallError
	if errors.As(err, &refusal) {
		answer.WriteHeader(http.StatusNotFound)
		text, _ = json.Marshal(map[string]string{"Code": refusal.Code, "Message": refusal.Message, "RequestId": "1"})
	}
	_, _ = answer.Write(text)
}

// throughTheCLI is an operator who reaches an account through the aliyun CLI that ALIYUN names.
func throughTheCLI(t *testing.T, a *account) operate.Operator {
	t.Helper()
	cli, err := exec.LookPath(os.Getenv("ALIYUN"))
	if err != nil {
		t.Skip("ALIYUN names no aliyun CLI")
	}
	proxy := httptest.NewServer(wire{a})
	t.Cleanup(proxy.Close)
	home := t.TempDir()
	script := `export HOME=` + home + ` HTTP_PROXY=` + proxy.URL + ` HTTPS_PROXY=` + proxy.URL + `
export ALIBABA_CLOUD_ACCESS_KEY_ID=local ALIBABA_CLOUD_ACCESS_KEY_SECRET=local
case $1 in
  oss) exec ` + cli + ` "$@" -e http://oss-cn-hangzhou.aliyuncs.com --proxy-host ` + proxy.URL + ` ;;
  *) exec ` + cli + ` "$@" --insecure ;;
esac
`
	zip := filepath.Join(home, "vpn-attach.zip")
	if err := os.WriteFile(zip, []byte("code"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := a.operator()
	o.Console = standIn(t, script)
	o.Make = func(context.Context) (operate.Package, error) {
		p := built("sha-new")
		p.File = zip
		return p, nil
	}
	return o
}

// TestTheRealCLITakesEveryCall deploys, changes, pauses, rolls back and removes through the aliyun CLI. Whatever it
// does not know of a call, it refuses before it sends anything.
func TestTheRealCLITakesEveryCall(t *testing.T) {
	a := newAccount(t)
	o := throughTheCLI(t, a)
	ctx := t.Context()
	mail := []operate.Pair{{Name: "NotifyMail", Value: "ops@example.com"}}
	done, err := o.Deploy(ctx, operate.DeployOptions{Pairs: mail})
	if err != nil {
		t.Fatal(err)
	}
	want := "oss mb, oss cp, eventbridge CreateServiceLinkedRoleForProduct, resourcemanager CreateServiceLinkedRole, " +
		"ros CreateStack, publish, alias 1, ros UpdateStack"
	if got := a.changes(); got != want || !strings.Contains(done.Text(), "NotifyMail=ops@example.com") {
		t.Errorf("it did\n%s\nwant\n%s\nand said %s", got, want, done.Text())
	}
	if len(a.template) < 10_000 || a.given["NotifyMail"] != "ops@example.com" {
		t.Errorf("the template came with %d bytes, and %v", len(a.template), a.given)
	}
	for _, c := range []struct {
		what, changes string
		do            func() (operate.Result, error)
	}{
		{"set", "ros UpdateStack, publish, alias 2", func() (operate.Result, error) {
			return o.Set(ctx, []operate.Pair{{Name: "SWEEP", Value: "attach"}}, false)
		}},
		{"pause", "fc PUT", func() (operate.Result, error) { return o.Switch(ctx, false, false) }},
		{"resume", "fc PUT", func() (operate.Result, error) { return o.Switch(ctx, true, false) }},
		{"versions", "", func() (operate.Result, error) { return o.Versions(ctx) }},
		{"rollback", "alias 1", func() (operate.Result, error) { return o.Rollback(ctx, "1", false) }},
		{"logs", "", func() (operate.Result, error) { return o.Logs(ctx, operate.LogChoice{Connection: "vco-1"}) }},
		{"sweep", "", func() (operate.Result, error) {
			return o.Invoke(ctx, map[string]any{"sweep": map[string]any{"dryRun": true}})
		}},
		{"status", "", func() (operate.Result, error) { return o.Status(ctx) }},
		{"doctor", "", func() (operate.Result, error) { return o.Doctor(ctx) }},
		{"remove", "ros DeleteStack", func() (operate.Result, error) { return o.Remove(ctx, true) }},
	} {
		result, err := c.do()
		if got := a.changes(); err != nil || got != c.changes {
			t.Errorf("%s: %v; it did %q, want %q", c.what, err, got, c.changes)
		}
		if err == nil && strings.Contains(result.Text(), "calling ") { // what a verb cannot know it says, and goes on
			t.Errorf("%s: %s", c.what, result.Text())
		}
	}
}

func TestTheRealCLITellsRefusals(t *testing.T) {
	a := newAccount(t)
	o := throughTheCLI(t, a)
	a.bucket = "6543210987654321"
	_, err := o.Deploy(t.Context(), operate.DeployOptions{})
	if err == nil || !strings.Contains(err.Error(), "does not belong to account") {
		t.Errorf("with a bucket of another account: %v", err)
	}
	a.bucket, a.refuses["ros CreateStack"] = "", "NoPermission.Policy"
	_, err = o.Deploy(t.Context(), operate.DeployOptions{})
	if err == nil || !strings.Contains(err.Error(), "NoPermission.Policy") ||
		strings.ContainsAny(err.Error(), "\x1b?") {
		t.Errorf("without a permission: %v", err)
	}
}

// Every command of scripts/README.md is one that the CLI would send.
func TestTheRealCLIKnowsTheCommandsOfTheDocument(t *testing.T) {
	cli, err := exec.LookPath(os.Getenv("ALIYUN"))
	if err != nil {
		t.Skip("ALIYUN names no aliyun CLI")
	}
	text, err := os.ReadFile("../../../scripts/README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?m)(^    aliyun .*\n(?:^    .*\n)*)`).FindAllString(string(text), -1)
	if len(blocks) < 3 {
		t.Fatalf("the document has the blocks %q", blocks)
	}
	for _, block := range blocks {
		script := `aliyun() { "` + cli + `" "$@" --dryrun; }` + "\n" + block
		command := exec.CommandContext(t.Context(), "bash", "-e", "-c", script)
		command.Env = append(os.Environ(), "HOME="+t.TempDir(), "ALIBABA_CLOUD_ACCESS_KEY_ID=local",
			"ALIBABA_CLOUD_ACCESS_KEY_SECRET=local", "ALIBABA_CLOUD_REGION_ID=cn-hangzhou")
		said, err := command.CombinedOutput()
		sent := strings.Count(string(said), "Skip invoke in dry-run mode")
		if err != nil || sent != strings.Count(block, "aliyun ") {
			t.Errorf("%v: of\n%s%d commands were sent:\n%s", err, block, sent, said)
		}
	}
}
