package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fccontext"
	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/attach"
	"vpn-attach/function/internal/cbn"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/vpc"
)

// App is the function, ready to be invoked.
type App struct {
	config      Config
	credentials *aliyun.Credentials
	connect     func() // opens a connection to the queues ahead: the first invocation needs it at its end
	attacher    *attach.Attacher
	version     func() string // read from the binary at the first event, not at the start
	warm        atomic.Bool
}

// The in-process tries of one API call. What outlives them is reported.
const (
	tries       = 4
	firstWait   = 200 * time.Millisecond
	longestWait = 2 * time.Second
)

// Transports carry requests in the place of the network; one that is nil is the network.
type Transports struct {
	HTTP http.RoundTripper // to CBN, VPC and STS
	MNS  func(*fasthttp.Request, *fasthttp.Response) error
}

// services are VPC and CBN, which together are the cloud's Reader and Writer.
type services struct {
	*vpc.Client
	*routers
}

type routers = cbn.Client // two embedded Clients would collide

// New wires the function and writes its log to out. It makes no calls.
func New(c Config, out io.Writer, over Transports) (*App, error) {
	own := aliyun.NewCredentials(c.AccessKeyID, c.AccessKeySecret, c.SecurityToken)
	queues, err := mns.New(c.MNSEndpoint, own, c.CallTimeout, over.MNS)
	if err != nil {
		return nil, err
	}
	pool := aliyun.NewHTTPClient(c.Concurrency, over.HTTP)
	roles := &aliyun.Roles{
		ARN: c.Rules.OwnerRole, ExternalID: c.Rules.OwnerExternalID, Endpoint: c.STSEndpoint, HTTP: pool, Own: own,
	}
	both := services{
		Client:  &vpc.Client{Endpoint: c.VPCEndpoint, Roles: roles, HTTP: pool},
		routers: &routers{Endpoint: c.CBNEndpoint, Credentials: own, HTTP: pool},
	}
	version, log := sync.OnceValue(Version), zerolog.New(out).Level(c.LogLevel).With().Timestamp().Logger()
	codes := decide.NewCodes(c.ErrorClasses)
	attacher := &attach.Attacher{
		Reader: both, Writer: both,
		Topic:  mns.Topic{Client: queues, Name: c.Topic},
		Queue:  mns.Queue{Client: queues, Name: c.Queue},
		Signer: event.NewSigner(c.FollowUpKey, c.PreviousFollowUpKey),
		Rules:  c.Rules,
		Schedule: decide.Schedule{
			Horizon: c.RetryHorizon, ConfirmTimeout: c.ConfirmTimeout, HealthTimeout: c.healthTimeout(), Codes: codes,
		},
		Pace: &pace.Pace{
			Quotas: c.Quotas, Share: c.QuotaShare, Slots: c.RouterConcurrency,
			CallTimeout: c.CallTimeout, Tries: tries, FirstWait: firstWait, LongestWait: longestWait,
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
		log.Warn().Str("version", version()).
			Msg("PAUSE is set: every message is requeued for five minutes, and nothing is attached")
	}
	if c.DeadLetters == "" {
		log.Warn().Str("version", version()).Msg("MNS_DEAD_LETTER_QUEUE is not set: " +
			"what is given up stays in the event queue until that drops it")
	} else {
		attacher.DeadLetters = mns.Queue{Client: queues, Name: c.DeadLetters}
	}
	return &App{
		config: c, credentials: own, connect: queues.Connect, attacher: attacher, version: version,
	}, nil
}

// Handle serves one invocation: the handler that is given to the runtime SDK. The
// platform hands over credentials with every invocation, and only those are fresh.
func (a *App) Handle(ctx context.Context, payload []byte) (attach.Answer, error) {
	a.connect()
	inv := attach.Invocation{
		Function: decide.Function{
			RegionID: a.config.RegionID, AccountID: a.config.AccountID,
			Name: a.config.FunctionName, Version: a.version(),
		},
		Started: time.Now(), Cold: !a.warm.Swap(true),
	}
	if fc, found := fccontext.FromContext(ctx); found {
		inv.RequestID = fc.RequestID
		inv.RegionID = cmp.Or(fc.Region, inv.RegionID)
		inv.AccountID = cmp.Or(fc.AccountId, inv.AccountID)
		inv.Name = cmp.Or(fc.Function.Name, inv.Name)
		if key := fc.Credentials; key.AccessKeyId != "" {
			a.credentials.Set(key.AccessKeyId, key.AccessKeySecret, key.SecurityToken)
		}
	}
	if inv.RegionID == "" || inv.AccountID == "" {
		return attach.Answer{}, fmt.Errorf("starting the invocation: the platform named no region or no account")
	}
	return a.attacher.Handle(ctx, inv, payload)
}
