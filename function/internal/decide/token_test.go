package decide

import (
	"errors"
	"testing"

	"vpn-attach/function/internal/cloud"
)

func TestOnlyARememberedFailureSpendsTheToken(t *testing.T) {
	answer := func(status int, code string) error { return &cloud.APIError{Status: status, Code: code} }
	cases := map[string]struct {
		err             error
		spends, refuses bool
	}{
		"an accepted call":                        {nil, false, false},
		"a refused call":                          {answer(400, "Operation.Blocking"), false, true},
		"a failure that the service remembers":    {answer(400, CodeIdempotentFailed), true, true},
		"a call that nobody answered":             {answer(0, ""), false, false},
		"a call in which the service failed":      {answer(500, "InternalError"), false, false},
		"a page of a proxy":                       {answer(200, ""), false, false},
		"an error that is no answer of a service": {errors.New("x"), false, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if SpendsToken(c.err) != c.spends || IsRefusal(c.err) != c.refuses {
				t.Errorf("spends %v, refuses %v", SpendsToken(c.err), IsRefusal(c.err))
			}
		})
	}
}

func TestEveryTokenOfARequestIsAnother(t *testing.T) {
	seen := map[string]bool{}
	for spent := range 5 {
		token := NthToken(Digest("first"), spent)
		if seen[token] || len(token) != 64 || token != NthToken(Digest("first"), spent) {
			t.Errorf("the token after %d is %s", spent, token)
		}
		seen[token] = true
	}
	if NthToken("first", 0) != "first" {
		t.Error("the first token is not the request's own")
	}
}
