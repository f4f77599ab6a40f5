package attach

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	standin "vpn-attach/function/internal/standin/mns"
)

func TestADirectCallerGetsTheDocumentsAndATriggerCounts(t *testing.T) {
	other := strings.ReplaceAll(sites("vco-1")[0].ID, "1", "2")
	cases := map[string]struct {
		elements []string
		want     string // the answer, without its documents
		outcomes int
		sweeps   int
	}{
		"requests": {[]string{ask("vco-1", ""), ask(other, "")}, `{"events":2,"ignored":0}`, 2, 0},
		"a sweep":  {[]string{`{"sweep":{}}`}, `{"events":1,"ignored":0}`, 0, 1},
		"a trigger's batch": {
			[]string{created("vco-1"), retried(other), retried("vco-3"),
				`{"type":"x","id":"1","specversion":"1.0","data":{}}`},
			`{"events":3,"ignored":1,"statuses":{"attaching":1,"skipped":2}}`, 0, 0,
		},
		"what another version queued": {
			[]string{overVersion()},
			`{"events":1,"ignored":0,"statuses":{"failed":1}}`, 0, 0,
		},
		"nothing": {nil, `{"events":0,"ignored":0}`, 0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, sites("vco-1"))
			answer := b.handle(c.elements...)
			published := b.topic.Published("outcomes")
			for i, document := range append(answer.Outcomes, answer.Sweeps...) {
				told := func(p standin.Published) bool { return p.Body == string(document) }
				if !slices.ContainsFunc(published, told) {
					t.Errorf("document %d was not published as it is: %s", i, document)
				}
			}
			if len(answer.Outcomes) != c.outcomes || len(answer.Sweeps) != c.sweeps {
				t.Errorf("it has %d outcomes and %d sweeps", len(answer.Outcomes), len(answer.Sweeps))
			}
			answer.Outcomes, answer.Sweeps = nil, nil
			if text, err := json.Marshal(answer); err != nil || string(text) != c.want {
				t.Errorf("it answers %s, %v", text, err)
			}
		})
	}
}

func TestWhatGoesOnWithoutNewsIsCountedAsQueued(t *testing.T) {
	b := newBenchIn(t, slow(), sites("vco-1"))
	b.handle(created("vco-1"))
	if answer := b.goOn(); answer.Queued != 1 || answer.Events != 0 || len(answer.Statuses) != 0 {
		t.Errorf("got %+v", answer)
	}
}
