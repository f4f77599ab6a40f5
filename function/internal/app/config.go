// Package app reads the configuration and wires the function together. The function,
// the local cloud and the tests all use this one wiring.
package app

import (
	"errors"
	"net/url"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/mns"
)

// Config is everything that the environment decides, checked.
type Config struct {
	MNSEndpoint *url.URL
	Queue       string
	Topic       string
	DeadLetters string // "" = there is no dead-letter queue
	CBNEndpoint *url.URL
	VPCEndpoint *url.URL // nil: each region's own
	STSEndpoint string   // host and port, of other accounts' roles; "": the one of all regions

	Rules             decide.Rules
	ErrorClasses      map[string]decide.Class
	Concurrency       int
	RouterConcurrency int
	CallTimeout       time.Duration
	RetryHorizon      time.Duration // how long anything goes round in the queue
	ConfirmTimeout    time.Duration // how long an attachment is followed
	Paused            bool          // everything goes back to the queue untouched
	Sweep             decide.SweepMode
	SweepMax          int // requests that one sweep queues
	Quotas            map[string]int
	QuotaShare        float64 // of every quota, that all instances together may use
	MaxInstances      int
	LogLevel          zerolog.Level

	// Of the platform, for when an invocation does not say.
	RegionID, AccountID, FunctionName           string
	AccessKeyID, AccessKeySecret, SecurityToken string
}

// ReadConfig reads the environment through getenv. The error names every variable
// that is missing or wrong, all at once, and repeats no secret.
func ReadConfig(getenv func(string) string) (Config, error) {
	r := &reader{getenv: getenv}
	c := Config{
		MNSEndpoint: r.endpoint("MNS_ENDPOINT", ""),
		Queue:       r.name("MNS_QUEUE"),
		Topic:       r.name("MNS_TOPIC"),
		DeadLetters: r.optionalName("MNS_DEAD_LETTER_QUEUE"),
		CBNEndpoint: r.endpoint("CBN_ENDPOINT", "https://cbn.aliyuncs.com"),
		VPCEndpoint: r.optionalEndpoint("VPC_ENDPOINT"),
		STSEndpoint: r.host("STS_ENDPOINT"),
		Rules: decide.Rules{
			TagPrefix:       r.prefix("TAG_PREFIX", "vpn-attach:"),
			MatchTags:       r.list("MATCH_TAGS"),
			DefaultRouter:   r.router("DEFAULT_TRANSIT_ROUTER"),
			RequireConsent:  r.boolean("REQUIRE_CONSENT", true),
			AutoPublish:     r.boolean("AUTO_PUBLISH", true),
			DryRun:          r.boolean("DRY_RUN", false),
			Regions:         r.regions("REGIONS"),
			Accounts:        r.accounts("ALLOWED_ACCOUNTS"),
			OwnerRole:       r.role("OWNER_ROLE", "acs:ram::${account}:role/vpn-attach-reader"),
			OwnerExternalID: r.externalID("OWNER_EXTERNAL_ID", "vpn-attach"),
		},
		ErrorClasses:      r.classes("ERROR_CLASSES"),
		Concurrency:       r.number("CONCURRENCY", 16, 1, 256),
		RouterConcurrency: r.number("ROUTER_CONCURRENCY", 4, 1, 256),
		CallTimeout:       r.duration("CALL_TIMEOUT", 5*time.Second, 100*time.Millisecond, time.Minute),
		RetryHorizon:      r.duration("RETRY_HORIZON", 24*time.Hour, 100*time.Millisecond, 6*24*time.Hour),
		ConfirmTimeout:    r.duration("CONFIRM_TIMEOUT", time.Hour, 100*time.Millisecond, 24*time.Hour),
		Paused:            r.boolean("PAUSE", false),
		Sweep:             r.sweepMode("SWEEP", decide.SweepReport),
		SweepMax:          r.number("SWEEP_MAX", 50, 1, 1000),
		Quotas:            r.quotas("QUOTAS"),
		QuotaShare:        r.share("QUOTA_SHARE", 0.5),
		MaxInstances:      r.number("MAX_INSTANCES", 4, 1, 1000),
		LogLevel:          r.level("LOG_LEVEL", zerolog.InfoLevel),
		RegionID:          getenv("FC_REGION"),
		AccountID:         getenv("FC_ACCOUNT_ID"),
		FunctionName:      getenv("FC_FUNCTION_NAME"),
		AccessKeyID:       getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"),
		AccessKeySecret:   getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
		SecurityToken:     getenv("ALIBABA_CLOUD_SECURITY_TOKEN"),
	}
	if c.MNSEndpoint != nil {
		if err := mns.CheckEndpoint(c.MNSEndpoint); err != nil {
			r.wrong("MNS_ENDPOINT", err.Error())
		}
	}
	return c, errors.Join(r.faults...)
}
