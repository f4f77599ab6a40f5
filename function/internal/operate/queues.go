package operate

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/app"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/redrive"
)

// queues are those of a stack. The function's configuration says where they are.
type queues struct {
	events, letters, inbox redrive.Queue
	topic                  mns.Topic
}

// inboxSuffix follows the stack's name in the name of the inbox.
const inboxSuffix = "-inbox"

// callTimeout is of one call of Message Service.
const callTimeout = 10 * time.Second

func (o Operator) queues(f function) (queues, error) {
	keys, err := o.Keys()
	if err != nil {
		return queues{}, err
	}
	endpoint, err := app.ParseMNSEndpoint(f.EnvironmentVariables["MNS_ENDPOINT"])
	if err != nil {
		return queues{}, fmt.Errorf("reading MNS_ENDPOINT of function %s: %w", o.Stack, err)
	}
	credentials := aliyun.NewCredentials(keys.ID, keys.Secret, keys.Token)
	client, err := mns.New(endpoint, credentials, callTimeout, o.Reach)
	if err != nil {
		return queues{}, err
	}
	named := func(name string) redrive.Queue { return redrive.Queue{Queue: mns.Queue{Client: client, Name: name}} }
	return queues{
		events:  named(f.EnvironmentVariables["MNS_QUEUE"]),
		letters: named(cmp.Or(f.EnvironmentVariables["MNS_DEAD_LETTER_QUEUE"], o.Stack+"-dead-letters")),
		inbox:   named(o.Stack + inboxSuffix),
		topic:   mns.Topic{Client: client, Name: f.EnvironmentVariables["MNS_TOPIC"]},
	}, nil
}

// reach gives the queues of the stack.
func (o Operator) reach(ctx context.Context) (queues, error) {
	f, err := o.function(ctx)
	if err != nil {
		return queues{}, err
	}
	return o.queues(f)
}

// OwnKeys are those of the environment, else of the profile that the aliyun CLI is configured with.
func OwnKeys(getenv func(string) string) (Keys, error) {
	id, secret := getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"), getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
	if id != "" && secret != "" {
		return Keys{ID: id, Secret: secret, Token: getenv("ALIBABA_CLOUD_SECURITY_TOKEN")}, nil
	}
	missing := &MissingError{What: "no access key: none in the environment, and none in the aliyun CLI's profile",
		Fix: "aliyun configure, or export ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET"}
	provider, err := providers.NewCLIProfileCredentialsProviderBuilder().Build()
	if err != nil {
		return Keys{}, missing
	}
	found, err := provider.GetCredentials()
	if err != nil {
		return Keys{}, missing
	}
	return Keys{ID: found.AccessKeyId, Secret: found.AccessKeySecret, Token: found.SecurityToken}, nil
}

// Waiting is what waits in a queue.
type Waiting struct {
	Queue    string    `json:"queue"`
	Messages int       `json:"messages"`
	More     bool      `json:"more,omitempty"` // the service does not say how many more
	Delayed  int       `json:"delayed,omitempty"`
	InFlight int       `json:"inFlight,omitempty"`
	Oldest   time.Time `json:"oldest,omitzero"`
}

// kept is how many messages a queue has that nobody consumes: those in flight are being looked at.
func (w Waiting) kept() int { return w.Messages + w.InFlight }

// mostPeeked is how many messages one look shows.
const mostPeeked = 16

// waiting looks at a queue and leaves it as it is.
func waiting(ctx context.Context, q redrive.Queue) (Waiting, error) {
	counts, err := q.Counts(ctx)
	if err != nil {
		return Waiting{}, missingQueue(q, err)
	}
	seen, err := q.Peek(ctx)
	if err != nil {
		return Waiting{}, err
	}
	w := Waiting{
		Queue: q.Name, Messages: max(counts.Active, len(seen)), Delayed: counts.Delayed, InFlight: counts.Inactive,
	}
	w.More = counts.Active == 0 && len(seen) == mostPeeked
	for _, letter := range seen {
		if w.Oldest.IsZero() || letter.Queued.Before(w.Oldest) {
			w.Oldest = letter.Queued
		}
	}
	return w, nil
}

func missingQueue(q redrive.Queue, err error) error {
	if cloud.HasCode(err, "QueueNotExist") {
		return &MissingError{What: "there is no queue " + q.Name,
			Fix: "deploy again (the template makes it), or name another stack by --stack"}
	}
	return err
}

// held waits for the messages that another look has taken, since they come back a second after it. It gives how many
// somebody still has.
func (o Operator) held(ctx context.Context, q redrive.Queue) (many int) {
	const looks = 4
	for i := range looks {
		counts, err := q.Counts(ctx)
		if many = counts.Inactive; err != nil || many == 0 {
			return 0
		}
		if i == 0 {
			o.say("waiting for %s of %s that somebody else reads", several(many, "message"), q.Name)
		}
		if i < looks-1 && pause(ctx, time.Second) != nil {
			break
		}
	}
	return many
}

// pause waits, and says why when the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// heldText says that a list may lack something; "" when it does not.
func heldText(many int) string {
	if many == 0 {
		return ""
	}
	return several(many, "message") + " could not be read, since somebody else reads: say it again in half a minute\n"
}

// taken are messages that nobody else sees until they are released or deleted.
type taken struct {
	from    redrive.Queue
	letters []redrive.Letter
}

// mostTaken bounds a list: what is more waits for the next one.
const mostTaken = 2000

// take receives what a queue holds, the oldest first.
func take(ctx context.Context, from redrive.Queue) (taken, error) {
	t := taken{from: from}
	seen := map[string]bool{}
	for len(t.letters) < mostTaken {
		letters, err := from.Receive(ctx)
		if err != nil {
			t.release(ctx, nil)
			return t, missingQueue(from, err)
		}
		fresh := 0
		for _, letter := range letters {
			if !seen[letter.ID] {
				seen[letter.ID] = true
				t.letters = append(t.letters, letter)
				fresh++
			}
		}
		if fresh == 0 {
			return t, nil
		}
	}
	return t, nil
}

// release puts back all but those that are gone. What cannot be put back comes back by itself, half a minute later.
func (t taken) release(ctx context.Context, gone map[string]bool) {
	for _, letter := range t.letters {
		if !gone[letter.ID] {
			_ = t.from.Release(context.WithoutCancel(ctx), letter.Handle)
		}
	}
}

// age says for how long something has waited.
func age(since time.Time) string {
	if since.IsZero() {
		return "-"
	}
	d := time.Since(since)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

// several is a number with its noun.
func several(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "y") {
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
