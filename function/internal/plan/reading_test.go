package plan

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
)

// TestAThrottleIsWaitedFor also where the service does not say how long, and not for ever.
func TestAThrottleIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		refused cloud.APIError
		times   int
		passes  bool
	}{
		"it says how long":   {cloud.APIError{Code: "Throttling.User", RetryAfter: 20 * time.Second}, 10, true},
		"it does not say":    {cloud.APIError{Code: "Throttling.User", Status: 400}, 30, true},
		"it never ends":      {cloud.APIError{Code: "Throttling", Status: 400}, 1000, false},
		"it is no throttle":  {cloud.APIError{Code: "InvalidParameter", Status: 400}, 1, false},
		"it is not allowed":  {cloud.APIError{Code: "Forbidden.RAM", Status: 403, RetryAfter: time.Second}, 1, false},
		"it fails for a bit": {cloud.APIError{Code: "ServiceUnavailable", Status: 503}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, calls := time.Now(), 0
				a := &Account{Share: 1}
				err := a.call(t.Context(), "cn-hangzhou", cloud.ActionRouters, func(context.Context) error {
					if calls++; calls <= c.times {
						return &c.refused
					}
					return nil
				})
				if (err == nil) != c.passes || time.Since(began) > 10*time.Minute {
					t.Errorf("after %d calls and %s: %v", calls, time.Since(began), err)
				}
			})
		})
	}
}
