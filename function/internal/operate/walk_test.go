package operate_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/operate"
	"vpn-attach/function/internal/standin/estate"
)

// TestAnOperatorWalksThroughEveryVerbLocally does it as --local does. What came of it is read from the services' own
// records.
func TestAnOperatorWalksThroughEveryVerbLocally(t *testing.T) { walk(t, serve(t, "")) }

func TestTheRealCLIWalksThroughEveryVerb(t *testing.T) {
	cli(t)
	s := serve(t, "")
	s.throughTheCLI()
	walk(t, s)
	for _, action := range []string{"DisableRule", "EnableRule"} { // the second is a fix that doctor names
		_, err := s.Console.Call(t.Context(), operate.Call{Service: "eventbridge", Action: action,
			Flags: []string{"--EventBusName", "default", "--RuleName", "vpn-attach"}})
		if err != nil {
			t.Error(err)
		}
		doctor, err := s.Doctor(t.Context())
		word := map[string]string{"EnableRule": "ok       rule vpn-attach is", "DisableRule": "it is DISABLE"}[action]
		s.says(doctor, err, word)
	}
}

func TestTheRealCLITellsRefusals(t *testing.T) {
	cli(t)
	s := serve(t, `
accessKeys: [{id: local, secret: local}, {id: member, secret: member, account: "`+member+`"}]
faults: [{action: UpdateStack, status: 403, code: NoPermission.Policy}]
`)
	s.paste(t.TempDir(), "member", "aliyun oss mb oss://vpn-attach-code-1234567890123456-cn-hangzhou")
	s.throughTheCLI()
	if _, err := s.Deploy(t.Context(), operate.DeployOptions{}); err == nil ||
		!strings.Contains(err.Error(), "does not belong to account") {
		t.Errorf("with a bucket of another account: %v", err)
	}
	_, err := s.Deploy(t.Context(), operate.DeployOptions{Bucket: "of-our-own"})
	if err == nil || !strings.Contains(err.Error(), "NoPermission.Policy") ||
		strings.ContainsAny(err.Error(), "\x1b?") {
		t.Errorf("without a permission: %v", err)
	}
}

func walk(t *testing.T, s *served) {
	ctx := t.Context()
	pairs := []operate.Pair{{Name: "NotifyMail", Value: "o@example.com"}, {Name: "HEALTH", Value: "off"}}
	first, err := s.Deploy(ctx, operate.DeployOptions{Pairs: pairs})
	s.says(first, err, "version 1 is live", "a dry run compared", "told: NotifyMail=o@example.com")
	status, err := s.Status(ctx)
	s.says(status, err, "version      1 of 1", "running", "NotifyMail=o@example.com")
	if len(status.Unknown) > 0 {
		t.Errorf("unknown: %q", status.Unknown)
	}
	set, err := s.Set(ctx, []operate.Pair{{Name: "LOG_LEVEL", Value: "debug"}}, false)
	s.says(set, err, "LOG_LEVEL: info → debug", "version 2 is live")
	if level := s.cloud.Cloud().Variables()["LOG_LEVEL"]; level != "debug" {
		t.Errorf("the function has LOG_LEVEL=%s", level)
	}
	s.paused(ctx)
	s.badRelease(ctx)
	attach, err := s.Invoke(ctx, map[string]any{"vpnConnectionId": "vco-one"})
	s.says(attach, err, "vco-one: attaching")
	s.until("vco-one is attached", attached("vco-one"))
	s.byHand(ctx)
	doctor, err := s.Doctor(ctx)
	s.says(doctor, err, "ok       rule vpn-attach is enabled", "contact group vpn-attach-cn-hangzhou has an address")
	removed, err := s.Remove(ctx, true)
	s.says(removed, err, "is being deleted")
	s.isRemoved(ctx)
	again, err := s.Deploy(ctx, operate.DeployOptions{})
	s.says(again, err, "version 1 is live")
}

// paused: what is sent during a pause waits through a deployment, and is taken after.
func (s *served) paused(ctx context.Context) {
	s.t.Helper()
	switched, err := s.Switch(ctx, false, false)
	s.says(switched, err, "stopped: queue, sweep")
	id, err := s.cloud.Cloud().Estate.CreateConnection(estate.VPNConnection{
		Name: "waits", Tags: map[string]string{"vpn-attach:transit-router": "tr-core"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	done, err := s.Deploy(ctx, operate.DeployOptions{})
	s.says(done, err, "version 3 is live", "it is paused, as it was before")
	time.Sleep(time.Second)
	if n := s.cloud.Cloud().Queues.Stats("vpn-attach-events").Active; n != 1 {
		s.t.Errorf("%d events wait during the pause, want 1", n)
	}
	switched, err = s.Switch(ctx, true, false)
	s.says(switched, err, "started: queue, sweep")
	s.until("what waited is attached", attached(id))
}

// badRelease deploys a program that ends at once. The deployment says so, an event is given up, and after a rollback it
// is redriven.
func (s *served) badRelease(ctx context.Context) {
	s.t.Helper()
	program, good := filepath.Join(s.t.TempDir(), "main"), s.Make
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho broken >&2\nexit 3\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	bad := archive(s.t, program)
	s.Make = func(context.Context) (operate.Package, error) { return bad, nil }
	if _, err := s.Deploy(ctx, operate.DeployOptions{}); err == nil || !strings.Contains(err.Error(), "broken") {
		s.t.Fatalf("the bad release was deployed: %v", err)
	}
	s.Make = good
	id, err := s.cloud.Cloud().Estate.CreateConnection(estate.VPNConnection{
		Name: "unlucky", Tags: map[string]string{"vpn-attach:transit-router": "tr-core"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.until("the event is given up", func(c *local.Cloud) bool { return c.Queues.Stats(c.DeadLetters).Active > 0 })
	last := s.cloud.Cloud().Runtime.Invocations()
	i := last[len(last)-1]
	if i.Version != "4" || i.Failure == nil || !strings.Contains(i.Failure.Message, "status 3") {
		s.t.Errorf("the last invocation is of version %s: %+v", i.Version, i.Failure)
	}
	doctor, err := s.Doctor(ctx)
	s.says(doctor, err, "First: the function runs: ", "rollback")
	versions, err := s.Rollback(ctx, "3", false)
	s.says(versions, err, "* 3", "alias live points at version 3")
	letters, err := s.Letters(ctx, operate.Choice{})
	s.says(letters, err, "dead letter")
	time.Sleep(2 * time.Second) // what was looked at is visible again
	moved, err := s.Redrive(ctx, operate.Choice{}, false)
	s.says(moved, err, " moved, 0 left")
	s.until("the event of the bad time is attached", attached(id))
}

// byHand makes the requests that an operator makes, and reads what came of them.
func (s *served) byHand(ctx context.Context) {
	s.t.Helper()
	sweep, err := s.Invoke(ctx, map[string]any{"sweep": map[string]any{"dryRun": true}})
	s.says(sweep, err, "swept (report)")
	health, err := s.Invoke(ctx, map[string]any{"health": map[string]any{"vpnConnectionId": "vco-one"}})
	s.says(health, err, "vco-one: up")
	refused, err := s.Invoke(ctx, map[string]any{"vpnConnectionId": "vco-closed"})
	s.says(refused, err, "vco-closed: failed", "ConsentMissing")
	s.until("the inbox has it", func(c *local.Cloud) bool { return c.Queues.Stats("vpn-attach-inbox").Active > 0 })
	inbox, err := s.Inbox(ctx, operate.Choice{Connection: "vco-closed"}, true)
	s.says(inbox, err, "ConsentMissing", "1 acknowledged")
	time.Sleep(time.Second) // Log Service is asked for what was written before this second
	logs, err := s.Logs(ctx, operate.LogChoice{Connection: "vco-closed", Since: time.Hour})
	s.says(logs, err, "connection=vco-closed")
	s.tag("vco-bylabel", "branch")
	s.until("vco-bylabel is attached", attached("vco-bylabel"))
	s.tag("vco-bylabel", "none")
	request := map[string]any{"vpnConnectionId": "vco-bylabel", "dryRun": false}
	detach, err := s.Invoke(ctx, map[string]any{"detach": request})
	s.says(detach, err, "vco-bylabel: detaching")
	s.until("it is detached", func(c *local.Cloud) bool { return !attached("vco-bylabel")(c) })
}

// tag has a person say where a connection belongs.
func (s *served) tag(id, router string) {
	s.t.Helper()
	tags := map[string]string{"vpn-attach:transit-router": router}
	if err := s.cloud.Cloud().Estate.Retag(id, tags, nil); err != nil {
		s.t.Fatal(err)
	}
}

// isRemoved: the function is gone, and no message and no attachment is.
func (s *served) isRemoved(ctx context.Context) {
	s.t.Helper()
	if _, err := s.Status(ctx); err == nil || !strings.Contains(err.Error(), "has no function vpn-attach") {
		s.t.Errorf("after the removal: %v", err)
	}
	c := s.cloud.Cloud()
	id, err := c.Estate.CreateConnection(estate.VPNConnection{
		Name: "late", Tags: map[string]string{"vpn-attach:transit-router": "tr-core"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, queue := range []string{c.EventQueue, c.DeadLetters, "vpn-attach-inbox"} {
		if !slices.Contains(c.Queues.QueueNames(), queue) {
			s.t.Errorf("queue %s is gone", queue)
		}
	}
	if n := c.Queues.Stats(c.EventQueue).Active; n != 0 || !attached("vco-one")(c) || attached(id)(c) {
		s.t.Errorf("%d events came though there is no rule", n)
	}
}
