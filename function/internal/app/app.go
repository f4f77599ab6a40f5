package app

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fccontext"
	"github.com/rs/zerolog"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/attach"
	"vpn-attach/function/internal/cbn"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/vpc"
)

// App is the function, ready to be invoked.
type App struct {
	config      Config
	credentials *aliyun.Credentials
	attacher    *attach.Attacher
	warm        atomic.Bool
}

// The in-process tries of one API call. What outlives them is reported.
const (
	tries        = 4
	firstBackoff = 200 * time.Millisecond
	mostBackoff  = 2 * time.Second
)

// New wires the function and writes its log to out. It makes no calls.
func New(c Config, out io.Writer) (*App, error) {
	credentials := aliyun.NewCredentials(c.AccessKeyID, c.AccessKeySecret, c.SecurityToken)
	queueing, err := mns.New(c.MNSEndpoint, credentials, c.CallTimeout)
	if err != nil {
		return nil, err
	}
	pool := aliyun.NewHTTPClient(c.Concurrency)
	routers := &cbn.Client{Endpoint: c.CBNEndpoint, Credentials: credentials, HTTP: pool}
	log := zerolog.New(out).Level(c.LogLevel).With().Timestamp().Logger()
	roles := &aliyun.Roles{ARN: c.Rules.OwnerRole, ExternalID: c.Rules.OwnerExternalID, Endpoint: c.STSEndpoint, Own: credentials, Timeout: c.CallTimeout}
	connections := &vpc.Client{Endpoint: c.VPCEndpoint, Roles: roles, HTTP: pool}
	codes := decide.NewTable(c.ErrorClasses)
	services := shim{routers, connections}
	attacher := &attach.Attacher{
		Reader: services, Writer: services,
		Topic: mns.Topic{Client: queueing, Name: c.Topic},
		Queue: mns.Queue{Client: queueing, Name: c.Queue},

		Rules:    c.Rules,
		Schedule: decide.Schedule{Horizon: c.RetryHorizon, ConfirmTimeout: c.ConfirmTimeout, Codes: codes},
		Pace: &pace.Pace{
			Quotas: c.Quotas, Share: c.QuotaShare / float64(c.MaxInstances), Slots: c.RouterConcurrency, CallTimeout: c.CallTimeout,
			Tries: tries, FirstWait: firstBackoff, LongestWait: mostBackoff,
			Retryable: func(err error) bool { return codes.ClassOf(err) == decide.ClassRetry },
		},
		Rereads:     tries,
		Concurrency: c.Concurrency,
		Paused:      c.Paused,
		Sweep:       c.Sweep,
		SweepMax:    c.SweepMax,
		Log:         log,
	}
	if c.Paused {
		log.Warn().Msg("PAUSE is set: every message goes back to the event queue for five minutes, and nothing is attached")
	}
	if c.DeadLetters == "" {
		log.Warn().Msg("MNS_DEAD_LETTER_QUEUE is not set: what is given up stays in the event queue until the queue drops it")
	} else {
		attacher.DeadLetters = mns.Queue{Client: queueing, Name: c.DeadLetters}
	}
	return &App{config: c, credentials: credentials, attacher: attacher}, nil
}

// Handle serves one invocation: the handler that is given to the runtime SDK. The
// platform hands over credentials with every invocation, and only those are fresh.
func (a *App) Handle(ctx context.Context, payload []byte) (attach.Answer, error) {
	inv := attach.Invocation{
		Function: decide.Function{RegionID: a.config.RegionID, AccountID: a.config.AccountID, Name: a.config.FunctionName},
		Started:  time.Now(), Cold: !a.warm.Swap(true),
	}
	if fc, found := fccontext.FromContext(ctx); found {
		inv.RequestID = fc.RequestID
		inv.RegionID = or(fc.Region, inv.RegionID)
		inv.AccountID = or(fc.AccountId, inv.AccountID)
		inv.Name = or(fc.Function.Name, inv.Name)
		if key := fc.Credentials; key.AccessKeyId != "" {
			a.credentials.Set(key.AccessKeyId, key.AccessKeySecret, key.SecurityToken)
		}
	}
	if inv.RegionID == "" || inv.AccountID == "" {
		return attach.Answer{}, fmt.Errorf("starting the invocation: the platform named no region or no account")
	}
	return a.attacher.Handle(ctx, inv, payload)
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
