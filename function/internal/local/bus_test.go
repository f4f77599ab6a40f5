package local_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/eventbridge"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/fc"
)

// The tests here follow an event from a person's call through the bus, the rule, the queue, the trigger and the
// function to the subscriber of the topic.

// direct hands the requests of the vendor's client to a cloud.
type direct struct{ cloud *local.Cloud }

func (d direct) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	arrived := httptest.NewRequest(r.Method, r.URL.String(), r.Body)
	for name, values := range r.Header {
		arrived.Header.Set(name, values[0]) // under its canonical name
	}
	w := httptest.NewRecorder()
	d.cloud.ServeHTTP(w, arrived)
	return w.Result(), nil
}

// call makes a call of VPC with a key, as a person does; the code is of its refusal.
func call(t *testing.T, cloud *local.Cloud, key, action string, parameters map[string]string) (code, message string) {
	t.Helper()
	query := map[string]string{"RegionId": "cn-hangzhou"}
	maps.Copy(query, parameters)
	got := ask(t, cloud, key, rpc("2016-04-28", action), query)
	return got.code, got.message
}

// texts are what passed through queues and topics.
type texts struct {
	mu  sync.Mutex
	all []string
}

func (t *texts) add(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, text)
}

// exchange sees what the function sends and publishes.
func (t *texts) exchange(x fault.Exchange) {
	if x.Service == "mns" {
		t.add(string(x.Body))
	}
}

// invoked sees what the trigger takes from the queue.
func (t *texts) invoked(next invoke) invoke {
	return func(ctx context.Context, payload []byte) (fc.Invocation, error) {
		t.add(string(payload))
		return next(ctx, payload)
	}
}

type invoke = func(context.Context, []byte) (fc.Invocation, error)

// creation are the parameters of a connection that its tags attach.
func creation() map[string]string {
	return map[string]string{
		"Name": "site", "LocalSubnet": "10.0.0.0/8", "RemoteSubnet": "10.1.0.0/16", "CustomerGatewayId": "cgw-1",
		"TunnelOptionsSpecification.1.TunnelIkeConfig.Psk": "canary-psk-1",
		"TunnelOptionsSpecification.1.CustomerGatewayId":   "cgw-1",
		"TunnelOptionsSpecification.2.TunnelIkeConfig.Psk": "canary-psk-2",
		"TunnelOptionsSpecification.2.CustomerGatewayId":   "cgw-1",
		"Tags.1.Key": "vpn-attach:transit-router", "Tags.1.Value": "tr-core",
	}
}

// start brings up a cloud of the file, whose queues are watched.
func start(t *testing.T, text string, passed *texts) *local.Cloud {
	t.Helper()
	spec, err := local.ReadSpec([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	watch := local.Watch{Exchange: passed.exchange}
	cloud, err := local.StartInProcess(spec, local.Options{Deployed: local.TheStack(), Watch: watch})
	if err != nil {
		t.Fatal(err)
	}
	cloud.Trigger.Invoke = passed.invoked(cloud.Trigger.Invoke)
	return cloud
}

const aRouter = `
transitRouters:
  - {id: tr-core, cen: cen-core, name: core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": any}}
`

func TestAConnectionThatAPersonCreatesIsAttachedAndItsKeyIsInNoQueue(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T) {
		var passed texts
		cloud := start(t, aRouter, &passed)
		defer cloud.Close()
		document, err := cloud.Play(t.Context(), func(context.Context) error {
			if code, message := call(t, cloud, "local", "CreateVpnAttachment", creation()); code != "" {
				t.Error(code, message)
			}
			return nil
		}, time.Hour, nil)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(passed.all, "\n")
		if len(document.Outcomes) != 3 || !strings.Contains(string(document.Outcomes[1]), `"attached"`) ||
			!strings.Contains(string(document.Outcomes[2]), `"state":"up"`) {
			t.Errorf("outcomes %s", document.Outcomes)
		}
		if strings.Contains(all, "canary") || !strings.Contains(all, `CreateVpnAttachment`) {
			t.Errorf("a queue held the key, or not the event: %s", all)
		}
	})
}

func TestACallThatFailsMakesAnEventThatTheFunctionIgnores(t *testing.T) {
	t.Parallel()
	const file = aRouter + `
accessKeys:
  - id: reader
    secret: reader
    policy: {Version: "1", Statement: [{Effect: Allow, Action: "vpc:Describe*", Resource: "*"}]}
`
	inVirtualTime(t, func(t *testing.T) {
		cloud := start(t, file, &texts{})
		defer cloud.Close()
		document, err := cloud.Play(t.Context(), func(context.Context) error {
			code, message := call(t, cloud, "reader", "CreateVpnAttachment", creation())
			if code != "Forbidden.RAM" || !strings.Contains(message, "Action: vpc:CreateVpnAttachment.") {
				t.Errorf("got %s: %s", code, message)
			}
			code, message = call(t, cloud, "reader", "DescribeVpnConnections", nil)
			if code != "" {
				t.Error(code, message)
			}
			return nil
		}, time.Hour, nil)
		if err != nil || document.Invocations != 1 || len(document.Outcomes)+len(document.DeadLetters) > 0 {
			t.Errorf("%v, %+v", err, document)
		}
		if log := document.Log; len(log) == 0 || !strings.Contains(string(log[0]), "ignored") {
			t.Errorf("log %s", log)
		}
	})
}

func TestAMemberHandsItsEventsOver(t *testing.T) {
	t.Parallel()
	const file = `
transitRouters:
  - {id: tr-core, cen: cen-core, name: core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": "6543210987654321"}}
accessKeys: [{id: member, secret: member, account: "6543210987654321"}]
parameters: {AllowedAccounts: "1234567890123456,6543210987654321"}
members: [{account: "6543210987654321", role: vpn-attach-reader, externalId: vpn-attach, bus: vpn-attach-members}]
`
	for bus, told := range map[string]bool{"bus: vpn-attach-members": true, "bus: ''": false} {
		inVirtualTime(t, func(t *testing.T) {
			var passed texts
			cloud := start(t, strings.Replace(file, "bus: vpn-attach-members", bus, 1), &passed)
			defer cloud.Close()
			document, err := cloud.Play(t.Context(), func(context.Context) error {
				if code, message := call(t, cloud, "member", "CreateVpnAttachment", creation()); code != "" {
					t.Error(code, message)
				}
				return nil
			}, time.Hour, nil)
			if err != nil || len(document.Outcomes) > 0 != told {
				t.Fatalf("%s: %v, outcomes %s", bus, err, document.Outcomes)
			}
			if told && !strings.Contains(string(document.Outcomes[0]), "GrantMissing") {
				t.Errorf("the member has not granted it: %s", document.Outcomes)
			}
			if strings.Contains(strings.Join(passed.all, "\n"), "canary") {
				t.Error("a queue held the key")
			}
		})
	}
}

func TestWhatTheQueueRefusesForADayLeavesNoKeyAmongTheDeadLetters(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T) {
		cloud := start(t, aRouter, &texts{})
		defer cloud.Close()
		var letters texts
		bridge, err := eventbridge.New(eventbridge.Options{
			Account: cloud.Spec.Account, Region: cloud.Spec.Region,
			Send: func(queue, body string) error {
				if queue != cloud.DeadLetters {
					return errors.New("the queue refuses")
				}
				letters.add(body)
				return nil
			},
		}, local.Rules(cloud.Stack))
		if err != nil {
			t.Fatal(err)
		}
		defer bridge.Close()
		for _, name := range []string{"wire/created.json", "wire/tagged.json"} {
			text, err := events.Files.ReadFile(name)
			if err == nil {
				err = bridge.Put(eventbridge.DefaultBus, text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if all := strings.Join(letters.all, "\n"); len(letters.all) != 1 || strings.Contains(all, "psk") {
			t.Errorf("want the event of the tags alone, got %s", all)
		}
	})
}
