package event

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const wanted = `{"vpnConnectionId":"vco-1"}`

// delivery is a message as the queue trigger delivers it, the other as its RawData does.
func delivery(id, body string) string {
	return `{"id":"` + id + `","type":"mns:Queue:X","data":` + rawData(id, body) + `}`
}

func rawData(id, body string) string {
	return `{"messageId":"` + id + `","messageBody":` + encode(body) + `}`
}

// split gives the one body that a payload comes to.
func split(t *testing.T, payload string) string {
	t.Helper()
	bodies, err := Split([]byte(payload))
	if err != nil || len(bodies) != 1 {
		t.Fatalf("%d bodies, %v", len(bodies), err)
	}
	return string(bodies[0])
}

func TestMoreThanOneInvocationTakesGoesBackAsItIs(t *testing.T) {
	once := delivery("m-1", wanted)
	twice := delivery("m-2", once)
	batch, err := Decode([]byte("["+strings.Repeat(once+",", MaxElements)+once+","+twice+"]"), "R")
	if err != nil || len(batch.Items) != MaxElements+2 || !are(batch.Items[MaxElements-1:MaxElements], Event{}) {
		t.Fatalf("%d items, %v", len(batch.Items), err)
	}
	for _, item := range batch.Items[MaxElements:] {
		if body := item.(Surplus).Body; string(body) != once {
			t.Errorf("goes back as %s", body)
		}
	}
	if e := one[Event](t, twice); e.ID != "m-1" {
		t.Errorf("came back as %+v", e)
	}
}

func TestEveryElementGoesBackAsItIs(t *testing.T) {
	elements := []string{delivery("m-1", wanted), wanted, `7`, `{"broken":`, rawData("m-2", `{broken`), `"text"`}
	for _, element := range elements {
		if got := split(t, " \n"+element+" "); got != element {
			t.Errorf("%s goes back as %s", element, got)
		}
	}
	bodies, err := Split([]byte(`[` + elements[0] + `, 7 ,` + elements[1] + `,]`))
	if err != nil || len(bodies) != 3 || string(bodies[0]) != elements[0] || string(bodies[1]) != "7" {
		t.Errorf("got %q, %v", bodies, err)
	}
	if bodies, err := Split([]byte(" ")); err != nil || len(bodies) != 0 {
		t.Errorf("nothing goes back as %q, %v", bodies, err)
	}
}

// A message that goes back again and again has one envelope, and keeps its id.
func TestEnvelopesDoNotPileUp(t *testing.T) {
	asObject := func(id, body string) string { return `{"messageId":"` + id + `","messageBody":` + body + `}` }
	for name, deliver := range map[string]func(id, body string) string{
		"as CloudEvents": delivery,
		"as RawData":     rawData,
		"in base64":      func(id, body string) string { return delivery(id, inBase64(body)) },
		"as an object":   asObject,
	} {
		t.Run(name, func(t *testing.T) {
			first := deliver("m-1", wanted)
			body := split(t, first)
			for i := range 9 {
				body = split(t, deliver(fmt.Sprint("m-", i+2), body))
			}
			if body != first {
				t.Errorf("goes back as %s", body)
			}
			if e := one[Event](t, deliver("m-99", body)); e.ID != "m-1" {
				t.Errorf("came back as %+v", e)
			}
		})
	}
}

// The queue takes 64 KB: what fills them goes back without the envelope of its delivery.
func TestALargeMessageGoesBackWithoutItsEnvelope(t *testing.T) {
	body := `{"vpnConnectionId":"vco-1","note":"` + strings.Repeat("x", MaxBody-60) + `"}`
	for name, large := range map[string]string{
		"a CloudEvent": delivery("m-1", body),
		"RawData":      rawData("m-1", body+" "),
		"base64":       delivery("m-1", inBase64(body)),
	} {
		if got := split(t, "["+large+"]"); strings.TrimSpace(got) != body || len(large) <= MaxBody {
			t.Errorf("%s: %d bytes of %d", name, len(got), len(body))
		}
	}
	text := strings.Repeat("text", MaxBody/4) // which could be base64
	if got := split(t, delivery("m-1", text)); got != text {
		t.Errorf("what is no JSON goes back as %q", got)
	}
}

func TestWhatNoQueueTakesIsRefused(t *testing.T) {
	bare := `{"vpnConnectionId":"vco-1","note":"` + strings.Repeat("x", MaxBody) + `"}`
	var oversize *OversizeError
	_, err := Split([]byte("[" + wanted + "," + bare + "]"))
	if !errors.As(err, &oversize) || oversize.Actual != len(bare) {
		t.Errorf("got %v", err)
	}
	surplus := strings.Repeat(wanted+",", MaxElements) + bare
	batch := decode(t, "["+surplus+"]")
	if len(batch.Items) != MaxElements+1 || !are(batch.Items[MaxElements:], Malformed{}) {
		t.Errorf("as surplus it came to %T", batch.Items[MaxElements])
	}
}
