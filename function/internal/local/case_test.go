package local

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// folder holds one wire file, clouds to change, and the files of the test.
func folder(files map[string]string) fstest.MapFS {
	all := fstest.MapFS{
		"wire/created.json":    {Data: []byte(`{"data": {"id": "vco-one", "n": 1795402805000, "list": [{"a": 1}]}, "subject": "vpn/vco-one"}`)},
		"wire/one-object.json": {Data: []byte(`{"id": "c", "type": "mns:Queue:SendMessage", "data": {"messageBody": "x"}}`)},
		"clouds/default.yaml":  {Data: []byte("attachSeconds: 7\ndetachSeconds: 8\nfaults: [{action: PublishMessage, drop: after}]\n")},
		"clouds/paused.yaml":   {Data: []byte("attachSeconds: 9\nfunction: {timeout: 5, environment: {PAUSE: x}}\n")},
	}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

func readOne(text string) (Case, error) {
	all, err := ReadCases(folder(map[string]string{"cases/shapes/one.yaml": text, "cases/shapes/beside.json": `{"beside":true}`}))
	if err != nil {
		return Case{}, err
	}
	return all[0], nil
}

func TestEventsAreWrittenInManyForms(t *testing.T) {
	for written, want := range map[string]string{
		"created":            `{"data": {"id": "vco-one", "n": 1795402805000, "list": [{"a": 1}]}, "subject": "vpn/vco-one"}`,
		"./beside.json":      `{"beside":true}`,
		"'{broken'":          `{broken`,
		"{text: created}":    `created`,
		"|-\n  two\n  lines": "two\nlines",
		"{wire: created, replace: {vco-one: vco-two}}":                                                 `{"data": {"id": "vco-two", "n": 1795402805000, "list": [{"a": 1}]}, "subject": "vpn/vco-two"}`,
		"{wire: created, with: {data/list/0/a: 2, data/id: null, data/new/deep: x, subject: {a: <>}}}": `{"data":{"list":[{"a":2}],"n":1795402805000,"new":{"deep":"x"}},"subject":{"a":"<>"}}`,
		"{vpnConnectionId: vco-1, dryRun: true}":                                                       `{"dryRun":true,"vpnConnectionId":"vco-1"}`,
		"[{a: 1}, 7, null]":                                                                            `[{"a":1},7,null]`,
		"{envelope: {text: hello}}":                                                                    `{"data":{"messageBody":"hello","messageId":"m-0"},"id":"ce-m-0","type":"mns:Queue:SendMessage"}`,
		"{batch: [{text: a}, {count: 2, of: {text: 'x#'}}], rawData: true}":                            `[{"messageBody":"a","messageId":"m-0"},{"messageBody":"x1","messageId":"m-1"},{"messageBody":"x2","messageId":"m-2"}]`,
		"{base64: {text: hello}}":                                                                      `aGVsbG8=`,
		"{bytes: 12}":                                                                                  `{"x":"xxxx"}`,
		"{depth: 3}":                                                                                   `[[[]]]`,
	} {
		one, err := readOne("why: x\nevent: " + written + "\nexpect: {deadLetters: 0}\n")
		if err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		text, err := one.Event()
		got := string(text)
		if got != want {
			got = strings.NewReplacer("\n", "", "  ", "", ": ", ":").Replace(got)
		}
		if err != nil || got != want {
			t.Errorf("%s:\n got %s, %v\nwant %s", written, got, err, want)
		}
	}
}

func TestTimesInAnEventAreThoseOfItsSending(t *testing.T) {
	m := maker{now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), speed: 10}
	text, err := m.moments([]byte(`${now} ${now-1h} ${now+5s} ${nowhere} $now`))
	if want := `2026-11-23T03:00:00Z 2026-11-23T02:54:00Z 2026-11-23T03:00:00.5Z ${nowhere} $now`; err != nil || string(text) != want {
		t.Errorf("got  %s, %v\nwant %s", text, err, want)
	}
	if _, err := m.moments([]byte(`${now+often}`)); err == nil {
		t.Error("no error for a time that is none")
	}
}

func TestACaseThatProvesNothingOrIsMisspeltIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"event: created\nexpect: {deadLetters: 0}":                                         "does not say why",
		"why: x\nexpect: {deadLetters: 0}":                                                 "nothing happens",
		"why: x\nevent: created":                                                           "names nothing",
		"why: x\nevent: created\nexpect: {calls: {}}":                                      "names nothing",
		"why: x\nevent: created\nexpect: {calls: {CreateVpnAttachment: 0}}":                `never calls "CreateVpnAttachment"`,
		"why: x\nevent: created\nexpect: {invocations: many}":                              `>  3 | expect: {invocations: many}`,
		"why: x\nevent: created\nexpect: {outcome: []}":                                    `>  3 | expect: {outcome: []}`,
		"why: x\nevents: created\nexpect: {deadLetters: 0}":                                `>  2 | events: created`,
		"why: x\nevent: creatd\nexpect: {deadLetters: 0}":                                  `there is no events/wire/creatd.json`,
		"why: x\nevent: {wire: created, replaced: {}}\nexpect: {deadLetters: 0}":           `unknown field "replaced"`,
		"why: x\nevent: {wire: created, replace: {vco-9: x}}\nexpect: {deadLetters: 0}":    `does not contain "vco-9"`,
		"why: x\nevent: {wire: created, with: {data/list/3: x}}\nexpect: {deadLetters: 0}": `the list has no "3"`,
		"why: x\nevent: created\ncloud: nowhere\nexpect: {deadLetters: 0}":                 `no cloud called "nowhere"`,
		"why: x\nevent: created\ncloud: {attachSecond: 1}\nexpect: {deadLetters: 0}":       `>  3 | cloud: {attachSecond: 1}`,
		"why: x\nevent: created\ncloud: {trigger: {tries: 0}}\nexpect: {deadLetters: 0}":   `trigger.tries`,
		"why: x\nsteps: [{sent: created}]\nexpect: {deadLetters: 0}":                       `no such step; the steps are after, configure`,
		"why: x\nsteps: [{send: created, twice: true}]\nexpect: {deadLetters: 0}":          `unknown field "twice"`,
		"why: x\nsteps: [{invoke: creatd}]\nexpect: {deadLetters: 0}":                      `there is no events/wire/creatd.json`,
	} {
		if _, err := readOne(text + "\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\ngot %v, want it to say %q", text, err, want)
		}
	}
}

func TestACaseChangesItsCloudAndAVariantItsCase(t *testing.T) {
	all, err := ReadCases(folder(map[string]string{"cases/rules/one.yaml": `
why: x
event: created
cloud: {detachSeconds: 1}
expect: {deadLetters: 0, calls: {AssumeRole: 1}}
variants:
  b: {cloud: {faults: []}, expect: {outcomes: []}}
  a: {event: {text: other}, cloud: {attachSeconds: 2}, steps: [{idle: true}], expect: {deadLetters: 3}}
`, "cases/shapes/two.yaml": "why: x\nevent: created\ncloud: {base: paused, function: {timeout: 6}}\nexpect: {outcomes: 0}\n"}))
	if err != nil || len(all) != 3 {
		t.Fatalf("got %+v, %v", all, err)
	}
	two, a, b := all[0], all[1], all[2]
	if two.Name != "two" || two.Theme != "shapes" || a.Name != "one/a" || a.Theme != "rules" || b.Name != "one/b" {
		t.Errorf("got %s, %s, %s", two.Name, a.Name, b.Name)
	}
	if two.Spec.AttachSeconds != 9 || two.Spec.Function.Timeout != 6 || two.Spec.Function.Environment["PAUSE"] != "x" {
		t.Errorf("got %+v", two.Spec)
	}
	if a.Spec.AttachSeconds != 2 || a.Spec.DetachSeconds != 1 || len(a.Spec.Faults) != 1 || b.Spec.AttachSeconds != 7 || len(b.Spec.Faults) != 0 {
		t.Errorf("got %+v and %+v", a.Spec, b.Spec)
	}
	if len(a.Steps) != 2 || len(b.Steps) != 1 || a.Expect.DeadLetters.number.least != 3 || b.Expect.DeadLetters.number.least != 0 || a.Expect.Outcomes != nil || b.Expect.Outcomes == nil {
		t.Errorf("got %+v and %+v", a.Expect, b.Expect)
	}
	if text, err := b.Event(); err != nil || !strings.HasPrefix(string(text), `{"data"`) {
		t.Errorf("the event of one variant became that of the other: %s, %v", text, err)
	}
}

func TestOneConnectionOfACloudFileStandsForMany(t *testing.T) {
	spec, err := ReadSpec([]byte("vpnConnections: [{id: vco-a}, {id: 'vco-b#', name: 'site-#', count: 2}]"))
	if err != nil || len(spec.Connections) != 3 || spec.Connections[2].ID != "vco-b1" || spec.Connections[2].Name != "site-1" {
		t.Errorf("got %+v, %v", spec.Connections, err)
	}
}

func TestWhatAPersonDoesIsAStep(t *testing.T) {
	one, err := readOne(`
why: x
cloud:
  transitRouters: [{id: tr-1, cen: cen-1}]
  vpnConnections: [{id: vco-1, transitRouter: tr-1}, {id: vco-2, transitRouter: tr-1}]
  attachSeconds: 0
steps:
  - {tag: {vco-1: {a: b, c: d}}}
  - {untag: {vco-1: [a, x]}}
  - {detach: vco-1}
  - {delete: vco-2}
  - {subscribe: another, format: JSON}
  - {subscribe: vpn-attach-events, format: XML}
  - {configure: {PAUSE: "true"}}
  - {after: 100ms}
  - {idle: true}
  - {send: {text: hello}}
expect: {deadLetters: 0}
`)
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := Start(one.Spec, Options{Speed: 100, Binary: "none"})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	if err := (&story{cloud: cloud, events: one.events}).play(t.Context(), one.Steps); err != nil {
		t.Fatal(err)
	}
	connections := cloud.Estate.Seed().VPNConnections
	if len(connections) != 1 || connections[0].TransitRouter != "" || len(connections[0].Tags) != 1 || connections[0].Tags["c"] != "d" {
		t.Errorf("the connections are %+v", connections)
	}
	if queue := cloud.Queues.Stats(EventQueue); queue.Active != 1 || cloud.Spec.Function.Environment["PAUSE"] != "true" {
		t.Errorf("the queue has %+v, the function %v", queue, cloud.Spec.Function.Environment)
	}
}

func TestAStepThatCannotBeSaysWhich(t *testing.T) {
	for steps, want := range map[string]string{
		"[{after: 0s}, {detach: vco-9}]": `step 2 (detach): detaching "vco-9": it is not attached`,
		"[{tag: {vco-9: {}}}]":           "step 1 (tag)",
		"[{untag: {vco-9: []}}]":         "step 1 (untag)",
		"[{delete: vco-9}]":              "step 1 (delete)",
		"[{revoke: everything}]":         "only member sessions can be revoked",
		"[{subscribe: q, format: YAML}]": "NotifyContentFormat",
	} {
		one, err := readOne("why: x\nsteps: " + steps + "\nexpect: {deadLetters: 0}\n")
		if err != nil {
			t.Fatal(err)
		}
		if _, differences := one.Run(t.Context(), Options{}, time.Minute, nil); len(differences) != 1 || !strings.Contains(differences[0], want) {
			t.Errorf("%s: got %q, want %q", steps, differences, want)
		}
	}
}

func TestAFaultThatNeverStruckFailsTheCase(t *testing.T) {
	one, err := readOne("why: x\nsteps: [{after: 0s}]\nexpect: {deadLetters: 0, outcomes: 1}\n")
	if err != nil {
		t.Fatal(err)
	}
	_, differences := one.Run(t.Context(), Options{}, time.Minute, nil)
	if got := strings.Join(differences, "; "); got != "outcomes: expected 1, got 0; a fault never struck: {action: PublishMessage, times: 1, drop: after}" {
		t.Errorf("got %s", got)
	}
}

// tags are the names that a YAML file may use for the fields of a type, and of what is in them.
func tags(t reflect.Type, into map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for field := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(field).Tag.Get("yaml"), ",")
		if name != "" {
			into[name] = true
			tags(t.Field(field).Type, into)
		}
	}
}

func TestTheReadmeNamesEveryFieldFormAndStep(t *testing.T) {
	readme, err := os.ReadFile("../../../events/README.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{"base": true, "count": true, "of": true}
	for _, one := range []any{written{}, Spec{}, batchForm{}, wireForm{}, invokeStep{}, subscribeStep{}} {
		tags(reflect.TypeOf(one), names)
	}
	for name := range formKinds() {
		names[name] = true
	}
	for name := range stepKinds() {
		names[name] = true
	}
	for name := range names {
		if !regexp.MustCompile("[`{ ]" + name + "[`:]").Match(readme) {
			t.Errorf("events/README.md does not name %s", name)
		}
	}
	if len(names) < 90 {
		t.Errorf("only %d names were found", len(names))
	}
}
