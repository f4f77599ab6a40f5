package plan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/pace"
)

// Account is the estate that is read, and how.
type Account struct {
	Reader   cloud.Reader
	Quotas   map[string]cloud.Quota
	Share    float64      // of every quota, that reading may use
	Refresh  func() error // takes the credentials anew, before a call; may be nil
	Journal  *Journal
	Progress func(Progress) // may be nil

	limits map[string]*rate.Limiter // by action and region
}

// The tries of one call, and how long a throttle is waited for in all.
const (
	tries       = 4
	callTimeout = 20 * time.Second
	mostWaits   = 20
	longestWait = time.Minute
	usualWait   = 5 * time.Second // after a throttle that does not say how long
)

// pager is a call of cloud.Reader that gives one page of a list.
type pager[F, T any] func(ctx context.Context, filter F, cursor string) (cloud.Page[T], error)

// readAll reads all pages of a list. A page that an interrupted reading has had is not read again.
func readAll[F, T any](ctx context.Context, a *Account, region, action string, read pager[F, T], f F) ([]T, error) {
	var all []T
	began, cursor, size, fetched := time.Now(), "", 0, 0
	for number := 1; ; number++ {
		key := fmt.Sprintf("%s %+v %s", action, f, cursor)
		var page cloud.Page[T]
		if !a.Journal.find(key, &page) {
			err := a.call(ctx, region, action, func(ctx context.Context) (err error) {
				page, err = read(ctx, f, cursor)
				return err
			})
			if err != nil {
				return nil, err
			}
			if err := a.Journal.add(key, page); err != nil {
				return nil, err
			}
			fetched++
		}
		all, size = append(all, page.Items...), max(size, len(page.Items))
		pages := page.Pages
		if pages == 0 && size > 0 { // the service tells how many items there are
			pages = (page.Total + size - 1) / size
		}
		a.tell(Progress{
			What: region + ": " + wordsOf(action), Unit: "pages", Done: number, Of: pages,
			Left: leftOf(began, fetched, pages-number),
		})
		if page.Next == "" || page.Next == cursor {
			return all, nil
		}
		cursor = page.Next
	}
}

// call makes a call in its turn under the quota's share, and waits as long as a throttle asks.
func (a *Account) call(ctx context.Context, region, action string, do func(context.Context) error) error {
	codes := decide.NewCodes(nil)
	once := &pace.Pace{
		CallTimeout: callTimeout, Tries: tries, FirstWait: 200 * time.Millisecond, LongestWait: 2 * time.Second,
		Retryable: func(err error) bool { return codes.ClassOf(err) == decide.ClassRetry },
	}
	for wait := 1; ; wait++ {
		if err := a.limit(region, action).Wait(ctx); err != nil {
			return fmt.Errorf("waiting for the turn of %s: %w", action, err)
		}
		if a.Refresh != nil {
			if err := a.Refresh(); err != nil {
				return err
			}
		}
		err := once.Do(ctx, pace.Call{Region: region, Action: action}, do)
		pause := pauseOf(err)
		if pause == 0 || wait == mostWaits {
			return err
		}
		if err := pace.Sleep(ctx, pause); err != nil {
			return fmt.Errorf("waiting for the quota of %s: %w", action, err)
		}
	}
}

// pauseOf is how long to wait after a call that ended so, before it is made again; 0 is not at all.
func pauseOf(err error) time.Duration {
	var refused *cloud.APIError
	switch {
	case !errors.As(err, &refused) || denied(err):
		return 0
	case refused.RetryAfter > 0:
		return min(refused.RetryAfter, longestWait)
	case pace.IsThrottle(err):
		return usualWait
	}
	return 0
}

// limit is the limiter of an action in a region: a share of its quota, of which four seconds can be used at once.
func (a *Account) limit(region, action string) *rate.Limiter {
	key := action + " " + region
	if a.limits == nil {
		a.limits = map[string]*rate.Limiter{}
	}
	if a.limits[key] == nil {
		quota, found := a.Quotas[action]
		each := rate.Limit(quota.Rate() * a.Share)
		if !found {
			each = rate.Inf
		}
		a.limits[key] = rate.NewLimiter(each, max(1, int(4*each)))
	}
	return a.limits[key]
}

func (a *Account) tell(p Progress) {
	if a.Progress != nil {
		a.Progress(p)
	}
}

// denied reports whether an error is a missing permission, without which the rest can still be read.
func denied(err error) bool {
	var refused *cloud.APIError
	return errors.As(err, &refused) && (refused.Status == http.StatusForbidden ||
		slices.Contains([]string{"Forbidden.RAM", "NoPermission"}, refused.Code))
}
