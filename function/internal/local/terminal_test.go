package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fc"
)

// hostile is a name with what terminals act on: a colour, a title, C1 controls, a bidi override, a zero-width space, a
// byte order mark, a line break, a tab, a return, a bell, a backspace and a byte that is no character.
const hostile = "a\x1b[31m\x1b]0;title\x07\u009b2J\u0085\u202e\u2066\u200b\u200d\ufeff\u2028\n\t\r\b\x7f\xffz"

// acted is what a terminal would act on in a text, without the colours that are ours.
func acted(text string) (found []string) {
	text = regexp.MustCompile(`\x1b\[(31|32|33|90|0)m`).ReplaceAllString(text, "")
	for _, r := range text {
		if !unicode.IsPrint(r) && r != '\n' || r == unicode.ReplacementChar {
			found = append(found, fmt.Sprintf("%U", r))
		}
	}
	return found
}

// outcomeOf is an outcome whose texts are all the same.
func outcomeOf(text string) json.RawMessage {
	quoted, _ := json.Marshal(text) // a text always encodes
	const form = `{"subject":X,"data":{"status":X,"transitRouterId":X,"transitRouterAttachmentId":X,"rule":X,` +
		`"reason":X,"error":{"code":X,"message":X,"advice":X}}}`
	return json.RawMessage(strings.ReplaceAll(form, "X", string(quoted)))
}

func TestNothingThatATerminalWouldActOnIsPrinted(t *testing.T) {
	name := strings.ReplaceAll(hostile, "\x1b[31m", "\x1b[35m") // no colour of ours
	outcome := outcomeOf(name)
	reason := json.RawMessage(strings.Replace(string(outcome), `"error":`, `"ignored":`, 1))
	d := Document{
		Outcomes: []json.RawMessage{outcome, reason}, Calls: map[string]int{name: 1},
		Attachments: []Attachment{{ConnectionID: name, Status: name}},
	}
	attached := estate.Attachment{Connection: name, Router: name, Status: "Attached"}
	lines := errors.Join(errors.New(name), errors.New(name)).Error()
	for what, show := range map[string]func(*Terminal){
		"an outcome":                  func(t *Terminal) { t.Outcome(string(outcome)) },
		"a reason":                    func(t *Terminal) { t.Outcome(string(reason)) },
		"what cannot be read":         func(t *Terminal) { t.Outcome(name) },
		"an attachment":               func(t *Terminal) { t.attachment(attached) },
		"a failure of the function":   func(t *Terminal) { t.push(failed(name)) },
		"a line of the function":      func(t *Terminal) { t.output(name, "stderr", name) },
		"what is waited for":          func(t *Terminal) { t.waiting(name) },
		"the table at the end":        func(t *Terminal) { t.Table(d) },
		"the verdict on a case":       func(t *Terminal) { t.verdict(name, result{d, []string{name, name + name}}) },
		"a table of another command":  func(t *Terminal) { fmt.Fprintf(Screen{t.Out}, "x\t%s\n%s\n", name, name) },
		"an error of several lines":   func(t *Terminal) { fmt.Fprintln(t.Out, SafeLines(lines)) },
		"a document, for programs":    func(t *Terminal) { fmt.Fprintf(t.Out, "%s\n", SafeJSON(outcome)) },
		"a document with wrong bytes": func(t *Terminal) { fmt.Fprintf(t.Out, "%s", SafeJSON([]byte("\xff\u0085"))) },
	} {
		for _, colour := range []bool{false, true} {
			var out strings.Builder
			show(&Terminal{Out: &out, Colour: colour})
			if found := acted(out.String()); len(found) > 0 || out.Len() == 0 {
				t.Errorf("%s: it printed %v in %q", what, found, out.String())
			}
		}
	}
}

func failed(text string) fc.Push {
	return fc.Push{Invocation: fc.Invocation{Failure: &fc.Failure{Type: text, Message: text}}}
}

// A name cannot forge a line of its own: each thing that happened is one line.
func TestWhatHappenedIsOneLine(t *testing.T) {
	var out strings.Builder
	terminal := &Terminal{Out: &out}
	terminal.attachment(estate.Attachment{Connection: "vco-1\nvco-2", Router: "tr-1\r\ntr-2", Status: "Attached"})
	terminal.Outcome(string(outcomeOf("x\ny")))
	if lines := strings.Count(out.String(), "\n"); lines != 3 { // the outcome has its advice
		t.Errorf("%d lines: %s", lines, out.String())
	}
}

func TestASafeDocumentMeansTheSame(t *testing.T) {
	for _, text := range []string{
		"plain", "\u00e9\u4e2d\u6587 \U0001f600", "\u0085\u202e\u200b", "\U000e0001\U0010ffff", "\x00\x1f\x7f",
		"\"\\u0041", "",
	} {
		quoted, err := json.Marshal(map[string]string{text: text})
		if err != nil {
			t.Fatal(err)
		}
		var again map[string]string
		safe := SafeJSON(quoted)
		if err := json.Unmarshal(safe, &again); err != nil || again[text] != text || len(acted(string(safe))) > 0 {
			t.Errorf("%q became %s, %v", text, safe, err)
		}
	}
	if got := string(SafeJSON([]byte(`{"é":"中"}` + "\n"))); got != `{"é":"中"}`+"\n" {
		t.Errorf("what can be seen became %s", got)
	}
}

func TestWaitingForACaseIsSaidWithASafeName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		ended := make(chan result, 1)
		go func() {
			time.Sleep(silence + silence/2)
			ended <- result{}
		}()
		(&Terminal{Out: &out}).await(hostile, ended)
		if found := acted(out.String()); len(found) > 0 || !strings.Contains(out.String(), "waiting for a?") {
			t.Errorf("it printed %v in %q", found, out.String())
		}
	})
}
