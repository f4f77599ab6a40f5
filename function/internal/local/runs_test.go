package local_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/standin/eventbridge"
)

// begun is a cloud of a template that says something else.
func begun(t *testing.T, cloudFile, from, to string) (*local.Cloud, error) {
	t.Helper()
	spec, err := local.ReadSpec([]byte(cloudFile))
	if err != nil {
		t.Fatal(err)
	}
	text := templateText(t)
	if !strings.Contains(text, from) {
		t.Fatalf("the template does not say %q", from)
	}
	return local.Start(spec, local.Options{Deployed: parsed(t, strings.Replace(text, from, to, 1)), Binary: "none"})
}

// published gives what publishes to the topic of a cloud.
func published(t *testing.T, cloud *local.Cloud) func(body, tag string) error {
	t.Helper()
	endpoint, err := url.Parse(cloud.Variables()["MNS_ENDPOINT"])
	if err != nil {
		t.Fatal(err)
	}
	client, err := mns.New(endpoint, aliyun.NewCredentials("local", "local", ""), time.Minute, nil)
	if err != nil {
		t.Fatal(err)
	}
	topic := mns.Topic{Client: client, Name: "vpn-attach-outcomes"}
	return func(body, tag string) error { return topic.Publish(t.Context(), []byte(body), tag) }
}

func TestAFunctionThatThePlatformCouldNotRunIsNotStarted(t *testing.T) {
	t.Parallel()
	for to, c := range map[string]struct{ from, want string }{
		"Runtime: custom":         {"Runtime: go1", `its code is for the runtime go1, not for "custom"`},
		"Handler: index.handler":  {"Handler: main", `its code has the handler main, not "index.handler"`},
		"InstanceConcurrency: 10": {"InstanceConcurrency: 1", "one invocation of an instance at once, not 10"},
		"InternetAccess: false":   {"InternetAccess: true", "without access to the internet"},
	} {
		cloud, err := begun(t, "region: cn-hangzhou", c.from, to)
		if err == nil {
			cloud.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "of line ") {
			t.Errorf("%s: got %v, want %s", to, err, c.want)
		}
	}
}

func TestAnAddressOfElsewhereIsNobodys(t *testing.T) {
	t.Parallel()
	cloud, err := begun(t, "region: cn-hangzhou", "https://cbn.aliyuncs.com", "https://cen.aliyuncs.com")
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	if got := cloud.Variables()["CBN_ENDPOINT"]; got != "https://cen.aliyuncs.invalid" {
		t.Errorf("the function calls %s", got)
	}
}

func TestATopicTakesWhatTheTemplateSays(t *testing.T) {
	t.Parallel()
	const topic, size = "TopicName: {'Fn::Sub': '${Name}-outcomes'}\n      MaximumMessageSize: ", 1024
	cloud, err := begun(t, "region: cn-hangzhou", topic+"65536", topic+"1024")
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	publish := published(t, cloud)
	for bytes, takes := range map[int]bool{size: true, size + 1: false} {
		if err := publish(strings.Repeat("a", bytes), "failed"); (err == nil) != takes {
			t.Errorf("%d bytes: %v", bytes, err)
		}
	}
}

func TestTheWebhookIsToldOfWhatTheInboxGets(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		told = append(told, string(body))
	}))
	defer receiver.Close()
	cloud, err := begun(t, "parameters: {NotifyWebhook: '"+receiver.URL+"'}", "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	publish := published(t, cloud)
	for _, tag := range []string{"attached", "failed", "conflict", "skipped", "down", "up"} {
		if err := publish(tag, tag); err != nil {
			t.Fatal(err)
		}
	}
	inbox, err := cloud.Queues.Receive(t.Context(), "vpn-attach-inbox", 16, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, message := range inbox {
		want = append(want, message.Body)
	}
	slices.Sort(want)
	for range 100 {
		mu.Lock()
		slices.Sort(told)
		isTold := slices.Equal(told, want)
		mu.Unlock()
		if isTold && len(want) == 3 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("the inbox has %q, the webhook was told %q", want, told)
}

func TestWhatAQueueRefusesForAnHourComesLater(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"wire/created.json", "wire/tagged.json"} {
		inVirtualTime(t, func(t *testing.T) {
			cloud := start(t, aRouter, &texts{})
			defer cloud.Close()
			refusing(t, cloud, time.Hour, name)
		})
	}
}

// refusing brings an event to the rules while the queue refuses for a time.
func refusing(t *testing.T, cloud *local.Cloud, hour time.Duration, name string) {
	t.Helper()
	var came texts
	began := time.Now()
	bridge, err := eventbridge.New(eventbridge.Options{
		Account: cloud.Spec.Account, Region: cloud.Spec.Region,
		Send: func(queue, body string) error {
			if time.Since(began) < hour {
				return http.ErrServerClosed
			}
			came.add(queue + " " + body)
			return nil
		},
	}, local.Rules(cloud.Stack))
	if err != nil {
		t.Fatal(err)
	}
	defer bridge.Close()
	text, err := events.Files.ReadFile(name)
	if err == nil {
		err = bridge.Put(eventbridge.DefaultBus, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * hour)
	synctest.Wait()
	if len(came.all) != 1 || !strings.HasPrefix(came.all[0], "vpn-attach-events ") {
		t.Errorf("%s: %q came", name, came.all)
	}
}
