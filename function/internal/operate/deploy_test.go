package operate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"vpn-attach/function/internal/operate"
)

func TestADeploymentMakesEverythingInItsOrderAndOnce(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		a := s.account()
		pairs := []operate.Pair{{Name: "LOG_LEVEL", Value: "debug"}}
		done, err := s.Deploy(t.Context(), operate.DeployOptions{Pairs: pairs})
		if err != nil {
			t.Fatal(err)
		}
		const before = "oss mb, oss cp, eventbridge CreateServiceLinkedRoleForProduct, " +
			"resourcemanager CreateServiceLinkedRole, "
		want := before + "ros CreateStack, publish, alias 1, ros UpdateStack"
		if got := a.changes(); got != want {
			t.Errorf("first it did\n%s\nwant\n%s", got, want)
		}
		for _, word := range []string{"version 1 is live", "told: nobody", "a dry run compared 5 connections"} {
			if !strings.Contains(done.Text(), word) {
				t.Errorf("it does not say %q:\n%s", word, done.Text())
			}
		}
		if a.given("LogLevel") != "debug" || a.given("Qualifier") != "live" || a.started() != "both" ||
			s.cloud.Variables()["LOG_LEVEL"] != "debug" {
			t.Errorf("the function has %v, triggers started: %s", s.cloud.Variables(), a.started())
		}
		if _, err = s.Deploy(t.Context(), operate.DeployOptions{}); err != nil {
			t.Fatal(err)
		}
		if got, want := a.changes(), before+"ros UpdateStack, publish, alias 2"; got != want {
			t.Errorf("again it did\n%s\nwant\n%s", got, want)
		}
	})
}

func TestAKeyIsMadeOnceKeptAndChangedOnRequest(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		s.inAccount()
		key := func() string { return s.cloud.Variables()["FOLLOW_UP_KEY"] }
		first := key()
		if _, err := s.Deploy(t.Context(), operate.DeployOptions{}); err != nil || key() != first {
			t.Errorf("the key did not stay, %v", err)
		}
		done, err := s.Deploy(t.Context(), operate.DeployOptions{NewKey: true})
		second := key()
		if err != nil || len(first) != 64 || len(second) != 64 || first == second {
			t.Errorf("the keys are not two different ones of 64 characters, %v", err)
		}
		if s.cloud.Variables()["FOLLOW_UP_KEY_PREVIOUS"] != first || strings.Contains(done.Text(), second) {
			t.Error("the old key is not the previous one, or a key was printed")
		}
	})
}

func TestADeploymentStopsWhereItCannotTrustWhatIsThere(t *testing.T) {
	for name, c := range map[string]struct {
		prepare     func(a *account, s *site)
		word, never string
	}{
		"a bucket of another account": {func(a *account, _ *site) {
			a.says["oss stat"] = "Owner : 6543210987654321\n"
		}, "does not belong to account", "oss cp"},
		"a bucket whose owner cannot be seen": {func(a *account, _ *site) {
			a.refuses["oss stat"] = "AccessDenied"
		}, "does not belong to account", "oss cp"},
		"a service that is not activated": {func(a *account, _ *site) {
			a.refuses["eventbridge CreateServiceLinkedRoleForProduct"] = "ServiceNotEnable"
		}, "activate EventBridge", "ros CreateStack"},
		"a function with code of another kind": {func(_ *account, s *site) {
			s.Make = func(context.Context) (operate.Package, error) {
				p := built(s.t, "x")
				p.CRC64 = "42"
				return p, nil
			}
		}, "but 42 was meant", "publish"},
		"a stack that fails": {func(a *account, _ *site) { a.says["oss cp"] = "lost on the way" },
			"has no object vpn-attach/sha-new.zip", "publish"},
		"a CLI without credentials": {func(a *account, _ *site) {
			a.refuses["sts GetCallerIdentity"] = "InvalidAccessKeyId"
		}, "fix: aliyun configure", "oss mb"},
	} {
		t.Run(name, func(t *testing.T) {
			drill(t, "", func(t *testing.T, s *site) {
				a := s.account()
				c.prepare(a, s)
				_, err := s.Deploy(t.Context(), operate.DeployOptions{})
				made := a.changes()
				if err == nil || !strings.Contains(err.Error(), c.word) || strings.Contains(made, c.never) {
					t.Errorf("%v; it did %s", err, made)
				}
				a.says, a.refuses = map[string]string{}, map[string]string{}
				s.Make = func(context.Context) (operate.Package, error) { return built(s.t, "sha-new"), nil }
				done, err := s.Deploy(t.Context(), operate.DeployOptions{}) // once that is put right
				if err != nil || !strings.Contains(done.Text(), "version 1 is live") {
					t.Errorf("afterwards: %v", err)
				}
			})
		})
	}
}

func TestAPauseSurvivesADeploymentARollbackAndASetting(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		a := s.inAccount()
		if _, err := s.Switch(t.Context(), false, false); err != nil || a.changes() != "fc PUT" {
			t.Fatal(err)
		}
		isPaused := func(after string) {
			t.Helper()
			if started := a.started(); started != "none" {
				t.Errorf("after %s the triggers that are started: %s", after, started)
			}
		}
		done, err := s.Deploy(t.Context(), operate.DeployOptions{})
		if isPaused("a deployment"); err != nil || !strings.Contains(done.Text(), "it is paused") {
			t.Errorf("%v: %s", err, done.Text())
		}
		if _, err := s.Rollback(t.Context(), "1", false); err != nil {
			t.Error(err)
		}
		isPaused("a rollback")
		if _, err := s.Set(t.Context(), []operate.Pair{{Name: "SWEEP", Value: "attach"}}, false); err != nil {
			t.Error(err)
		}
		isPaused("a setting")
		if _, err := s.Switch(t.Context(), true, false); err != nil || a.started() != "both" {
			t.Errorf("after resume the triggers that are started: %s, %v", a.started(), err)
		}
	})
}

func TestASettingLeavesTheCodeThatIsLive(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		a := s.inAccount()
		s.Make = func(context.Context) (operate.Package, error) { return built(s.t, "sha-bad"), nil }
		if _, err := s.Deploy(t.Context(), operate.DeployOptions{}); err != nil || a.live() != "2" {
			t.Fatalf("version %s is live, %v", a.live(), err)
		}
		if _, err := s.Rollback(t.Context(), "1", false); err != nil || a.live() != "1" {
			t.Fatalf("version %s is live, %v", a.live(), err)
		}
		done, err := s.Set(t.Context(), []operate.Pair{{Name: "RETRY_HORIZON", Value: "48h"}}, false)
		versions, _ := s.Versions(t.Context())
		if err != nil || a.live() != "3" || versions.Versions[0].Source != "sha-new" {
			t.Errorf("version %s of %v is live, %v", a.live(), versions, err)
		}
		if a.given("RetryHorizon") != "48h" || a.given("CodeObject") != "vpn-attach/sha-new.zip" {
			t.Errorf("the stack was given another; it says %s", done.Text())
		}
	})
}

func TestAWrongSettingTouchesNothing(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		a := s.inAccount()
		for _, pair := range []operate.Pair{
			{Name: "RETRY_HORIZON", Value: "900h"}, {Name: "QUOTAS", Value: "Nothing=1"}, {Name: "SWEEP", Value: "on"},
			{Name: "SWEEP_MAX", Value: "0"}, {Name: "SWEPT", Value: "1"}, {Name: "Started", Value: "true"},
		} {
			_, err := s.Set(t.Context(), []operate.Pair{{Name: "SWEEP", Value: "attach"}, pair}, false)
			var wrong *operate.UsageError
			if made := a.changes(); !errors.As(err, &wrong) || made != "" {
				t.Errorf("%s=%s: %v; it did %s", pair.Name, pair.Value, err, made)
			}
		}
	})
}

func TestADryRunOfAnyVerbTouchesNothing(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		a, o := s.inAccount(), s.Operator
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
	})
}

func TestARollbackToNoVersionIsRefused(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		a := s.inAccount()
		_, err := s.Rollback(t.Context(), "7", false)
		if err == nil || a.changes() != "" || a.live() != "1" {
			t.Errorf("version %s is live, %v", a.live(), err)
		}
	})
}
