package event

import "testing"

func TestShapesAreToldApartByTheirOutermostLayer(t *testing.T) {
	for text, want := range map[string]Shape{
		wanted:                             ShapeRequest,
		`{"sweep":{}}`:                     ShapeSweep,
		`{"detach":null}`:                  ShapeDetach,
		`{"messageBody":"x"}`:              ShapeRawData,
		created(nil):                       ShapeActionTrail,
		" " + queued("x"):                  ShapeDelivery,
		`{"type":"mns:Queue:X","data":{}}`: ShapeDelivery,
		`{"data":{"MessageBody":"x"}}`:     ShapeDelivery,
		`{"type":"vpn-attach.novelty.v7","data":{}}`:  ShapeOwn,
		`{"type":"ecs:Instance:StateChange"}`:         ShapeOtherType,
		`{"triggerName":"t","triggerTime":"now"}`:     ShapeTimer,
		noticeJSON(`"x"`):                             ShapeNotice,
		`{"TopicName":"t"}`:                           ShapeUnknown,
		`{"type":"tag:ActionTrail:ApiCall"}`:          ShapeActionTrail,
		`{"vpnConnectionId":"vco-1","sweep":{}}`:      ShapeRequest,
		`{"messageBody":"x","type":"vpc:x","data":1}`: ShapeRawData,
		`{"psk":"x"}`:               ShapeUnknown,
		`{"vpnConnectionId":"vco-1`: ShapeUnknown,
		`[` + wanted + `]`:          ShapeUnknown,
		`"text"`:                    ShapeUnknown,
		``:                          ShapeUnknown,
	} {
		if got := ShapeOf([]byte(text)); got != want {
			t.Errorf("%s has shape %d, want %d", text, got, want)
		}
	}
}

func TestWhatADeliveryCarriesIsUnwrapped(t *testing.T) {
	for text, want := range map[string]struct{ message, id string }{
		queued(wanted):                               {wanted, "C6DB"},
		" " + queued(inBase64(" "+wanted)):           {wanted, "C6DB"},
		rawData("m-1", wanted):                       {wanted, "m-1"},
		`{"messageBody":{"a":1}}`:                    {`{"a":1}`, ""},
		`{"id":"e-1","data":{"messageBody":"text"}}`: {"text", "e-1"},
		dataInBase64(queued(wanted)):                 {wanted, "C6DB"},
		encode(wanted):                               {wanted, ""},
		noticeJSON(encode(wanted)):                   {wanted, "t-1"},
		noticeJSON(wanted):                           {wanted, "t-1"},
		noticeXML(wanted):                            {wanted, "t-1"},
	} {
		message, id, is := Unwrap([]byte(text))
		if !is || string(message) != want.message || id != want.id {
			t.Errorf("%s carries %q, %q, %v", text, message, id, is)
		}
	}
	for _, text := range []string{
		``, `7`, wanted, created(nil), `{"messageBody":null}`, `{"messageBody":""}`, `{"type":"mns:Queue:X","data":{}}`,
		`{"messageBody":"x"`,
	} {
		if message, _, is := Unwrap([]byte(text)); is {
			t.Errorf("%s carries %q", text, message)
		}
	}
}
