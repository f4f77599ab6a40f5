// Package app reads the configuration and wires the function together. The function,
// the local cloud and the tests all use this one wiring.
package app

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
)

// Config is everything that the environment decides, checked.
type Config struct {
	MNSEndpoint *url.URL
	Queue       string
	Topic       string
	DeadLetters string // "" = there is no dead-letter queue
	CBNEndpoint *url.URL
	VPCEndpoint *url.URL // nil: each region's own
	STSEndpoint *url.URL // of other accounts' roles

	Rules             decide.Rules
	ErrorClasses      map[string]decide.Class
	Concurrency       int
	RouterConcurrency int
	CallTimeout       time.Duration
	RetryHorizon      time.Duration // how long anything is retried through the queue
	ConfirmTimeout    time.Duration // how long an attachment is followed
	Health            decide.HealthMode
	HealthTimeout     time.Duration // how long an attached connection is looked at until it carries traffic
	Paused            bool          // everything is requeued untouched
	Sweep             decide.SweepMode
	SweepMax          int // requests that one sweep queues
	Quotas            map[string]cloud.Quota
	QuotaShare        float64 // of every quota, that all instances together may use
	LogLevel          zerolog.Level

	// FollowUpKey signs what the function queues for itself. What PreviousFollowUpKey signed is taken as well; it is
	// empty unless the key was changed.
	FollowUpKey, PreviousFollowUpKey string

	// Of the platform, for when an invocation does not say.
	RegionID, AccountID, FunctionName           string
	AccessKeyID, AccessKeySecret, SecurityToken string
}

// ReadConfig reads the environment through getenv. The error names every variable
// that is missing or wrong, all at once, and repeats no secret.
func ReadConfig(getenv func(string) string) (Config, error) {
	r := &reader{getenv: getenv}
	const lower, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
	letters := lower + strings.ToUpper(lower) + digits
	anything := func(text string) (string, error) { return text, nil }
	consists := func(text string, least, most int, of string) bool {
		return len(text) >= least && len(text) <= most && strings.Trim(text, of) == ""
	}
	name := taking(func(text string) bool { return text[0] != '-' && consists(text, 1, 120, letters+"-") },
		"it must be 1 to 120 letters, digits and hyphens")
	account := taking(event.IsAccountID, "every account id must be 10 to 20 digits")
	region := taking(func(text string) bool { return consists(text, 1, 40, lower+digits+"-") }, // part of a host name
		"every region must be an id such as cn-hangzhou")
	router := taking(func(id string) bool { return strings.HasPrefix(id, "tr-") || strings.HasPrefix(id, "cen-") },
		"it must be the id of a transit router (tr-…) or of a CEN instance (cen-…)")
	externalID := taking(func(text string) bool { return consists(text, 2, 128, letters+"=,.@:/_-") },
		"it must be 2 to 128 letters, digits and characters of =,.@:/_-")
	sweep := oneOf(decide.SweepOff, decide.SweepReport, decide.SweepAttach)
	c := Config{
		MNSEndpoint: required(r, "MNS_ENDPOINT", ParseMNSEndpoint),
		Queue:       required(r, "MNS_QUEUE", name),
		Topic:       required(r, "MNS_TOPIC", name),
		DeadLetters: read(r, "MNS_DEAD_LETTER_QUEUE", "", name),
		FollowUpKey: required(r, "FOLLOW_UP_KEY", followUpKey),
		CBNEndpoint: read(r, "CBN_ENDPOINT", &url.URL{Scheme: "https", Host: "cbn.aliyuncs.com"}, ParseEndpoint),
		VPCEndpoint: read(r, "VPC_ENDPOINT", nil, ParseEndpoint),
		STSEndpoint: read(r, "STS_ENDPOINT", &url.URL{Scheme: "https", Host: "sts.aliyuncs.com"}, stsEndpoint),
		Rules: decide.Rules{
			TagPrefix:       read(r, "TAG_PREFIX", "vpn-attach:", tagPrefix),
			MatchTags:       read(r, "MATCH_TAGS", nil, list(anything)),
			DefaultRouter:   read(r, "DEFAULT_TRANSIT_ROUTER", "", router),
			RequireConsent:  read(r, "REQUIRE_CONSENT", true, boolean),
			AutoPublish:     read(r, "AUTO_PUBLISH", true, boolean),
			DryRun:          read(r, "DRY_RUN", false, boolean),
			Regions:         read(r, "REGIONS", nil, list(region)),
			Accounts:        read(r, "ALLOWED_ACCOUNTS", nil, list(account)),
			OwnerRole:       read(r, "OWNER_ROLE", "acs:ram::{account}:role/vpn-attach-reader", ownerRole),
			OwnerExternalID: read(r, "OWNER_EXTERNAL_ID", "vpn-attach", externalID),
		},
		ErrorClasses:      read(r, "ERROR_CLASSES", map[string]decide.Class{}, errorClasses),
		Concurrency:       read(r, "CONCURRENCY", 16, number(1, 256)),
		RouterConcurrency: read(r, "ROUTER_CONCURRENCY", 4, number(1, 256)),
		CallTimeout:       read(r, "CALL_TIMEOUT", 5*time.Second, duration(100*time.Millisecond, time.Minute)),
		RetryHorizon:      read(r, "RETRY_HORIZON", 24*time.Hour, duration(100*time.Millisecond, 6*24*time.Hour)),
		ConfirmTimeout:    read(r, "CONFIRM_TIMEOUT", time.Hour, duration(100*time.Millisecond, 24*time.Hour)),
		Health:            read(r, "HEALTH", decide.HealthReport, oneOf(decide.HealthOff, decide.HealthReport)),
		HealthTimeout:     read(r, "HEALTH_TIMEOUT", 30*time.Minute, duration(time.Second, 45*time.Minute)),
		Paused:            read(r, "PAUSE", false, boolean),
		Sweep:             read(r, "SWEEP", decide.SweepReport, sweep),
		SweepMax:          read(r, "SWEEP_MAX", 50, number(1, 1000)),
		Quotas:            read(r, "QUOTAS", cloud.Quotas(), quotas),
		QuotaShare:        read(r, "QUOTA_SHARE", 0.5, share),
		LogLevel:          read(r, "LOG_LEVEL", zerolog.InfoLevel, logLevel),

		PreviousFollowUpKey: read(r, "FOLLOW_UP_KEY_PREVIOUS", "", followUpKey),
	}
	read(r, "DEBUG", "", quiet) // read by the SDKs themselves
	c.ofPlatform(getenv)
	return c, errors.Join(append(r.faults, apart(c.Queue, c.DeadLetters))...)
}

// healthTimeout is how long an attached connection is looked at: not at all while HEALTH is off.
func (c *Config) healthTimeout() time.Duration {
	if c.Health == decide.HealthOff {
		return 0
	}
	return c.HealthTimeout
}

// ofPlatform reads what the platform sets.
func (c *Config) ofPlatform(getenv func(string) string) {
	c.RegionID, c.AccountID, c.FunctionName = getenv("FC_REGION"), getenv("FC_ACCOUNT_ID"), getenv("FC_FUNCTION_NAME")
	c.AccessKeyID = getenv("ALIBABA_CLOUD_ACCESS_KEY_ID")
	c.AccessKeySecret = getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
	c.SecurityToken = getenv("ALIBABA_CLOUD_SECURITY_TOKEN")
}
