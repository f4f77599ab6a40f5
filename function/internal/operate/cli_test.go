package operate_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/operate"
)

// everyCall is what all verbs call, each kind of call once.
func everyCall(t *testing.T) (all []operate.Call) {
	t.Helper()
	drill(t, "", func(t *testing.T, s *site) {
		a := s.inAccount()
		task := `{"data":{"status":"failed","vpnConnectionId":"vco-1","regionId":"cn-beijing"}}`
		if _, err := s.cloud.Queues.Send("vpn-attach-inbox", task, 0); err != nil {
			t.Fatal(err)
		}
		ctx, pair := t.Context(), []operate.Pair{{Name: "OutcomeFilterTag", Value: "failed"}}
		ofOne := operate.LogChoice{Connection: "vco-1"}
		for name, run := range map[string]func() (operate.Result, error){
			"deploy":   func() (operate.Result, error) { return s.Deploy(ctx, operate.DeployOptions{NewKey: true}) },
			"status":   func() (operate.Result, error) { return s.Status(ctx) },
			"doctor":   func() (operate.Result, error) { return s.Doctor(ctx) },
			"inbox":    func() (operate.Result, error) { return s.Inbox(ctx, operate.Choice{}, false) },
			"logs":     func() (operate.Result, error) { return s.Logs(ctx, ofOne) },
			"set":      func() (operate.Result, error) { return s.Set(ctx, pair, false) },
			"rollback": func() (operate.Result, error) { return s.Rollback(ctx, "1", false) },
			"pause":    func() (operate.Result, error) { return s.Switch(ctx, false, false) },
		} {
			if _, err := run(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.Remove(t.Context(), true); err != nil {
			t.Error(err)
		}
		all = a.made
	})
	kind := func(c operate.Call) string {
		text := c.Service + " " + c.Action + " " + c.Path
		for _, flag := range c.Flags {
			if strings.HasPrefix(flag, "--") {
				text += flag
			}
		}
		return regexp.MustCompile(`[0-9]+`).ReplaceAllString(text, "")
	}
	slices.SortFunc(all, func(a, b operate.Call) int { return strings.Compare(kind(a), kind(b)) })
	return slices.CompactFunc(all, func(a, b operate.Call) bool { return kind(a) == kind(b) })
}

// TestTheCLITakesEveryCommand has the aliyun CLI that ALIYUN names take the commands and make no call.
func TestTheCLITakesEveryCommand(t *testing.T) {
	program := os.Getenv("ALIYUN")
	if program == "" {
		t.Skip("ALIYUN names no aliyun CLI")
	}
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "local")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "local")
	t.Setenv("HOME", t.TempDir())
	cli := standIn(t, `exec "`+program+`" "$@" --dryrun`)
	taken := 0
	for _, c := range everyCall(t) {
		if c.Service == "oss" || c.Service == "sls" {
			continue // they know no dry run
		}
		said, err := cli.Call(t.Context(), c)
		if err != nil || !strings.Contains(string(said), "dry-run mode") {
			t.Errorf("%s %s %s %q: %v\n%s", c.Service, c.Action, c.Path, c.Flags, err, said)
		}
		taken++
	}
	t.Logf("%d kinds of calls were taken", taken)
}
