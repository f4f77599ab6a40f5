package attach

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/fault"
)

// lines are the lines of the log with this message.
func (b *bench) lines(message string) (all []map[string]any) {
	b.t.Helper()
	for text := range strings.Lines(b.log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			b.t.Fatalf("%s: %v", text, err)
		}
		if line["message"] == message {
			all = append(all, line)
		}
	}
	return all
}

func TestTheLineOfAnEventHasTheSameKeysWhateverHappened(t *testing.T) {
	busy := sites("vco-2")[0]
	busy.State = "updating"
	b := newBench(t, append(sites("vco-1"), busy), fault.Fault{Action: cloud.ActionPublish, Skip: 3, Status: 404,
		Code: "TopicNotExist"})
	b.Concurrency = 1 // in order
	b.handle(created("vco-1"), created("vco-2"), ask("vco_3", ""), retried("vco-4"))
	levels := []string{"info", "warn", "warn", "error"} // the last one could not be told
	optional := []string{"delay", "unpublished"}
	var keys []string
	for i, line := range b.lines("event") {
		if line["level"] != levels[i] {
			t.Errorf("line %d has the level %s: %v", i, line["level"], line)
		}
		if (line["delay"] != nil) != (i < 2) || (line["unpublished"] != nil) != (i == 3) ||
			line["published"] != (i != 3) || line["queued"] != (i == 3) {
			t.Errorf("line %d: %v", i, line)
		}
		maps.DeleteFunc(line, func(key string, _ any) bool { return slices.Contains(optional, key) })
		if got := slices.Sorted(maps.Keys(line)); i == 0 {
			keys = got
		} else if !slices.Equal(got, keys) {
			t.Errorf("line %d has the keys %q, the first one %q", i, got, keys)
		}
	}
	if len(keys) == 0 || strings.Contains(b.log.String(), "canary") {
		t.Errorf("the log says %s", b.log)
	}
}

func TestTheLineOfAnEventSaysWhoMustAct(t *testing.T) {
	refused := fault.Fault{Action: cloud.ActionCreate, Status: 403, Code: "Forbidden.RAM"}
	b := newBench(t, sites("vco-1"), refused)
	b.handle(created("vco-1"))
	line := b.lines("event")[0]
	for key, want := range map[string]any{
		"level": "error", "code": "Forbidden.RAM", "class": "operator", "status": "failed", "connection": "vco-1",
		"router":  "tr-core",
		"eventId": "e-vco-1", "requestId": "r-1", "attempt": 1.0, "rule": "tag vpn-attach:transit-router=tr-core",
		"cold": false,
	} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
	if line["apiRequestId"] == "" || line["calls"] != 3.0 {
		t.Errorf("got %v", line)
	}
}

func TestEveryInvocationHasASummary(t *testing.T) {
	b := newBench(t, sites("vco-1"))
	b.handle(created("vco-1"), `{"type":"x","id":"1","specversion":"1.0","data":{}}`)
	summary := b.lines("invocation")
	if len(summary) != 1 || summary[0]["events"] != 1.0 || summary[0]["ignored"] != 1.0 ||
		summary[0]["level"] != "info" {
		t.Errorf("got %v", summary)
	}
	if ignored := b.lines("ignored"); len(ignored) != 1 || ignored[0]["ignored"] == "" {
		t.Errorf("got %v", ignored)
	}
}

func TestTheLineOfASweepSaysWhatItFound(t *testing.T) {
	b := newBench(t, mixed(), fault.Fault{Action: cloud.ActionPublish, Skip: 1, Status: 404, Code: "TopicNotExist"})
	b.handle(sweepAll)
	b.handle(sweepAll)
	lines := b.lines("sweep")
	if len(lines) != 2 || lines[0]["level"] != "info" || lines[1]["level"] != "error" ||
		lines[1]["published"] != false {
		t.Fatalf("got %v", lines)
	}
	if line := lines[0]; line["connections"] != 9.0 || line["inLine"] != 2.0 || line["wanted"] != 2.0 ||
		line["amiss"] != 1.0 || line["done"] != true {
		t.Errorf("got %v", line)
	}
}

func TestTheLineOfAnUnpublishedOutcomeSaysWhetherItIsToldNow(t *testing.T) {
	b := newBench(t, nil, fault.Fault{Action: cloud.ActionPublish, Times: 2, Status: 404, Code: "TopicNotExist"})
	b.handle(retried("vco-1"))
	b.goOn()
	b.goOn()
	lines := b.lines("report")
	if len(lines) != 2 || lines[0]["published"] != false || lines[0]["queued"] != true ||
		lines[1]["published"] != true || lines[1]["status"] != "skipped" {
		t.Errorf("got %v", lines)
	}
}

func TestAnOutcomeThatNeitherTopicNorQueueTookIsNotSaidToWait(t *testing.T) {
	b := newBench(t, nil, fault.Fault{Action: cloud.ActionPublish, Status: 404, Code: "TopicNotExist"},
		fault.Fault{Action: cloud.ActionSend, Status: 404, Code: "QueueNotExist"})
	if _, err := b.try(retried("vco-1")); err == nil {
		t.Fatal("the invocation did not fail, and nobody is told")
	}
	if lines := b.lines("event"); len(lines) != 1 || lines[0]["published"] != false || lines[0]["queued"] != false {
		t.Errorf("got %v", lines)
	}
}
