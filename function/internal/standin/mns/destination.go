package mns

import (
	"encoding/json"
	"encoding/xml"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// delivery is a published message for one subscriber.
type delivery struct {
	topic, name string // of the subscription
	sub         Subscription
	published   Published
	sent        sentMessage
	certificate string // where the key is that pushes are signed with
}

// destination is where a subscription delivers to. The service is locked while deliver runs.
type destination interface {
	deliver(s *Service, d delivery)
}

type (
	// toQueue is acs:mns:REGION:ACCOUNT:queues/NAME, a queue of this service.
	toQueue struct{ name string }
	// toEndpoint is http://HOST/PATH on this machine.
	toEndpoint struct{ url *url.URL }
	// toNobody is an endpoint that the service knows and that is not here: mail, SMS, or another machine.
	toNobody struct{}
)

// isMailOrSMS tells mail:directmail:ADDRESS, sms:directsms:NUMBERS and sms:directsms:anonymous.
func isMailOrSMS(endpoint string) bool {
	if address, isMail := strings.CutPrefix(endpoint, "mail:directmail:"); isMail {
		user, domain, _ := strings.Cut(address, "@")
		return user != "" && domain != ""
	}
	numbers, isSMS := strings.CutPrefix(endpoint, "sms:directsms:")
	return isSMS && (numbers == "anonymous" || numbers != "" && strings.Trim(numbers, "0123456789,") == "")
}

// destination reads the endpoint of a subscription.
func (sub Subscription) destination() (to destination, valid bool) {
	if rest, isQueue := strings.CutPrefix(sub.Endpoint, "acs:mns:"); isQueue {
		_, name, _ := strings.Cut(rest, ":queues/")
		return toQueue{name}, name != ""
	}
	u, err := url.Parse(sub.Endpoint)
	switch {
	case isMailOrSMS(sub.Endpoint):
		return toNobody{}, true
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, false
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return toEndpoint{u}, true
	}
	return toNobody{}, true
}

func isLoopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

func (to toQueue) deliver(s *Service, d delivery) {
	_, _ = s.send(to.name, sending{
		body: s.notification(d), priority: lowPriority, properties: d.sent.Properties,
	})
}

func (toNobody) deliver(s *Service, d delivery) {
	notice := d.notice()
	notice.Result = "would be sent"
	s.notices = append(s.notices, notice)
}

// notification is what a subscriber gets: the body alone when simplified, else wrapped with its origin.
func (s *Service) notification(d delivery) string {
	p := d.published
	if d.sub.NotifyContentFormat == "SIMPLIFIED" {
		return p.Body
	}
	wrapped := struct {
		XMLName          xml.Name `xml:"Notification" json:"-"`
		Namespace        string   `xml:"xmlns,attr" json:"-"`
		TopicOwner       string
		TopicName        string
		Subscriber       string
		SubscriptionName string
		MessageID        string `xml:"MessageId" json:"MessageId"`
		Message          string
		MessageMD5       string
		MessageTag       string `json:",omitempty" xml:",omitempty"`
		PublishTime      string
		Properties
	}{
		Namespace: namespace, TopicOwner: s.options.Account, TopicName: d.topic, Subscriber: s.options.Account,
		SubscriptionName: d.name, MessageID: p.MessageID, Message: p.Body, MessageMD5: bodyMD5(p.Body),
		MessageTag: p.Tag, PublishTime: strconv.FormatInt(p.Time.UnixMilli(), 10), Properties: d.sent.Properties,
	}
	encode := xml.Marshal
	if d.sub.NotifyContentFormat == "JSON" {
		encode = json.Marshal
	}
	text, _ := encode(wrapped) // texts always encode
	return string(text)
}
