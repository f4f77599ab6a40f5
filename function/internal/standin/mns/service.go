// Package mns stands in for Message Service (MNS, API 2015-06-06) of one account and region, for tests and for working
// without an account: queues with visibility timeouts, delays and long polls, and topics that deliver to queues, behind
// the signed HTTP API.
//
//	s := mns.New(mns.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys})
//	server := httptest.NewServer(s)
//	endpoint := "http://localhost:" + port + "/1234567890123456.mns.cn-hangzhou.local.test"
//
// The part of a path before /queues or /topics is ignored, so that one port can serve the endpoint form that the
// vendor's SDKs require. Requests are signed in one of the two forms that these SDKs send: "MNS key:signature", or
// "MNS4-HMAC-SHA256" with a key that is derived for a day and a region.
//
// Subscribers are queues, and HTTP endpoints of this machine, to which a message is pushed and pushed again. What is
// for mail, SMS or another machine is not sent: Notices has it.
//
// It does not imitate: dead letters of subscriptions, message groups, logging (the attributes of the account are kept,
// without effect), quotas and throttling, deduplication, and retention of a topic's messages. What a key may do,
// Options.Allow decides. A publish reaches the subscribers' queues before it is answered.
package mns

import (
	"context"
	"crypto/md5"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vpn-attach/function/internal/standin/ram"
)

// Keys knows the secret of a key and, for a session of a role, its security token.
type Keys interface {
	Lookup(accessKeyID string) (secret, securityToken string, ok bool)
}

// Options of a Service. Keys is required.
type Options struct {
	Account, Region string
	Keys            Keys
	// Speed divides the delays of messages; visibility timeouts and long polls run on the receiver's clock. 0 means 1.
	Speed float64
	// Allow judges a call of a key before anything is done; nil allows every call. The verdict is the refusal.
	Allow func(accessKeyID string, r ram.Request) *ram.Verdict
}

// Service is the queues and topics. It is safe for concurrent use.
type Service struct {
	options    Options
	operations map[string]operation // by route
	ids        atomic.Int64

	life    context.Context // of what is pushed to endpoints
	end     context.CancelFunc
	pushing sync.WaitGroup
	seal    func() (*seal, error) // made when the first push needs it

	mu      sync.Mutex
	queues  map[string]*queue
	topics  map[string]*topic
	account accountForm
	notices []*Notice
}

// New returns a service without queues and topics.
func New(o Options) *Service {
	if o.Speed == 0 {
		o.Speed = 1
	}
	life, end := context.WithCancel(context.Background())
	return &Service{
		options: o, operations: operations(), queues: map[string]*queue{}, topics: map[string]*topic{},
		account: accountForm{LoggingBucket: new(string)}, life: life, end: end, seal: sync.OnceValues(newSeal),
	}
}

// Close gives up what is still to be pushed to endpoints, and waits for that.
func (s *Service) Close() {
	s.end()
	s.pushing.Wait()
}

// messageID has the service's form and ends in a counter.
func (s *Service) messageID() string {
	account := md5.Sum([]byte(s.options.Account))
	return fmt.Sprintf("%016X-1-%X-%09d", account, time.Now().UnixMilli(), s.ids.Add(1))[16:]
}

func (s *Service) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.options.Speed)
}

// bodyMD5 is the digest of a body as the service writes it, in upper case.
func bodyMD5(body string) string { return fmt.Sprintf("%X", md5.Sum([]byte(body))) }

// checkName refuses a name of a queue, topic or subscription with one of the two codes. A name consists of letters,
// digits and hyphens, and does not begin with a hyphen.
func checkName(name, tooLong, invalid string) *Error {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789-"
	switch {
	case len(name) > maxName:
		return refuse(tooLong)
	case name == "", name[0] == '-', strings.Trim(strings.ToLower(name), allowed) != "":
		return refuse(invalid)
	}
	return nil
}
