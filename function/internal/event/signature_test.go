package event

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// ownTypes are the types that are taken only when the function signed them.
func ownTypes() []string {
	return []string{
		TypeRetry, TypeConfirm, TypeReport, TypeSweeping, TypeDeadLetter, TypeWaiting, "vpn-attach.retry.v9",
		"vpn-attach.x",
	}
}

func TestWhatIsNotSignedIsRefusedBeforeItIsRead(t *testing.T) {
	whole := signed(TypeRetry, followUpData)
	forged := NewSigner(strings.Repeat("f", MinKey), "")
	stranger, err := forged.Encode(Header{ID: "m", Type: TypeRetry}, json.RawMessage(followUpData))
	if err != nil {
		t.Fatal(err)
	}
	signature := textIn([]byte(whole), "signature")
	messages := map[string]string{
		"signed with another key":         string(stranger),
		"with data of another message":    strings.Replace(whole, `"vco-1"`, `"vco-2"`, 1),
		"with a field more":               strings.Replace(whole, `"data":{`, `"data":{"detach":true,`, 1),
		"with a field that comes twice":   strings.Replace(whole, `"dryRun":true`, `"dryRun":true,"dryRun":false`, 1),
		"with the type of another":        strings.Replace(whole, TypeRetry, TypeConfirm, 1),
		"with an empty signature":         strings.Replace(whole, signature, "", 1),
		"with a part of the signature":    strings.Replace(whole, signature, signature[:62], 1),
		"with a signature that is no hex": strings.Replace(whole, signature, strings.Repeat("z", 64), 1),
		"without data":                    `{"type":"vpn-attach.retry.v1","signature":"` + signature + `"}`,
	}
	for _, kind := range ownTypes() {
		messages["of type "+kind] = `{"id":"x","type":"` + kind + `","data":{"psk":"` + secret + `"}}`
	}
	for name, message := range messages {
		for way, payload := range map[string]string{"bare": message, "in the queue": queued(message)} {
			got := one[Malformed](t, payload)
			if got.Code != CodeUnsigned || got.Field != "signature" || strings.Contains(fmt.Sprint(got), secret) {
				t.Errorf("%s, %s: came to %+v", name, way, got)
			}
		}
	}
}

func TestASignatureSurvivesATransportThatWritesTheJSONAnew(t *testing.T) {
	message := signed(TypeRetry, followUpData)
	var value any
	if err := json.Unmarshal([]byte(message), &value); err != nil {
		t.Fatal(err)
	}
	indented, _ := json.MarshalIndent(value, "", "  ")
	for name, payload := range map[string]string{
		"as text": queued(message), "in base64": queued(inBase64(message)),
		"as an object": `{"type":"mns:Queue:X","data":{"messageBody":` + message + `}}`,
		"indented":     `{"messageBody":` + string(indented) + `}`,
		"twice around": queued(queued(message)),
	} {
		if e := one[Event](t, payload); e.ID != "root-1" || e.Attempt != 3 {
			t.Errorf("%s it is %+v", name, e)
		}
	}
}

func TestAMessageIsTakenUntilItsKeyIsGone(t *testing.T) {
	body, err := NewSigner("old", "").Encode(Header{ID: "m", Type: TypeRetry}, json.RawMessage(followUpData))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		signer Signer
		taken  bool
	}{
		"before the change": {NewSigner("old", ""), true}, "after it": {NewSigner("new", "old"), true},
		"after the next": {NewSigner("newer", "new"), false}, "without a key": {Signer{}, false},
	} {
		batch, err := Decoder{RequestID: "R", Signer: c.signer}.Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		if _, taken := batch.Items[0].(Event); taken != c.taken {
			t.Errorf("%s it came to %+v", name, batch.Items[0])
		}
	}
	if _, err := (Signer{}).Encode(Header{}, 1); err == nil {
		t.Error("a message was made without a key")
	}
}

// What is read is what was signed: the transport may not add a second value for a field.
func TestOnlyWhatWasSignedIsRead(t *testing.T) {
	message := strings.Replace(signed(TypeRetry, followUpData), `"wishes":{"name":"n"}`,
		`"wishes":{"zone":"z"},"wishes":{"name":"n"}`, 1)
	if e := one[Event](t, message); len(e.Wishes) != 1 || e.Wishes["name"] != "n" {
		t.Errorf("it wishes %v", e.Wishes)
	}
}

func TestAnEmptyWishIsNoWishInAFollowUpEither(t *testing.T) {
	e := one[Event](t, signed(TypeRetry, strings.Replace(followUpData, `{"name":"n"}`, `{"name":"n","zone":""}`, 1)))
	if len(e.Wishes) != 1 {
		t.Errorf("it wishes %v", e.Wishes)
	}
}

func TestTheRequestOfASweepIsNothingThatAStrangerCanMake(t *testing.T) {
	for _, more := range []string{`"swept":true`, `"until":"2026-11-23T03:00:00Z"`} {
		request := `{"vpnConnectionId":"vco-1",` + more + `}`
		for _, payload := range []string{request, queued(request), queued(`{"type":"vpn-attach.request.v1","data":` +
			request + `}`)} {
			if got := one[Malformed](t, payload); got.ConnectionID != "vco-1" ||
				!strings.Contains(got.Reason, "not known") {
				t.Errorf("%s came to %+v", payload, got)
			}
		}
		if e := one[Event](t, queued(signed(TypeRequest, request))); e.Swept != e.Until.IsZero() {
			t.Errorf("signed it came to %+v", e)
		}
	}
	if e := one[Event](t, queued(`{"id":"x","type":"vpn-attach.request.v1","data":`+wanted+`}`)); e.ID != "x" {
		t.Errorf("a request of anybody came to %+v", e)
	}
	wrong := strings.Replace(signed(TypeRequest, wanted), `"signature":"`, `"signature":"0`, 1)
	if got := one[Malformed](t, queued(wrong)); got.Code != CodeUnsigned {
		t.Errorf("with a wrong signature it came to %+v", got)
	}
}

func TestAnEventThatIsMovedBackHasItsNextID(t *testing.T) {
	long := strings.Repeat("x", maxText)
	for id, want := range map[string]string{
		"e-1": "e-1#1", "e-1#1": "e-1#2", "e-1#9": "e-1#10", "e#x": "e#x#1", long: digest([]byte(long)) + "#1",
	} {
		e := Event{Origin: Origin{ID: id}, Progress: Progress{Attempt: 7, Until: time.Now()}}
		if got := e.again(); got.ID != want || got.Attempt != 0 || !got.Until.IsZero() {
			t.Errorf("%s begins again as %+v", id, got)
		}
	}
}

func TestOnlyTheKeyOfTodaySignsAndNoneIsEmpty(t *testing.T) {
	today, before := strings.Repeat("n", MinKey), strings.Repeat("o", MinKey)
	data := map[string]any{"event": map[string]any{"id": "e-1"}, "vpnConnectionId": "vco-1"}
	for name, c := range map[string]struct {
		signs, reads Signer
		taken        bool
	}{
		"by the key of today, of which there was one before": {NewSigner(today, before), NewSigner(today, ""), true},
		"by the key before, when it is no longer accepted":   {NewSigner(before, ""), NewSigner(today, ""), false},
		"by the key before, while it is accepted":            {NewSigner(before, ""), NewSigner(today, before), true},
		"by the empty key":                    {NewSigner("", ""), NewSigner(today, ""), false},
		"by the empty key, beside one before": {NewSigner("", ""), NewSigner(today, before), false},
	} {
		message, err := c.signs.Encode(Header{ID: "m-1", Type: TypeRetry}, data)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := Decoder{RequestID: "R", Signer: c.reads}.Decode(message)
		if err != nil || len(batch.Items) != 1 {
			t.Fatalf("%s: %+v, %v", name, batch.Items, err)
		}
		if _, taken := batch.Items[0].(Event); taken != c.taken {
			t.Errorf("signed %s it comes to %+v", name, batch.Items[0])
		}
	}
}
