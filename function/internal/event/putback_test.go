package event

import (
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

// putBack gives the one body that goes back for a payload.
func putBack(t *testing.T, payload string) string {
	t.Helper()
	bodies, err := PutBack([]byte(payload))
	if err != nil || len(bodies) != 1 {
		t.Fatalf("%d bodies, %v", len(bodies), err)
	}
	return string(bodies[0])
}

func TestMoreThanOneInvocationTakesGoesBackAsItCame(t *testing.T) {
	element := delivery("m-1", wanted)
	batch := decode(t, "["+strings.Repeat(element+",", MaxElements)+element+"]")
	if len(batch.Items) != MaxElements+1 || !are(batch.Items[MaxElements-1:], Event{}, Surplus{}) {
		t.Fatalf("%d items", len(batch.Items))
	}
	if body := batch.Items[MaxElements].(Surplus).Body; string(body) != wanted {
		t.Errorf("goes back as %s", body)
	}
}

// Whatever the envelope and however often: what goes back is byte for byte what came.
func TestAMessageGoesBackByteForByteHoweverOften(t *testing.T) {
	bodies := map[string]string{
		"a request": wanted, "an event": created(nil), "base64": inBase64(wanted), "no JSON": "{broken",
		"characters that JSON and XML escape": `{"é": "<&>\u003c\u2028",` + " \t\r\n " + `"\ud83d\ude00":"😀"}`,
		"an own message":                      signed(TypeRetry, followUpData), "white space around it": " \n" +
			wanted + " ",
		"a notification": noticeXML(created(nil)), "a JSON string": encode(created(nil)),
		"data in base64": dataInBase64(created(nil)),
	}
	for name, body := range bodies {
		for shape, deliver := range map[string]func(id, body string) string{"CloudEvents": delivery,
			"RawData": rawData} {
			t.Run(name+" as "+shape, func(t *testing.T) {
				came := body
				for i := range 50 {
					came = putBack(t, "["+deliver(fmt.Sprint("m-", i), came)+"]")
				}
				if came != body {
					t.Errorf("%q goes back as %q", body, came)
				}
			})
		}
	}
}

// A connector that parses the body hands over an object. Its text goes back, and is an object again when it comes.
func TestABodyThatIsAnObjectGoesBackByteForByteHoweverOften(t *testing.T) {
	for name, envelope := range map[string]string{
		"CloudEvents": `{"id":"m","type":"mns:Queue:X","data":{"messageId":"m","messageBody":%s}}`,
		"RawData":     `{"messageId":"m","messageBody":%s}`,
	} {
		body := `{ "id" : "ce-1", "é":["<", {"messageBody":"x"}] }`
		came := body
		for range 50 {
			came = putBack(t, fmt.Sprintf(envelope, came))
		}
		if came != body {
			t.Errorf("%s: it goes back as %s", name, came)
		}
	}
}

func TestWhatIsNoDeliveryGoesBackAsItIsUnlessSomebodyWaitsForIt(t *testing.T) {
	record := created(nil)
	bodies, err := PutBack([]byte("[" + wanted + `,{"sweep":{}},{"detach":{}},{"triggerName":"t"},7, ` + record + " ]"))
	if err != nil || len(bodies) != 2 || string(bodies[0]) != "7" || string(bodies[1]) != record {
		t.Errorf("got %q, %v", bodies, err)
	}
}

func TestWhatNoQueueTakesAsItCameIsAnErrorWhilePaused(t *testing.T) {
	for name, payload := range map[string]string{
		"no message":                   `{"type":"mns:Queue:X","data":{}}`,
		"a lone surrogate":             `{"messageBody":"{\"a\":\"\ud800\"}"}`,
		"a control character":          `{"messageBody":"a\u0000b"}`,
		"a character that XML has not": `{"messageBody":"a\uffffb"}`,
		"bytes that are no text":       "{\"messageBody\":\"\xff\"}",
		"an element without a text":    "\xff",
		"a message that is too large":  delivery("m-1", strings.Repeat("x", MaxBody+1)),
		"an object that is too large":  `{"messageBody":{"x":"` + strings.Repeat("x", MaxBody) + `"}}`,
	} {
		if bodies, err := PutBack([]byte("[" + delivery("m-0", wanted) + "," + payload + "]")); err == nil {
			t.Errorf("%s goes back as %q", name, bodies)
		}
	}
	if _, err := PutBack([]byte("{\"messageBody\":\"\uFFFD\"}")); err != nil {
		t.Errorf("the character for what cannot be read is a character: %v", err)
	}
}

// An empty message says nothing, and no queue takes it: it must not keep its neighbours from going back.
func TestAnEmptyMessageIsLeftOutWhilePaused(t *testing.T) {
	payload := "[" + delivery("m-0", wanted) + "," + delivery("m-1", "") + "," + rawData("m-2", "") + "]"
	if got := putBack(t, payload); got != wanted {
		t.Errorf("goes back as %s", got)
	}
	if bodies, err := PutBack([]byte(" ")); err != nil || len(bodies) != 0 {
		t.Errorf("nothing goes back as %q, %v", bodies, err)
	}
}

func TestASurplusElementThatNoQueueTakesIsRefused(t *testing.T) {
	bare := `{"vpnConnectionId":"vco-1","note":"` + strings.Repeat("x", MaxBody) + `"}`
	batch := decode(t, "["+strings.Repeat(wanted+",", MaxElements)+bare+"]")
	if len(batch.Items) != MaxElements+1 || !are(batch.Items[MaxElements:], Malformed{}) {
		t.Errorf("as surplus it came to %T", batch.Items[MaxElements])
	}
}
