package bench

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/event"
)

func TestARatioIsTheMedianOfRunsSideBySide(t *testing.T) {
	r := ratio("x", "ms", "floor", []float64{10, 30, 12}, []float64{10, 20, 10}, 1.2)
	ours := Stat{Median: 12, Min: 10, Max: 30}
	if r.Ratio != 1.2 || !r.Pass || r.Ours != ours || r.Least.Median != 10 {
		t.Errorf("got %+v", r)
	}
	if r := ratio("x", "ms", "floor", []float64{13}, []float64{10}, 1.2); r.Pass {
		t.Errorf("got %+v", r)
	}
	if r := ratio("x", "ms", "floor", []float64{13}, []float64{0}, 1.2); r.Pass {
		t.Errorf("without a floor: %+v", r)
	}
	if r := ratio("x", "ms", "floor", []float64{13}, []float64{10}, 0); !r.Pass {
		t.Errorf("without a bar: %+v", r)
	}
}

func TestBarsThatAreNotRatiosApply(t *testing.T) {
	if r := absolute("x", "MB", []float64{97}, 96); r.Pass {
		t.Errorf("got %+v", r)
	}
	if r := absolute("x", "MB", []float64{0}, 96); r.Pass {
		t.Errorf("an unknown value passes: %+v", r)
	}
	if r := exactly("x", 4, 5); r.Pass {
		t.Errorf("fewer calls than it takes pass: %+v", r)
	}
	if r := exactly("x", 5, 5); !r.Pass {
		t.Errorf("got %+v", r)
	}
}

func TestTheFirstRoundIsNotCountedAndRoundsTakeTurns(t *testing.T) {
	var order strings.Builder
	n := 0.0
	values, err := interleave(2,
		func() (float64, error) { order.WriteByte('a'); n++; return n, nil },
		func() (float64, error) { order.WriteByte('b'); return 0, nil })
	if err != nil || order.String() != "abbaab" || len(values[0]) != 2 || values[0][0] != 2 {
		t.Errorf("%s, %v, %v", order.String(), values, err)
	}
	if _, err := interleave(2, func() (float64, error) { return 0, errors.New("no") }); err == nil {
		t.Error("an error is ignored")
	}
}

func TestTheTableSaysPassAndFail(t *testing.T) {
	var out strings.Builder
	Table(&out, []Row{
		absolute("good", "MB", []float64{1}, 2), absolute("bad", "MB", []float64{3}, 2),
		absolute("no bar", "MB", []float64{3}, 0),
	})
	words := strings.Fields(out.String())
	for verdict, name := range map[string]string{"PASS": "good", "FAIL": "bad", "-": "no"} {
		if i := slices.Index(words, verdict); i < 0 || words[i+1] != name {
			t.Errorf("got\n%s", out.String())
		}
	}
}

func TestTheLargeBatchIsAsLargeAsItSays(t *testing.T) {
	payload, err := LargeBatch(500)
	if err != nil || len(payload) < 5_900_000 || len(payload) > event.MaxPayload {
		t.Fatalf("%d bytes, %v", len(payload), err)
	}
	batch, err := event.Decoder{RequestID: "R"}.Decode(payload)
	if err != nil || len(batch.Items) != 500 || idOf(batch.Items[499]) != connectionID(499) {
		t.Errorf("%d items, %v", len(batch.Items), err)
	}
}

func idOf(item event.Item) string {
	e, _ := item.(event.Event)
	return e.ConnectionID
}
