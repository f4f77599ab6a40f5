package decide

import (
	"errors"
	"slices"
	"testing"

	"vpn-attach/function/internal/cloud"
)

func TestOnlyADefiniteRefusalFreesTheToken(t *testing.T) {
	answer := func(status int, code string) error { return &cloud.APIError{Status: status, Code: code} }
	lost, blocked := answer(0, ""), answer(400, "Operation.Blocking")
	broken, remembered := answer(500, "InternalError"), answer(400, CodeIdempotentFailed)
	cases := map[string]struct {
		tries []error
		freed []bool // after each try
	}{
		"an accepted call":                        {[]error{nil}, []bool{false}},
		"a refused call":                          {[]error{blocked, blocked}, []bool{true, true}},
		"a call that nobody answered":             {[]error{lost, lost}, []bool{false, false}},
		"a call in which the service failed":      {[]error{broken}, []bool{false}},
		"a page of a proxy":                       {[]error{answer(200, "")}, []bool{false}},
		"a refusal after a call without answer":   {[]error{lost, blocked}, []bool{false, false}},
		"a call without answer after a refusal":   {[]error{blocked, lost, blocked}, []bool{true, false, false}},
		"a token that is known to have failed":    {[]error{lost, remembered, blocked}, []bool{false, true, true}},
		"an error that is no answer of a service": {[]error{errors.New("x")}, []bool{false}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			token, freed, seen := Token{Value: "first"}, []bool{}, []string{"first"}
			for _, err := range c.tries {
				next := token.After(anEvent(), err)
				freed = append(freed, next.Value != token.Value)
				if token = next; freed[len(freed)-1] && slices.Contains(seen, token.Value) {
					t.Errorf("the token %s is used twice", token.Value)
				}
				seen = append(seen, token.Value)
			}
			if !slices.Equal(freed, c.freed) {
				t.Errorf("freed %v, want %v", freed, c.freed)
			}
		})
	}
}

// A redelivery goes through the same tokens; another attempt does not meet those that were refused before.
func TestTheTokenAfterARefusalDependsOnTheAttemptAlone(t *testing.T) {
	refused := &cloud.APIError{Status: 400, Code: "Operation.Blocking"}
	token := Token{Value: "first"}
	again := anEvent()
	again.Attempt = 2
	first := token.After(anEvent(), refused)
	if first != token.After(anEvent(), refused) || first == token.After(again, refused) || len(first.Value) != 64 {
		t.Errorf("got %+v", first)
	}
}
