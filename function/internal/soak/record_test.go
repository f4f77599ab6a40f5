package soak

import (
	"encoding/json"
	"strings"
	"testing"
)

// payloadOf is what a trigger hands over: messages by their ids, each with its body.
func payloadOf(t *testing.T, messages ...[2]string) []byte {
	t.Helper()
	var elements []map[string]any
	for _, m := range messages {
		elements = append(elements, map[string]any{"id": m[0], "data": map[string]string{"messageBody": m[1]}})
	}
	payload, err := json.Marshal(elements)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func TestAMessageThatComesAgainAllowsItsEventACopyOfWhatFollows(t *testing.T) {
	const (
		retry  = `{"type":"vpn-attach.retry.v1","data":{"event":{"id":"e-1"}}}`
		look   = `{"type":"vpn-attach.health.v1","data":{"event":{"id":"e-2"}}}`
		report = `{"type":"vpn-attach.report.v1","data":{"id":"d","data":{"event":{"id":"e-1"}}}}`
	)
	for _, test := range []struct {
		name      string
		delivered [][2]string
		messages  int
		isBroken  bool
	}{
		{"nothing came again", [][2]string{{"m-1", retry}, {"m-2", report}}, perDelivery + 1, true},
		{"a retry came again", [][2]string{{"m-1", retry}, {"m-1", retry}}, perDelivery + 1, false},
		{"an outcome came again", [][2]string{{"m-2", report}, {"m-2", report}}, perDelivery + 1, false},
		{"what was fed came again", [][2]string{{"m-3", "fed"}, {"m-3", "fed"}}, perDelivery + 1, false},
		{"what was fed came twice again", [][2]string{{"m-3", "fed"}, {"m-3", "fed"}, {"m-3", "fed"}},
			3*perDelivery + 1, true},
		{"a message of another event came again", [][2]string{{"m-4", look}, {"m-4", look}}, perDelivery + 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := sound(t)
			r.fedFor["fed"], r.messages["e-1"] = "e-1", test.messages
			for _, m := range test.delivered {
				r.delivered(payloadOf(t, m), moment(1), moment(2))
			}
			if got := r.violations()["bounded"]; (got != "") != test.isBroken {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestOneOfTheCopiesOfAPostponedOutcomeIsPublished(t *testing.T) {
	r := sound(t)
	r.postponed = []document{{ID: "2", Time: moment(29)}, {ID: "2", Time: moment(30)}} // it was made in second 30
	if got := r.violations()["ids-repeat"]; got != "" {
		t.Errorf("got %s", got)
	}
	r.postponed = append(r.postponed, document{ID: "3", Time: moment(29)})
	if got := r.violations()["ids-repeat"]; !strings.Contains(got, "unchanged") {
		t.Errorf("one of which no copy was published breaks %q", got)
	}
}
