package main_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
)

// paused hands payloads to a function that is paused, and gives the bodies that went back to
// the queue, once their delay is over.
func paused(t *testing.T, payloads ...string) (cloud *local.Cloud, bodies []string) {
	t.Helper()
	spec, err := local.ReadSpec([]byte(aRouterAnd(oneConnection) + "function: {environment: {PAUSE: \"true\"}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err = local.Start(spec, local.Options{Speed: 100, Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	for _, payload := range payloads {
		invocation, err := cloud.Runtime.Invoke(t.Context(), []byte(payload))
		if err != nil || invocation.Failure != nil {
			t.Fatalf("%v, %+v", err, invocation.Failure)
		}
		if strings.Contains(string(invocation.Log), "psk-of-the-event") {
			t.Error("the log repeats the event")
		}
	}
	if stats := cloud.Queues.Stats(cloud.EventQueue); stats.Active != 0 {
		t.Errorf("%+v: what goes back can be received at once", stats)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for left := cloud.Queues.Stats(cloud.EventQueue).Delayed; left > 0; left-- {
		messages, err := cloud.Queues.Receive(ctx, cloud.EventQueue, 1, 20*time.Second)
		if err != nil || len(messages) != 1 {
			t.Fatalf("%d left: %v, %v", left, messages, err)
		}
		bodies = append(bodies, messages[0].Body)
	}
	return cloud, bodies
}

func envelope(t *testing.T, messageID, body string) string {
	return `{"id":"` + messageID + `","source":"s","type":"mns:Queue:SendMessage","data":{"messageId":"` + messageID +
		`","messageBody":` + quote(t, body) + `}}`
}

// Paused for longer, a message is not wrapped in one envelope more each time.
func TestAMessageThatIsPutBackAgainAndAgainStaysAsItIs(t *testing.T) {
	t.Parallel()
	_, first := paused(t, "["+envelope(t, "m-1", created("e-1", "vco-1"))+"]")
	_, second := paused(t, "["+envelope(t, "m-2", first[0])+"]")
	if len(second) != 1 || second[0] != first[0] {
		t.Errorf("it became %q", second)
	}
}
