package mns

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// endpointPatience is how long an endpoint has to answer a push.
const endpointPatience = 5 * time.Second

// Notice is what became of a message for a subscriber that is no queue.
type Notice struct {
	Topic, Subscription, Endpoint string
	MessageID, Body               string
	Mail, SMS                     string // what the publisher said of them
	Time                          time.Time
	Tries                         int
	Result                        string // "would be sent", "pushing", "delivered", or why it was given up
}

func (d delivery) notice() *Notice {
	return &Notice{
		Topic: d.topic, Subscription: d.name, Endpoint: d.sub.Endpoint, MessageID: d.published.MessageID,
		Body: d.published.Body, Mail: d.sent.MessageAttributes.DirectMail, SMS: d.sent.MessageAttributes.DirectSMS,
		Time: d.published.Time,
	}
}

// Notices are all notices, in the order of their messages.
func (s *Service) Notices() (all []Notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, notice := range s.notices {
		all = append(all, *notice)
	}
	return all
}

// deliver pushes in the background: a publish does not wait for endpoints.
func (to toEndpoint) deliver(s *Service, d delivery) {
	notice, body := d.notice(), s.notification(d)
	notice.Result = "pushing"
	s.notices = append(s.notices, notice)
	s.pushing.Go(func() {
		tell := func(result string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			notice.Tries, notice.Result = notice.Tries+1, result
		}
		err := s.push(to, d, body)
		for pause := range pauses(d.sub.NotifyStrategy) {
			if err == nil || !sleep(s.life, s.scaled(pause)) {
				break
			}
			tell("pushing: " + err.Error())
			err = s.push(to, d, body)
		}
		if err != nil {
			tell("given up: " + err.Error())
			return
		}
		tell("delivered")
	})
}

// pauses are those between the pushes of one message ("NotifyStrategy"): three of 10 to 20 seconds, or one day of
// pauses that double from one second to 512.
func pauses(strategy string) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		if strategy == "BACKOFF_RETRY" {
			for range 3 {
				if !yield(10*time.Second + rand.N(10*time.Second)) {
					return
				}
			}
			return
		}
		for n := range 176 {
			if !yield(time.Second << min(n, 9)) {
				return
			}
		}
	}
}

// sleep waits, and says whether life went on all the while.
func sleep(life context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-life.Done():
		return false
	}
}

// push sends a notification once. Any status of success will do: the documentation asks for 204, and the vendor's own
// sample of an endpoint answers 201.
func (s *Service) push(to toEndpoint, d delivery, body string) error {
	r, err := s.pushRequest(to, d, body)
	if err != nil {
		return err
	}
	client := http.Client{
		Timeout: endpointPatience, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("pushing a message: %w", err)
	}
	response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the endpoint answered %s", response.Status)
	}
	return nil
}

// pushRequest is a push with its signature (MNS API "HttpEndpoint").
func (s *Service) pushRequest(to toEndpoint, d delivery, body string) (*http.Request, error) {
	address, kind := *to.url, "text/xml;charset=utf-8"
	if address.Path == "" {
		address.Path = "/notifications"
	}
	r, err := http.NewRequestWithContext(s.life, http.MethodPost, address.String(), strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("making a push: %w", err)
	}
	own := map[string]string{
		"x-mns-request-id": s.requestID(), "x-mns-version": "2015-06-06",
		"x-mns-signing-cert-url": base64.StdEncoding.EncodeToString([]byte(d.certificate)),
	}
	switch d.sub.NotifyContentFormat {
	case "JSON":
		kind = "application/json;charset=utf-8" // assumed
	case "SIMPLIFIED":
		kind = "text/plain;charset=utf-8"
		own["x-mns-message-id"] = d.published.MessageID
		if d.published.Tag != "" {
			own["x-mns-message-tag"] = d.published.Tag
		}
	}
	for name, value := range own {
		r.Header[name] = []string{value} // in lower case on the wire, too
	}
	sum := md5.Sum([]byte(body))
	r.Header.Set("Content-MD5", base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(sum[:]))))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	seal, err := s.seal()
	if err != nil {
		return nil, err
	}
	signature, err := seal.sign(textToSign(r, r.URL.RequestURI()))
	r.Header.Set("Authorization", signature)
	r.Header["Content-md5"] = r.Header["Content-Md5"] // the vendor's sample of an endpoint knows this spelling alone
	delete(r.Header, "Content-Md5")
	return r, err
}
