// Package mnstest is a Message Service (MNS, API 2015-06-06) of one account and region
// for tests and for working without an account: queues with visibility timeouts, delays
// and long polls, and topics that deliver to queues, behind the signed HTTP API.
//
//	s := mnstest.New(mnstest.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys})
//	server := httptest.NewServer(s)
//	endpoint := "http://localhost:" + port + "/1234567890123456.mns.cn-hangzhou.local.test"
//
// What stands before /queues or /topics in a path is ignored and not part of a
// signature, so that one port can serve under the endpoint form that the vendor's SDKs
// insist on.
//
// It does not imitate: dead-letter policies, HTTP and mail subscribers and their
// retries, listing, logging, quotas and throttles, deduplication, and retention of a
// topic's messages. Every key may do everything.
package mnstest

import (
	"crypto/md5"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Keys tells the secret and, for a session of a role, the security token of a key.
type Keys interface {
	Lookup(accessKeyID string) (secret, securityToken string, ok bool)
}

// Options of a Service. Keys is required.
type Options struct {
	Account, Region string
	Keys            Keys
	// Speed divides the delays of messages; visibility timeouts and long polls run on
	// the clock of whoever receives. 0 means 1.
	Speed float64
	Now   func() time.Time // default time.Now
}

// Service is the queues and topics. It is safe for concurrent use.
type Service struct {
	options Options
	ids     atomic.Int64

	mu     sync.Mutex
	queues map[string]*queue
	topics map[string]*topic
}

// New gives a service without queues and topics.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	return &Service{options: o, queues: map[string]*queue{}, topics: map[string]*topic{}}
}

// Error is a refusal with the service's own code and HTTP status.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }

func refuse(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

// messageID has the service's form: fixed length, ending in a running number.
func (s *Service) messageID() string {
	return fmt.Sprintf("%016X-1-%X-%09d", md5.Sum([]byte(s.options.Account)), s.options.Now().UnixMilli(), s.ids.Add(1))[16:]
}

func (s *Service) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.options.Speed)
}

// bodyMD5 is a body's digest as the service writes it, in upper case.
func bodyMD5(body string) string { return fmt.Sprintf("%X", md5.Sum([]byte(body))) }

// checkName: 1 to 120 letters, digits and hyphens, the first no hyphen.
func checkName(kind, name string) *Error {
	if len(name) > 120 {
		return refuse(http.StatusBadRequest, kind+"NameLengthError", "The length of the name must be 1 to 120.")
	}
	if name == "" || name[0] == '-' || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		code := kind + "NameInvalid"
		if kind == "Queue" {
			code = "InvalidQueueName"
		}
		return refuse(http.StatusBadRequest, code, "The name may hold letters, digits and hyphens.")
	}
	return nil
}
