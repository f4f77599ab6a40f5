package operate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/operate"
)

// account is the console of an account: the services of the local cloud, asked as the aliyun CLI is, so that no verb
// takes the ways of --local. It notes the calls that change something, and can be told to refuse a call, or to say
// something else than the service.
type account struct {
	operate.Local
	t       *testing.T
	calls   []string          // that change something, in short
	refuses map[string]string // codes, by the call: "ros CreateStack", "fc GET /concurrency"
	says    map[string]string // answers
}

// built is code as make package would leave it.
func built(t *testing.T, sha string) operate.Package {
	t.Helper()
	file := filepath.Join(t.TempDir(), "vpn-attach.zip")
	if err := os.WriteFile(file, []byte(sha), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprint(crc64.Checksum([]byte(sha), crc64.MakeTable(crc64.ECMA)))
	return operate.Package{SHA256: sha, CRC64: sum, File: file}
}

// account has the operator reach an account in which nothing is deployed.
func (s *site) account() *account {
	s.t.Helper()
	reach, _ := s.Console.(operate.Local)
	a := &account{Local: reach, t: s.t, refuses: map[string]string{}, says: map[string]string{}}
	s.Console, s.Region = a, "cn-hangzhou"
	s.Make = func(context.Context) (operate.Package, error) { return built(s.t, "sha-new"), nil }
	if _, err := s.Remove(s.t.Context(), true); err != nil {
		s.t.Fatal(err)
	}
	a.changes()
	return a
}

// inAccount has the stack deployed in the account.
func (s *site) inAccount() *account {
	s.t.Helper()
	a := s.account()
	pairs := []operate.Pair{
		{Name: "NotifyMail", Value: "ops@example.com"}, {Name: "AlertActionPolicy", Value: "local"},
	}
	if _, err := s.Deploy(s.t.Context(), operate.DeployOptions{Pairs: pairs}); err != nil {
		s.t.Fatal(err)
	}
	a.changes()
	return a
}

// changes are the calls so far that change something, and are forgotten then.
func (a *account) changes() string {
	made := strings.Join(slices.Compact(a.calls), ", ")
	a.calls = nil
	return made
}

// nameOf is a call in short; of Function Compute with what follows the function's name.
func nameOf(c operate.Call) string {
	name := c.Service + " " + c.Action
	if below, is := strings.CutPrefix(c.Path, "/2023-03-30/functions/vpn-attach"); is && below != "" {
		name += " " + below
	}
	return name
}

func (a *account) Call(ctx context.Context, c operate.Call) ([]byte, error) {
	name := nameOf(c)
	if code := a.refuses[name]; code != "" {
		return nil, &operate.CallError{Call: c, Code: code, Message: code}
	}
	if says, isSaid := a.says[name]; isSaid {
		return []byte(says), nil
	}
	if c.Service == "sls" { // the local cloud has the same at the function itself
		c = operate.Call{Service: "fc", Action: "GET", Path: "/2023-03-30/functions/vpn-attach/logs"}
	}
	answer, err := a.Local.Call(ctx, c)
	if change := changeOf(c); change != "" && (err == nil || c.Service != "fc") {
		a.calls = append(a.calls, change)
	}
	return answer, err
}

// changeOf is what a call changes; "" is nothing.
func changeOf(c operate.Call) string {
	name := nameOf(c)
	var asked struct{ VersionId string }
	switch {
	case strings.HasSuffix(name, "/invocations"), c.Service == "sts", c.Service == "cms", c.Service == "vpc",
		strings.HasPrefix(name, "ros Get"), strings.HasPrefix(name, "ros List"), strings.HasPrefix(name, "fc GET"),
		name == "oss stat", name == "eventbridge GetRule":
		return ""
	case name == "fc POST /versions":
		return "publish"
	case strings.Contains(name, " /aliases"):
		_ = json.Unmarshal([]byte(c.Body), &asked) // operate wrote it
		return "alias " + asked.VersionId
	case c.Service == "fc":
		return c.Service + " " + c.Action
	}
	return name
}

// ask makes a call that must succeed.
func (a *account) ask(service, action, path string, flags ...string) string {
	a.t.Helper()
	answer, err := a.Local.Call(a.t.Context(),
		operate.Call{Service: service, Action: action, Path: path, Flags: flags})
	if err != nil {
		a.t.Fatal(err)
	}
	return string(answer)
}

// live is the version that the alias means.
func (a *account) live() string {
	a.t.Helper()
	var alias struct{ VersionId string }
	text := a.ask("fc", "GET", "/2023-03-30/functions/vpn-attach/aliases/live")
	if err := json.Unmarshal([]byte(text), &alias); err != nil {
		a.t.Fatal(err)
	}
	return alias.VersionId
}

// started reports which triggers are: "both", "none" or "one".
func (a *account) started() string {
	a.t.Helper()
	text := a.ask("fc", "GET", "/2023-03-30/functions/vpn-attach/triggers")
	queue, sweep := strings.Contains(text, `\"triggerEnable\":true`), strings.Contains(text, `\"enable\":true`)
	switch {
	case queue && sweep:
		return "both"
	case queue || sweep:
		return "one"
	}
	return "none"
}

// given is the value that a parameter of the stack has.
func (a *account) given(name string) string {
	a.t.Helper()
	var stacks struct{ Stacks []struct{ StackId string } }
	var stack struct {
		Parameters []struct{ ParameterKey, ParameterValue string }
	}
	text := a.ask("ros", "ListStacks", "", "--StackName.1", "vpn-attach")
	if err := json.Unmarshal([]byte(text), &stacks); err != nil || len(stacks.Stacks) != 1 {
		a.t.Fatalf("the stacks are %s, %v", text, err)
	}
	text = a.ask("ros", "GetStack", "", "--StackId", stacks.Stacks[0].StackId)
	if err := json.Unmarshal([]byte(text), &stack); err != nil {
		a.t.Fatal(err)
	}
	for _, p := range stack.Parameters {
		if p.ParameterKey == name {
			return p.ParameterValue
		}
	}
	return ""
}
