package attach

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/event"
)

// TestWhatIsNotWorkedOnIsIgnoredOrPutBack: an element about nothing is ignored, one beyond what an invocation takes
// goes back at once, and a message of another version rests before it is read again, longer when it is over and there
// is no dead-letter queue.
func TestWhatIsNotWorkedOnIsIgnoredOrPutBack(t *testing.T) {
	b := newBench(t, sites("vco-1"))
	b.DeadLetters = nil
	fresh := event.OtherVersion{ID: "v-1", Type: "vpn-attach.new.v9", Body: []byte(`"fresh"`)}
	over := fresh
	over.Body, over.Until = []byte(`"over"`), time.Now().Add(-time.Hour)
	items := []event.Item{event.Ignored{Reason: "a test"}, event.Surplus{Body: []byte("surplus")}, fresh, over}
	tasks := b.tasksOf(invocation("r-1"), items)
	for _, task := range tasks {
		b.guarded(t.Context(), invocation("r-1"), task, b.Log)
		task.job.log(b.Log, task.effects, nil)
	}
	telling := &publishing{attacher: b.Attacher}
	if err := b.deliver(budgetOf(t.Context()), invocation("r-1"), tasks, telling); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range b.queue.drain() {
		body := string(m.Body)
		for _, word := range []string{"fresh", "over"} {
			if strings.Contains(body, `"message":"`+word+`"`) {
				body = word
			}
		}
		got = append(got, fmt.Sprint(body, " ", m.Delay))
	}
	if want := "[surplus 0s fresh 1m0s over 15m0s]"; fmt.Sprint(got) != want {
		t.Errorf("put back %v, want %s", got, want)
	}
	if answer := answerOf(tasks, false); answer.Ignored != 1 || answer.Queued != 3 || answer.Events != 0 {
		t.Errorf("the answer counts %+v", answer)
	}
}
