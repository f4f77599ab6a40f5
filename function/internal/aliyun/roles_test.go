package aliyun_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/sign"
	"vpn-attach/function/internal/standin/sts"
)

const member, other = "6543210987654321", "1111222233334444"

// direct hands requests to a handler as a server would get them, without a network.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	received := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), http.NoBody)
	for name, values := range r.Header {
		received.Header[http.CanonicalHeaderKey(name)] = values
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, received)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func rolesOver(handler http.Handler) *aliyun.Roles {
	return &aliyun.Roles{
		ARN: "acs:ram::{account}:role/reader", ExternalID: "xx", Own: aliyun.NewCredentials("STS.own", "sk", "token"),
		Endpoint: &url.URL{Scheme: "https", Host: "sts.aliyuncs.com"}, HTTP: aliyun.NewHTTPClient(1, direct{handler}),
	}
}

// slowly lets every request of a handler take some time, unless its client leaves before.
func slowly(d time.Duration, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
			handler.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

// service is STS, which knows a role in two accounts; issued counts the sessions.
func service() (s *sts.Service, keys *sign.Keyring, issued *atomic.Int32) {
	keys, issued = &sign.Keyring{}, &atomic.Int32{}
	keys.Add("STS.own", "sk", "token")
	return sts.New(sts.Options{
		Roles: []sts.Role{{Account: member, Name: "reader", ExternalID: "xx"},
			{Account: other, Name: "reader", ExternalID: "xx"}},
		Keys: keys,
		Issue: func(r sts.Role) sts.Key {
			return sts.Key{ID: fmt.Sprintf("STS.%s.%d", r.Account, issued.Add(1)), Secret: "secret", Token: "token"}
		},
	}), keys, issued
}

// keyOf is the access key with which an account is reached.
func keyOf(t *testing.T, r *aliyun.Roles, account string) string {
	t.Helper()
	var key string
	if err := r.Do(t.Context(), account, func(c *aliyun.Credentials) error {
		model, err := c.GetCredential()
		if err != nil || *model.AccessKeySecret == "" || *model.SecurityToken == "" || *model.Type != "sts" {
			t.Fatalf("got %+v, %v", model, err)
		}
		key = *model.AccessKeyId
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return key
}

// try is a call in an account that does nothing: its error is why there is no session.
func try(ctx context.Context, r *aliyun.Roles, account string) error {
	return r.Do(ctx, account, func(*aliyun.Credentials) error { return nil })
}

func TestTheOwnAccountNeedsNoRole(t *testing.T) {
	roles := rolesOver(http.NotFoundHandler())
	if got := keyOf(t, roles, ""); got != "STS.own" {
		t.Errorf("got %s", got)
	}
}

func TestASessionIsKeptUntilThreeMinutesBeforeItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, keys, _ := service()
		roles := rolesOver(s)
		first := keyOf(t, roles, member)
		time.Sleep(57*time.Minute - time.Second)
		if got := keyOf(t, roles, member); got != first {
			t.Errorf("after 56:59 the session is %s, not %s", got, first)
		}
		keys.Expire("STS.own")
		keys.Add("STS.later", "sk", "token")
		roles.Own.Set("STS.later", "sk", "token")
		time.Sleep(time.Second)
		if got := keyOf(t, roles, member); got == first {
			t.Error("after 57 minutes it is still the same")
		}
	})
}

func TestOneSessionIsFetchedAtATimeForEachAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, issued := service()
		roles := rolesOver(slowly(time.Second, s))
		began := time.Now()
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				account := []string{member, other}[i%2]
				if got := keyOf(t, roles, account); !strings.HasPrefix(got, "STS."+account) {
					t.Errorf("account %s has %s", account, got)
				}
			})
		}
		wait.Wait()
		if took := time.Since(began); issued.Load() != 2 || took != time.Second {
			t.Errorf("%d sessions in %s", issued.Load(), took)
		}
	})
}

// unanswered is the error of a call that nobody answered in a way that can be read.
func unanswered(t *testing.T, err error, message string) {
	t.Helper()
	var api *cloud.APIError
	if !errors.As(err, &api) || api.Action != cloud.ActionAssumeRole || api.Status != 0 || api.Code != "" ||
		!strings.Contains(api.Message, message) {
		t.Errorf("got %v, want %q", err, message)
	}
}

func TestAFetchAndTheWaitForOneEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, issued := service()
		roles := rolesOver(slowly(time.Hour, s))
		began := time.Now()
		var wait sync.WaitGroup
		for _, limit := range []time.Duration{10 * time.Second, time.Second} {
			wait.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				err := try(ctx, roles, member)
				unanswered(t, err, "no answer in time")
				if took := time.Since(began); took.Truncate(time.Second) != limit {
					t.Errorf("with %s it took %s", limit, took)
				}
			})
			synctest.Wait() // the first one fetches
		}
		wait.Wait()
		if issued.Load() != 0 {
			t.Errorf("%d sessions", issued.Load())
		}
	})
}

func TestARefusalKeepsItsCodeAndIsBelievedForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, keys, _ := service()
		keys.Expire("STS.own")
		roles := rolesOver(s)
		refused := func(code string, status int) {
			t.Helper()
			var api *cloud.APIError
			if err := try(t.Context(), roles, member); !errors.As(err, &api) || api.Code != code ||
				api.Action != cloud.ActionAssumeRole || api.Status != status || api.RequestID == "" ||
				api.RetryAfter != time.Second {
				t.Errorf("got %v, want %s", err, code)
			}
		}
		refused("InvalidSecurityToken.Expired", 400)
		keys.Add("STS.own", "sk", "token")
		roles.ExternalID = "yy"
		time.Sleep(time.Second - 1)
		refused("InvalidSecurityToken.Expired", 400)
		time.Sleep(time.Nanosecond)
		refused("NoPermission", 403)
		time.Sleep(time.Second)
		roles.ExternalID, roles.ARN = "xx", "acs:ram::{account}:role/nobody"
		refused("EntityNotExist.Role", 404)
		time.Sleep(time.Second)
		roles.ARN = "acs:ram::{account}:role/reader"
		if got := keyOf(t, roles, member); got == "" {
			t.Error("no session after all")
		}
	})
}

// TestAServiceThatHangsIsWaitedForOnce: of twenty calls one asks, all end with it, and the twenty after them at once.
func TestAServiceThatHangsIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		roles := rolesOver(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			asked++
			<-r.Context().Done()
		}))
		round := func(took time.Duration, calls int) {
			t.Helper()
			began := time.Now()
			var wait sync.WaitGroup
			for range 20 {
				wait.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					defer cancel()
					unanswered(t, try(ctx, roles, member), "no answer in time")
				})
			}
			wait.Wait()
			if asked != calls || time.Since(began) != took {
				t.Errorf("%d requests and %s, want %d and %s", asked, time.Since(began), calls, took)
			}
		}
		round(5*time.Second, 1)
		round(0, 1)
		time.Sleep(10*time.Second - 1)
		round(0, 1)
		time.Sleep(time.Nanosecond)
		round(5*time.Second, 2)
		var api *cloud.APIError
		if err := try(t.Context(), roles, member); !errors.As(err, &api) || api.RetryAfter != 10*time.Second {
			t.Errorf("asked to wait %s, which is waited for within the invocation", api.RetryAfter)
		}
	})
}

func TestACallThatWasGivenUpSaysNothingOfTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, _ := service()
		roles := rolesOver(slowly(time.Second, s))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		unanswered(t, try(ctx, roles, member), "given up")
		if got := keyOf(t, roles, member); got == "" {
			t.Error("no session after all")
		}
	})
}

func TestAPanicDuringAFetchFailsThoseWhoWaitForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		roles := rolesOver(slowly(time.Second, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			panic("canary")
		})))
		var wait sync.WaitGroup
		wait.Go(func() {
			defer func() { _ = recover() }()
			_ = try(t.Context(), roles, member)
		})
		synctest.Wait()
		unanswered(t, try(t.Context(), roles, member), "not about what was asked for")
		wait.Wait()
	})
}

// TestARefusedSessionIsReplacedOnce: by the code with which the service that was called refuses it.
func TestARefusedSessionIsReplacedOnce(t *testing.T) {
	for code, replaced := range map[string]bool{
		"InvalidSecurityToken.Expired": true, "InvalidSecurityToken.Malformed": true, "InvalidSecurityToken": true,
		"InvalidSecurityToken.MismatchWithAccessKey": true, "SecurityTokenExpired": true,
		"InvalidAccessKeyId.NotFound": true, "InvalidAccessKeyId.Inactive": true, "InvalidAccessKeyId": true,
		"Forbidden.RAM": false, "SignatureDoesNotMatch": false, "InvalidAccessKeyIdentity": false, "": false,
	} {
		t.Run(code, func(t *testing.T) {
			s, _, issued := service()
			roles := rolesOver(s)
			for _, refusals := range []int{1, 9} {
				first, used := keyOf(t, roles, member), []string(nil)
				err := roles.Do(t.Context(), member, func(c *aliyun.Credentials) error {
					id, _ := c.GetAccessKeyId()
					if used = append(used, *id); len(used) <= refusals {
						return &cloud.APIError{Action: cloud.ActionDescribe, Code: code, Status: 400}
					}
					return nil
				})
				if calls := len(used); used[0] != first || replaced != (calls == 2) || calls > 2 ||
					replaced && used[0] == used[1] || (err == nil) != (replaced && refusals == 1) {
					t.Errorf("%d refusals: called with %v, and %v", refusals, used, err)
				}
			}
			if got := issued.Load(); replaced && got != 3 || !replaced && got != 1 {
				t.Errorf("%d sessions", got)
			}
		})
	}
}

// TestASessionThatManyFindRefusedIsReplacedOnce: who comes late finds the new one.
func TestASessionThatManyFindRefusedIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, issued := service()
		roles := rolesOver(s)
		first := keyOf(t, roles, member)
		var wait sync.WaitGroup
		for i := range 20 {
			wait.Go(func() {
				if err := roles.Do(t.Context(), member, func(c *aliyun.Credentials) error {
					if id, _ := c.GetAccessKeyId(); *id != first {
						return nil
					}
					time.Sleep(time.Duration(i) * time.Second)
					return &cloud.APIError{Code: "InvalidSecurityToken.Expired", Status: 400}
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if issued.Load() != 2 {
			t.Errorf("%d sessions", issued.Load())
		}
	})
}

func TestTheOwnSessionIsThePlatformsToReplace(t *testing.T) {
	calls := 0
	err := rolesOver(http.NotFoundHandler()).Do(t.Context(), "", func(*aliyun.Credentials) error {
		calls++
		return &cloud.APIError{Code: "InvalidSecurityToken.Expired", Status: 400}
	})
	if err == nil || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestAnAnswerWithoutAWholeSessionIsNone(t *testing.T) {
	const whole = `{"RequestId":"R","Credentials":{"AccessKeyId":"STS.canary","AccessKeySecret":"canary",` +
		`"SecurityToken":"canary","Expiration":"2099-01-01T00:00:00Z"}}`
	without := func(member string) string { return strings.Replace(whole, `"`+member+`":`, `"No`+member+`":`, 1) }
	for name, body := range map[string]string{
		"nothing": "", "a page": "<html>canary", "no session": `{"RequestId":"R"}`,
		"a session that is null": `{"Credentials":null}`,
		"no key":                 without("AccessKeyId"), "no secret": without("AccessKeySecret"),
		"no token":               without("SecurityToken"),
		"no expiry":              without("Expiration"),
		"an expiry that is none": strings.Replace(whole, "2099-01-01T00:00:00Z", "soon", 1),
	} {
		t.Run(name, func(t *testing.T) {
			err := try(t.Context(), rolesOver(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(body))
			})), member)
			unanswered(t, err, "not about what was asked for")
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error repeats the answer: %v", err)
			}
		})
	}
}

func TestCredentialsAnswerSDKsOfEveryMake(t *testing.T) {
	c := aliyun.NewCredentials("ak", "sk", "")
	model, err := c.GetCredential()
	if err != nil || *model.Type != "access_key" || *model.AccessKeyId != "ak" {
		t.Fatalf("got %+v, %v", model, err)
	}
	c.Set("STS.ak", "secret", "token")
	id, _ := c.GetAccessKeyId()
	secret, _ := c.GetAccessKeySecret()
	token, _ := c.GetSecurityToken()
	if *id != "STS.ak" || *secret != "secret" || *token != "token" || *c.GetType() != "sts" ||
		c.GetBearerToken() != nil {
		t.Errorf("got %s %s %s %s", *id, *secret, *token, *c.GetType())
	}
}
