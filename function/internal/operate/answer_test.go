package operate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"vpn-attach/function/internal/operate"
)

func TestAnAnswerIsToldInWords(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		words  []string
		failed bool
	}{
		"attached": {`{"outcomes":[{"subject":"vco-1","data":{"status":"attaching","transitRouterId":"tr-1"}}]}`,
			[]string{"vco-1: attaching  tr-1"}, false},
		"failed": {`{"outcomes":[{"subject":"vco-1","data":{"status":"failed","error":{"code":"Gone","message":"m",` +
			`"advice":"a"}}}]}`, []string{"vco-1: failed", "cause: Gone: m", "advice: a"}, true},
		"paused": {`{"paused":true}`, []string{"PAUSE=true", "nothing was done"}, true},
		"queued": {`{"queued":2}`, []string{"2 requests go on"}, false},
		"down": {`{"health":[{"subject":"vco-1","data":{"state":"down","cause":"no answer","actor":"peer","tunnels":` +
			`[{"id":"tun-1","ike":"ike_sa_not_established","ipsec":""}]}}]}`,
			[]string{"vco-1: down", "cause: no answer", "who must act: peer", "tunnel tun-1: IKE ike_sa"}, false},
		"what a terminal would act on": {`{"outcomes":[{"subject":"vco-\u001b[1m","data":{"status":"checked"}}]}`,
			[]string{"vco-?[1m: checked"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var answer operate.Answer
			if err := json.Unmarshal([]byte(c.answer), &answer); err != nil {
				t.Fatal(err)
			}
			for _, word := range c.words {
				if !strings.Contains(answer.Text(), word) {
					t.Errorf("it does not say %q:\n%s", word, answer.Text())
				}
			}
			if answer.Failed() != c.failed {
				t.Errorf("failed is %v", answer.Failed())
			}
		})
	}
}
