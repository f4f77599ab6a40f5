package pace

import (
	"context"
	"errors"
	"testing"

	"vpn-attach/function/internal/cloud"
)

func TestEveryTryAndEveryThrottleIsCounted(t *testing.T) {
	throttled := &cloud.APIError{Code: "Throttling.User", Status: 400}
	answers := []error{throttled, throttled, nil, errors.New("no answer")}
	p := &Pace{Tries: 3, Retryable: func(err error) bool { return errors.Is(err, throttled) }}
	before := p.Counts()
	for range 2 { // the first one is tried three times
		_ = p.Do(t.Context(), Call{Action: "ListTransitRouters"}, func(context.Context) error {
			answer := answers[0]
			answers = answers[1:]
			return answer
		})
	}
	if got := p.Counts().Since(before); got != (Counts{Calls: 4, Throttles: 2}) {
		t.Errorf("counted %+v", got)
	}
	if got := (*Pace)(nil).Counts(); got != (Counts{}) {
		t.Errorf("nobody counted %+v", got)
	}
}
