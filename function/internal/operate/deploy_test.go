package operate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"vpn-attach/function/internal/operate"
)

// deployed is an account in which the stack is deployed.
func deployed(t *testing.T) (*account, operate.Operator) {
	t.Helper()
	a := newAccount(t)
	o := a.operator()
	if _, err := o.Deploy(t.Context(), operate.DeployOptions{}); err != nil {
		t.Fatal(err)
	}
	a.changes()
	return a, o
}

func TestADeploymentMakesEverythingInItsOrderAndOnce(t *testing.T) {
	a := newAccount(t)
	o := a.operator()
	pairs := []operate.Pair{{Name: "LOG_LEVEL", Value: "debug"}}
	done, err := o.Deploy(t.Context(), operate.DeployOptions{Pairs: pairs})
	if err != nil {
		t.Fatal(err)
	}
	const before = "oss mb, oss cp, eventbridge CreateServiceLinkedRoleForProduct, " +
		"resourcemanager CreateServiceLinkedRole, "
	want := before + "ros CreateStack, publish, alias 1, ros UpdateStack"
	if got := a.changes(); got != want {
		t.Errorf("first it did\n%s\nwant\n%s", got, want)
	}
	for _, word := range []string{"version 1 is live", "told: nobody", "a dry run compared 7 connections"} {
		if !strings.Contains(done.Text(), word) {
			t.Errorf("it does not say %q:\n%s", word, done.Text())
		}
	}
	if a.given["LogLevel"] != "debug" || a.given["Qualifier"] != "live" || !a.triggers["queue"] {
		t.Errorf("the stack was given %v, the triggers are %v", a.given, a.triggers)
	}
	if _, err = o.Deploy(t.Context(), operate.DeployOptions{}); err != nil {
		t.Fatal(err)
	}
	if got, want := a.changes(), before+"ros UpdateStack, publish, alias 2"; got != want {
		t.Errorf("again it did\n%s\nwant\n%s", got, want)
	}
}

func TestAKeyIsMadeOnceKeptAndChangedOnRequest(t *testing.T) {
	a, o := deployed(t)
	first := a.given["FollowUpKey"]
	if _, err := o.Deploy(t.Context(), operate.DeployOptions{}); err != nil || a.given["FollowUpKey"] != first {
		t.Errorf("the key did not stay, %v", err)
	}
	done, err := o.Deploy(t.Context(), operate.DeployOptions{NewKey: true})
	second := a.given["FollowUpKey"]
	if err != nil || len(first) != 64 || len(second) != 64 || first == second {
		t.Errorf("the keys are not two different ones of 64 characters, %v", err)
	}
	if a.given["FollowUpKeyPrevious"] != first || strings.Contains(done.Text(), second) {
		t.Error("the old key is not the previous one, or a key was printed")
	}
}

func TestADeploymentStopsWhereItCannotTrustWhatIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		prepare     func(a *account, o *operate.Operator)
		word, never string
	}{
		"a bucket of another account": {func(a *account, _ *operate.Operator) { a.bucket = "6543210987654321" },
			"does not belong to account", "oss cp"},
		"a bucket whose owner cannot be seen": {func(a *account, _ *operate.Operator) {
			a.refuses["oss stat"] = "AccessDenied"
		}, "does not belong to account", "oss cp"},
		"a service that is not activated": {func(a *account, _ *operate.Operator) {
			a.refuses["eventbridge CreateServiceLinkedRoleForProduct"] = "ServiceNotEnable"
		}, "activate EventBridge", "ros CreateStack"},
		"a function with code of another kind": {func(_ *account, o *operate.Operator) {
			o.Make = func(context.Context) (operate.Package, error) {
				return operate.Package{SHA256: "x", CRC64: "42"}, nil
			}
		}, "but 42 was meant", "publish"},
		"a stack that fails": {func(a *account, _ *operate.Operator) { a.refuses["stack"] = "CREATE_FAILED" },
			"the quota is used up", "publish"},
		"a CLI without credentials": {func(a *account, _ *operate.Operator) {
			a.refuses["sts GetCallerIdentity"] = "InvalidAccessKeyId"
		}, "fix: aliyun configure", "oss mb"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			o := a.operator()
			c.prepare(a, &o)
			_, err := o.Deploy(t.Context(), operate.DeployOptions{})
			made := a.changes()
			if err == nil || !strings.Contains(err.Error(), c.word) || strings.Contains(made, c.never) {
				t.Errorf("%v; it did %s", err, made)
			}
		})
	}
}

func TestAPauseSurvivesADeploymentARollbackAndASetting(t *testing.T) {
	a, o := deployed(t)
	if _, err := o.Switch(t.Context(), false, false); err != nil || a.changes() != "fc PUT" {
		t.Fatal(err)
	}
	isPaused := func(after string) {
		t.Helper()
		if a.triggers["queue"] || a.triggers["sweep"] {
			t.Errorf("after %s the triggers are %v", after, a.triggers)
		}
	}
	done, err := o.Deploy(t.Context(), operate.DeployOptions{})
	if isPaused("a deployment"); err != nil || !strings.Contains(done.Text(), "it is paused") {
		t.Errorf("%v: %s", err, done.Text())
	}
	if _, err := o.Rollback(t.Context(), "1", false); err != nil {
		t.Error(err)
	}
	isPaused("a rollback")
	if _, err := o.Set(t.Context(), []operate.Pair{{Name: "SWEEP", Value: "attach"}}, false); err != nil {
		t.Error(err)
	}
	isPaused("a setting")
	if _, err := o.Switch(t.Context(), true, false); err != nil || !a.triggers["queue"] || !a.triggers["sweep"] {
		t.Errorf("after resume the triggers are %v, %v", a.triggers, err)
	}
}

func TestASettingLeavesTheCodeThatIsLive(t *testing.T) {
	a, o := deployed(t)
	o.Make = func(context.Context) (operate.Package, error) {
		return built("sha-bad"), nil
	}
	if _, err := o.Deploy(t.Context(), operate.DeployOptions{}); err != nil || a.live != "2" {
		t.Fatalf("version %s is live, %v", a.live, err)
	}
	if _, err := o.Rollback(t.Context(), "1", false); err != nil || a.live != "1" {
		t.Fatalf("version %s is live, %v", a.live, err)
	}
	done, err := o.Set(t.Context(), []operate.Pair{{Name: "RETRY_HORIZON", Value: "48h"}}, false)
	if err != nil || a.live != "3" || a.versions[2] != "sha-new" {
		t.Errorf("version %s of %v is live, %v", a.live, a.versions, err)
	}
	if a.given["RetryHorizon"] != "48h" || a.given["CodeObject"] != "vpn-attach/sha-new.zip" {
		t.Errorf("the stack was given %v; it says %s", a.given, done.Text())
	}
}

func TestAWrongSettingTouchesNothing(t *testing.T) {
	a, o := deployed(t)
	for _, pair := range []operate.Pair{
		{Name: "RETRY_HORIZON", Value: "900h"}, {Name: "QUOTAS", Value: "Nothing=1"}, {Name: "SWEEP", Value: "on"},
		{Name: "SWEEP_MAX", Value: "0"}, {Name: "SWEPT", Value: "1"}, {Name: "Started", Value: "true"},
	} {
		_, err := o.Set(t.Context(), []operate.Pair{{Name: "SWEEP", Value: "attach"}, pair}, false)
		var wrong *operate.UsageError
		if made := a.changes(); !errors.As(err, &wrong) || made != "" {
			t.Errorf("%s=%s: %v; it did %s", pair.Name, pair.Value, err, made)
		}
	}
}

func TestADryRunOfAnyVerbTouchesNothing(t *testing.T) {
	a, o := deployed(t)
	for name, run := range map[string]func() (operate.Result, error){
		"deploy": func() (operate.Result, error) {
			return o.Deploy(t.Context(), operate.DeployOptions{DryRun: true})
		},
		"set": func() (operate.Result, error) {
			return o.Set(t.Context(), []operate.Pair{{Name: "SWEEP", Value: "off"}}, true)
		},
		"pause":    func() (operate.Result, error) { return o.Switch(t.Context(), false, true) },
		"rollback": func() (operate.Result, error) { return o.Rollback(t.Context(), "1", true) },
		"remove":   func() (operate.Result, error) { return o.Remove(t.Context(), false) },
	} {
		result, err := run()
		if made := a.changes(); err != nil || made != "" || result.Text() == "" {
			t.Errorf("%s: %v; it did %s", name, err, made)
		}
	}
	if _, err := o.Remove(t.Context(), true); err != nil || a.changes() != "ros DeleteStack" {
		t.Errorf("remove --yes: %v", err)
	}
}

func TestARollbackToNoVersionIsRefused(t *testing.T) {
	a, o := deployed(t)
	_, err := o.Rollback(t.Context(), "7", false)
	if err == nil || a.changes() != "" || a.live != "1" {
		t.Errorf("version %s is live, %v", a.live, err)
	}
}
