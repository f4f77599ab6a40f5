package main_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	sdk "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/redrive"
	"vpn-attach/function/internal/standin/fc"
)

// target is an account to run against: a real one, or the local cloud in its place.
type target struct {
	account, region         string
	key                     fc.Credentials
	environment             map[string]string // of the function, but for the names of queues and topic
	connection, transitName string            // that may be checked in a dry run; "" for none
}

// realAccount is what the environment names; ok is false when it asks for none.
func realAccount(t *testing.T) (target, bool) {
	t.Helper()
	if os.Getenv("TEST_CLOUD") == "" {
		return target{}, false
	}
	account, region := os.Getenv("ALIBABA_CLOUD_ACCOUNT_ID"), os.Getenv("ALIBABA_CLOUD_REGION_ID")
	key := fc.Credentials{AccessKeyID: os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"),
		AccessKeySecret: os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
		SecurityToken:   os.Getenv("ALIBABA_CLOUD_SECURITY_TOKEN")}
	if account == "" || region == "" || key.AccessKeyID == "" || key.AccessKeySecret == "" {
		t.Skip("skipped: it needs ALIBABA_CLOUD_ACCOUNT_ID, ALIBABA_CLOUD_REGION_ID, ALIBABA_CLOUD_ACCESS_KEY_ID " +
			"and ALIBABA_CLOUD_ACCESS_KEY_SECRET")
	}
	return target{
		account: account, region: region, key: key, connection: os.Getenv("TEST_CLOUD_CONNECTION"),
		transitName: os.Getenv("TEST_CLOUD_TRANSIT_ROUTER"),
		environment: map[string]string{"MNS_ENDPOINT": fmt.Sprintf("https://%s.mns.%s.aliyuncs.com", account, region)},
	}, true
}

func localAccount(t *testing.T) target {
	t.Helper()
	spec, err := local.ReadSpec([]byte(aRouterAnd(oneConnection)))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := local.Start(spec, local.Options{Binary: binary, Speed: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	key, environment := spec.AccessKeys[0], cloud.Environment()
	environment["RETRY_HORIZON"] = "25m" // so that a connection that is not there is believed to be gone soon
	return target{account: spec.Account, region: spec.Region,
		key: fc.Credentials{AccessKeyID: key.ID, AccessKeySecret: key.Secret}, environment: environment,
		connection: "vco-1", transitName: "tr-core"}
}

// bench is what a target is given for one run, and takes away afterwards.
type bench struct {
	target
	t        *testing.T
	queue    redrive.Queue // of events
	outcomes redrive.Queue // subscribed to the topic
	runtime  *fc.Runtime
}

func newBench(t *testing.T, on target) *bench {
	t.Helper()
	endpoint, err := url.Parse(on.environment["MNS_ENDPOINT"])
	if err != nil {
		t.Fatal(err)
	}
	client, err := mns.New(endpoint,
		aliyun.NewCredentials(on.key.AccessKeyID, on.key.AccessKeySecret, on.key.SecurityToken), 30*time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	name := "vpn-attach-test-" + strings.ToLower(rand.Text()[:10])
	queue := func(kind string) redrive.Queue {
		return redrive.Queue{Queue: mns.Queue{Client: client, Name: name + "-" + kind}}
	}
	b := &bench{target: on, t: t, queue: queue("events"), outcomes: queue("outcomes")}
	b.make(endpoint.String(), name)
	environment := maps.Clone(on.environment)
	maps.Copy(environment, map[string]string{"MNS_QUEUE": name + "-events", "MNS_TOPIC": name,
		"MNS_DEAD_LETTER_QUEUE": name + "-dead", "FOLLOW_UP_KEY": rand.Text() + rand.Text(), "DRY_RUN": "true",
		"CALL_TIMEOUT": "20s"})
	server := httptest.NewUnstartedServer(nil)
	b.runtime = fc.NewRuntime(fc.Options{
		Function: fc.Function{Name: "vpn-attach", Handler: "main", Account: on.account, Region: on.region,
			Environment: environment},
		Host:  fc.Process{Binary: binary, Address: server.Listener.Addr().String()},
		Issue: func() fc.Credentials { return on.key },
	})
	server.Config.Handler = b.runtime
	server.Start()
	t.Cleanup(func() { b.runtime.Close(); server.Close() })
	return b
}

// make makes queues and a topic of a name that nobody else has, and sees to it that they go.
func (b *bench) make(endpoint, name string) {
	b.t.Helper()
	client := sdk.NewAliMNSClientWithToken(endpoint, b.key.AccessKeyID, b.key.AccessKeySecret, b.key.SecurityToken)
	queues, topics := sdk.NewMNSQueueManager(client), sdk.NewMNSTopicManager(client)
	for _, queue := range []string{name + "-events", name + "-dead", name + "-outcomes"} {
		if err := queues.CreateQueueWithOptions(queue, sdk.WithVisibilityTimeout(60)); err != nil {
			b.t.Fatalf("making queue %s: %v", queue, err)
		}
		b.t.Cleanup(func() { b.must(queues.DeleteQueue(queue)) })
	}
	if err := topics.CreateSimpleTopic(name); err != nil {
		b.t.Fatalf("making topic %s: %v", name, err)
	}
	b.t.Cleanup(func() { b.must(topics.DeleteTopic(name)) })
	topic := sdk.NewMNSTopic(name, client)
	err := topic.Subscribe("all",
		sdk.MessageSubsribeRequest{Endpoint: topic.GenerateQueueEndpoint(name + "-outcomes"),
			NotifyContentFormat: sdk.SIMPLIFIED, NotifyStrategy: sdk.BACKOFF_RETRY})
	if err != nil {
		b.t.Fatalf("subscribing: %v", err)
	}
}

func (b *bench) must(err error) {
	if err != nil {
		b.t.Errorf("cleaning up: %v; delete what is called vpn-attach-test-… by hand", err)
	}
}

// push takes what is in the event queue to the function, as the trigger does.
func (b *bench) push(ctx context.Context) {
	b.t.Helper()
	received, err := b.queue.Receive(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	for i, m := range received {
		payload := "[" + envelope(b.t, fmt.Sprintf("m-%d", i), m.Body) + "]"
		invocation, err := b.runtime.Invoke(ctx, []byte(payload))
		if err != nil || invocation.Failure != nil {
			b.t.Fatalf("%v, %+v\n%s", err, invocation.Failure, invocation.Log)
		}
		if err := b.queue.Delete(ctx, m.Handle); err != nil {
			b.t.Fatal(err)
		}
	}
}

// finals runs the function until so many events came to their end, and gives how by connection.
func (b *bench) finals(ctx context.Context, count int) map[string]decide.Outcome {
	b.t.Helper()
	found := map[string]decide.Outcome{}
	for ctx.Err() == nil && len(found) < count {
		b.push(ctx)
		received, err := b.outcomes.Receive(ctx)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, m := range received {
			var o decide.Outcome
			if err := json.Unmarshal([]byte(m.Body), &o); err != nil {
				b.t.Fatalf("an outcome that is no JSON: %v", err)
			}
			if o.Data.Final {
				found[o.Data.ConnectionID] = o
			}
			if err := b.outcomes.Delete(ctx, m.Handle); err != nil {
				b.t.Fatal(err)
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return found
}

// It runs against the local cloud, and with TEST_CLOUD set (make test-cloud) against a real
// account: real queues and topic, and dry runs alone on the transit router.
func TestEventsGoThroughTheQueuesOfAnAccount(t *testing.T) {
	t.Parallel()
	on, isReal := realAccount(t)
	if !isReal {
		on = localAccount(t)
	}
	b := newBench(t, on)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	unknown := "vco-0000000000000000000test"
	messages := []cloud.Message{{Body: []byte("{broken")},
		{Body: []byte(strings.NewReplacer("cn-hangzhou", on.region, "1234567890123456",
			on.account).Replace(created("e-1", unknown)))}}
	want := map[string]string{"": "failed", unknown: "skipped"}
	if on.connection != "" {
		body, _ := json.Marshal(map[string]any{"vpnConnectionId": on.connection, "regionId": on.region,
			"transitRouterId": on.transitName, "dryRun": true})
		messages, want[on.connection] = append(messages, cloud.Message{Body: body}), "checked"
	}
	if left, err := b.queue.Send(ctx, messages); err != nil || len(left) > 0 {
		t.Fatalf("%d messages were not sent: %v", len(left), err)
	}
	found := b.finals(ctx, len(want))
	for connection, status := range want {
		if o := found[connection]; string(o.Data.Status) != status {
			t.Errorf("%q ended as %q, want %q: %+v", connection, o.Data.Status, status, o.Data.Error)
		}
	}
}
