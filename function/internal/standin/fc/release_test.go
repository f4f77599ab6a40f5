package fc

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// with is a function that starts as its first word says, and has a variable.
func with(start, value string) Function {
	return Function{Name: "vpn-attach", Environment: map[string]string{childVariable: start, "SET": value}}
}

// has invokes what a qualifier means and gives the variable that it has, or why it failed.
func (p *platform) has(qualifier string) string {
	p.t.Helper()
	text, err := json.Marshal(order{Do: "describe"})
	if err != nil {
		p.t.Fatal(err)
	}
	i, err := p.InvokeAs(p.t.Context(), qualifier, text)
	switch {
	case err != nil:
		return err.Error()
	case i.Failure != nil:
		return i.Version + " failed: " + i.Failure.Message
	}
	for _, value := range []string{"first", "second", "third"} {
		if strings.Contains(string(i.Response), `"SET=`+value+`"`) {
			return i.Version + " " + value
		}
	}
	return string(i.Response)
}

func TestAVersionKeepsWhatTheFunctionWas(t *testing.T) {
	p := newPlatform(t, "serves", Function{Environment: map[string]string{"SET": "first"}, Instances: 3})
	if id := p.Publish("one"); id != "1" {
		t.Fatalf("the first version is %s", id)
	}
	p.Update(with("serves", "second"), nil)
	p.Publish("two")
	p.Update(with("serves", "third"), nil)
	if refusal := p.point("live", "1", true); refusal != nil {
		t.Fatal(refusal)
	}
	for _, c := range [][2]string{
		{"live", "1 first"}, {"2", "2 second"}, {"LATEST", "LATEST third"}, {"", "LATEST third"}, {"1", "1 first"},
		{"7", "running vpn-attach: VersionNotFound: version '7' of function 'vpn-attach' does not exist"},
	} {
		if got := p.has(c[0]); got != c[1] {
			t.Errorf("%s: got %s, want %s", c[0], got, c[1])
		}
	}
	if p.point("live", "2", true) != nil || p.has("live") != "2 second" || p.has("1") != "1 first" {
		t.Error("the alias did not move, or a version is gone")
	}
	if i := p.invoke(order{Do: "describe"}); i.Version != "2" {
		t.Errorf("without a qualifier version %s ran", i.Version)
	}
}

func TestAReleaseThatDoesNotStartIsAFailedInvocation(t *testing.T) {
	p := newPlatform(t, "serves", Function{Environment: map[string]string{"SET": "first"}})
	p.Publish("")
	if refusal := p.point("live", "1", true); refusal != nil {
		t.Fatal(refusal)
	}
	script := filepath.Join(t.TempDir(), "main")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho the last words >&2\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		function Function
		host     Host
		words    string
	}{
		"it ends":       {with("exits at once", ""), p.options.Host, "MNS_ENDPOINT is missing"},
		"another code":  {with("serves", ""), Process{Binary: script}, "(exit status 3): the last words"},
		"there is none": {with("serves", ""), Process{Binary: "/nonexistent/main"}, "no such file"},
	} {
		p.Update(c.function, c.host)
		if got := p.has("LATEST"); !strings.HasPrefix(got, "LATEST failed: ") || !strings.Contains(got, c.words) {
			t.Errorf("%s: got %s", name, got)
		}
		all := p.Invocations()
		if last := all[len(all)-1]; last.Failure == nil || last.Failure.Type != InstanceCrashed || !last.Cold {
			t.Errorf("%s: the record has %+v", name, last)
		}
		if got := p.has("live"); got != "1 first" {
			t.Errorf("%s: the version that is live says %s", name, got)
		}
	}
}

func TestAFunctionThatWasRemovedIsThereAgainWithoutItsVersions(t *testing.T) {
	p := newPlatform(t, "serves", Function{Environment: map[string]string{"SET": "first"}})
	p.Publish("")
	p.has("LATEST")
	p.Remove()
	if got := p.has("LATEST"); !strings.Contains(got, "FunctionNotFound") || p.Has("1") {
		t.Errorf("got %s", got)
	}
	p.Update(with("serves", "second"), nil)
	if got := p.has("LATEST"); got != "LATEST second" || p.Has("1") || p.Has("live") {
		t.Errorf("got %s", got)
	}
	if id := p.Publish(""); id != "1" {
		t.Errorf("its first version is %s", id)
	}
	if refusal := p.point("live", "1", false); refusal != nil || p.has("live") != "1 second" {
		t.Errorf("the alias: %v", refusal)
	}
}

func TestVersionsAndAliasesAreManagedByTheAPI(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	d.api.Unsigned = true
	path := strings.TrimSuffix(invocations, "/invocations")
	for _, c := range []struct {
		call, body string
		status     int
		says       string
	}{
		{"POST /versions", `{"description":"one"}`, 200, `"versionId":"1","description":"one"`},
		{"POST /versions", ``, 200, `"versionId":"2"`},
		{"POST /versions", `no JSON`, 400, "InvalidArgument"},
		{"GET /versions", "", 200, `[{"versionId":"2"`},
		{"PUT /aliases/live", `{"versionId":"1"}`, 200, `"aliasName":"live","versionId":"1"`},
		{"GET /aliases/live", "", 200, `"versionId":"1"`},
		{"PUT /aliases/live", `{"versionId":"7"}`, 404, "VersionNotFound"},
		{"PUT /aliases/live", `{}`, 400, "InvalidArgument"},
		{"PUT /aliases/canary", `{"versionId":"1"}`, 404, "AliasNotFound"},
		{"GET /aliases/canary", "", 404, "AliasNotFound"},
		{"POST /aliases", `{"aliasName":"canary","versionId":"2"}`, 200, `"versionId":"2"`},
		{"POST /aliases", `{"aliasName":"canary","versionId":"2"}`, 409, "AliasAlreadyExists"},
		{"GET ?qualifier=canary", "", 200, `"functionName":"vpn-attach"`},
		{"GET ?qualifier=3", "", 404, "VersionNotFound"},
		{"POST /invocations?qualifier=canary", `{}`, 200, "{}"},
	} {
		method, below, _ := strings.Cut(c.call, " ")
		w := d.local(method, path+below, c.body, nil)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: got %d %s, want %d %s", c.call, c.body, w.Code, w.Body, c.status, c.says)
		}
	}
	d.Remove()
	for _, call := range []string{"GET ", "GET /triggers", "POST /versions", "PUT /aliases/live", "POST /invocations"} {
		method, below, _ := strings.Cut(call, " ")
		w := d.local(method, path+below, `{"versionId":"1"}`, nil)
		if !strings.Contains(w.Body.String(), "FunctionNotFound") {
			t.Errorf("%s of a function that was removed: %d %s", call, w.Code, w.Body)
		}
	}
}
