package local_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/template"
)

// logged is what lines of the function's log had in them: by the kind of the line, its fields, and their values.
type logged struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (l *logged) read(document local.Document) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, raw := range document.Log {
		var line map[string]any
		if json.Unmarshal(raw, &line) != nil {
			continue // a line of the platform
		}
		for field, value := range line {
			l.seen[fmt.Sprint(line["message"], " ", field)] = true
			l.seen[fmt.Sprint(line["message"], " ", field, ": ", value)] = true
		}
	}
}

// query is what a chart or an alarm asks the log.
type query struct{ of, text string }

// queriesOf are all of a stack.
func queriesOf(stack *template.Stack) (all []query) {
	var walk func(of string, value any)
	walk = func(of string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, inner := range value {
				if text, is := inner.(string); is && strings.EqualFold(name, "query") {
					all = append(all, query{of, text})
				}
				walk(of, inner)
			}
		case []any:
			for _, inner := range value {
				walk(of, inner)
			}
		}
	}
	for _, r := range stack.Resources {
		walk(r.ID, r.Properties)
	}
	return all
}

// wrong lists what a query asks for that is not indexed, or that no line of the kinds that it finds ever had.
func (q query) wrong(indexed map[string]string, seen map[string]bool) (found []string) {
	search, analysis, _ := strings.Cut(q.text, "|")
	var kinds []string
	for _, m := range regexp.MustCompile(`message\.message: (\w+)`).FindAllStringSubmatch(search, -1) {
		kinds = append(kinds, m[1])
	}
	has := func(what string) bool {
		return slices.ContainsFunc(kinds, func(kind string) bool { return seen[kind+" "+what] })
	}
	for _, m := range regexp.MustCompile(`message\.(\w+): (\w+)`).FindAllStringSubmatch(search, -1) {
		if !has(m[1] + ": " + m[2]) {
			found = append(found, fmt.Sprintf("no line of %q has %s: %s", kinds, m[1], m[2]))
		}
	}
	fields := regexp.MustCompile(`message\.(\w+)`).FindAllStringSubmatch(q.text, -1)
	numbers := regexp.MustCompile(`(?:sum|max|max_by|approx_percentile)\("message\.(\w+)"|message\.(\w+) >`)
	for _, m := range fields {
		switch {
		case indexed["message."+m[1]] == "":
			found = append(found, m[1]+" is not indexed")
		case !has(m[1]):
			found = append(found, fmt.Sprintf("no line of %q has %s", kinds, m[1]))
		}
	}
	for _, m := range numbers.FindAllStringSubmatch(analysis+search, -1) {
		if field := m[1] + m[2]; field != "connection" && indexed["message."+field] != "long" {
			found = append(found, field+" is no number in the index")
		}
	}
	return found
}

// check holds every chart and every alarm on the log against what the cases made the function write.
func (l *logged) check(t *testing.T) {
	read, err := local.TheTemplate()
	if err != nil {
		t.Fatal(err)
	}
	stack, err := read.Resolve(map[string]string{
		"AlertActionPolicy": "policy", "CodeBucket": "bucket", "CodeObject": "object",
		"FollowUpKey": strings.Repeat("k", 32),
	}, template.Pseudo{Account: "1234567890123456", Region: "cn-hangzhou", Stack: "vpn-attach"})
	if err != nil {
		t.Fatal(err)
	}
	queries := queriesOf(stack)
	if len(queries) < 15 {
		t.Errorf("only %d queries were found", len(queries))
	}
	for _, q := range queries {
		for _, wrong := range q.wrong(local.Indexed(stack), l.seen) {
			t.Errorf("%s: %s: %s", q.of, wrong, q.text)
		}
	}
}

func TestAQueryThatFindsNothingIsNoticed(t *testing.T) {
	indexed := map[string]string{"message.message": "text", "message.status": "text", "message.up": "long"}
	seen := map[string]bool{"sweep message": true, "sweep message: sweep": true, "sweep up": true,
		"sweep status": true, "sweep status: ok": true, "event down": true}
	for text, want := range map[string]string{
		`message.message: sweep | select max("message.up")`:                               "",
		`message.message: sweep and message.status: ok | select count(1)`:                 "",
		`message.message: sweep and message.status: no | select count(1)`:                 "has status: no",
		`message.message: swept | select count(1)`:                                        "has message: swept",
		`message.message: sweep | select max("message.down")`:                             "down is not indexed",
		`message.message: sweep | select sum("message.status")`:                           "status is no number",
		`message.message: sweep or message.message: event | select count("message.down")`: "down is not indexed",
	} {
		got := strings.Join(query{"a", text}.wrong(indexed, seen), ", ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: found %q, want %q", text, got, want)
		}
	}
}
