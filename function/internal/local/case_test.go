package local

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// wireFile is the wire file of these tests.
const wireFile = `{"data": {"id": "vco-one", "n": 1795402805000, "list": [{"a": 1}]}, "subject": "vco-one"}`

// folder holds a few wire files, clouds to change, and the files of the test.
func folder(files map[string]string) fstest.MapFS {
	all := map[string]string{
		"wire/created.json":    wireFile,
		"wire/one-object.json": `{"id": "c", "type": "mns", "data": {"messageBody": "x"}}`,
		"clouds/default.yaml":  "{attachSeconds: 7, detachSeconds: 8, faults: [{action: PublishMessage, drop: after}]}",
		"clouds/paused.yaml":   "{attachSeconds: 9, function: {timeout: 5, environment: {PAUSE: x}}}",
	}
	maps.Copy(all, files)
	folder := fstest.MapFS{}
	for name, text := range all {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return folder
}

func readOne(text string) (Case, error) {
	all, err := ReadCases(folder(map[string]string{
		"cases/shapes/one.yaml": text, "cases/shapes/beside.json": `{"beside":true}`,
	}))
	if err != nil {
		return Case{}, err
	}
	return all[0], nil
}

func TestEventsAreWrittenInManyForms(t *testing.T) {
	for _, c := range [][2]string{
		{"created", wireFile},
		{"./beside.json", `{"beside":true}`},
		{"'{broken'", `{broken`},
		{"{text: created}", `created`},
		{"|-\n  two\n  lines", "two\nlines"},
		{"{wire: created, replace: {vco-one: vco-two}}", strings.ReplaceAll(wireFile, "vco-one", "vco-two")},
		{"{wire: created, with: {data/list/0/a: 2, data/id: null, data/new/deep: x, subject: {a: <>}}}",
			`{"data":{"list":[{"a":2}],"n":1795402805000,"new":{"deep":"x"}},"subject":{"a":"<>"}}`},
		{"{vpnConnectionId: vco-1, dryRun: true}", `{"dryRun":true,"vpnConnectionId":"vco-1"}`},
		{"[{a: 1}, 7, null]", `[{"a":1},7,null]`},
		{"{envelope: {text: hello}}", `{"data":{"messageBody":"hello","messageId":"m-0"},"id":"ce-m-0","type":"mns"}`},
		{"{batch: [{text: a}], rawData: true}", `[{"messageBody":"a","messageId":"m-0"}]`},
		{"{batch: [{text: a}, {count: 2, of: {text: 'x#'}}]}", `[` +
			`{"data":{"messageBody":"a","messageId":"m-0"},"id":"ce-m-0","type":"mns"},` +
			`{"data":{"messageBody":"x1","messageId":"m-1"},"id":"ce-m-1","type":"mns"},` +
			`{"data":{"messageBody":"x2","messageId":"m-2"},"id":"ce-m-2","type":"mns"}]`},
		{"{base64: {text: hello}}", `aGVsbG8=`},
		{"{bytes: 12}", `{"x":"xxxx"}`},
		{"{depth: 3}", `[[[]]]`},
	} {
		one, err := readOne("why: x\nevent: " + c[0] + "\nexpect: {deadLetters: 0}\n")
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
			continue
		}
		text, err := one.Event()
		got := string(text)
		if got != c[1] {
			got = strings.NewReplacer("\n", "", "  ", "", ": ", ":").Replace(got)
		}
		if err != nil || got != c[1] {
			t.Errorf("%s:\n got %s, %v\nwant %s", c[0], got, err, c[1])
		}
	}
}

func TestTimesInAnEventAreThoseOfItsSending(t *testing.T) {
	m := maker{now: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), speed: 10}
	text, err := m.moments([]byte(`${now} ${now-1h} ${now+5s} ${nowhere} $now`))
	const want = `2026-11-23T03:00:00Z 2026-11-23T02:54:00Z 2026-11-23T03:00:00.5Z ${nowhere} $now`
	if err != nil || string(text) != want {
		t.Errorf("got  %s, %v\nwant %s", text, err, want)
	}
	if _, err := m.moments([]byte(`${now+often}`)); err == nil {
		t.Error("no error for a time that is none")
	}
}

func TestACaseThatProvesNothingOrIsMisspeltIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"EXPECT\nevent: created":                   "does not say why",
		"WHY\nEXPECT":                              "nothing happens",
		"WHY\nevent: created":                      "names nothing",
		"WHY\nevent: created\nexpect: {calls: {}}": "names nothing",
		"WHY\nevent: created\nexpect: {calls: {CreateVpnAttachment: 0}}": `never calls "CreateVpnAttachment"`,
		"WHY\nevent: created\nexpect: {invocations: many}":               `>  3 | expect: {invocations: many}`,
		"WHY\nevent: created\nexpect: {outcome: []}":                     `>  3 | expect: {outcome: []}`,
		"WHY\nevents: created\nEXPECT":                                   `>  2 | events: created`,
		"WHY\nevent: creatd\nEXPECT":                                     `there is no events/wire/creatd.json`,
		"WHY\nevent: {wire: created, replaced: {}}\nEXPECT":              `unknown field "replaced"`,
		"WHY\nevent: {wire: created, replace: {vco-9: x}}\nEXPECT":       `does not contain "vco-9"`,
		"WHY\nevent: {wire: created, with: {data/list/3: x}}\nEXPECT":    `the list has no "3"`,
		"WHY\nevent: created\ncloud: nowhere\nEXPECT":                    `no cloud called "nowhere"`,
		"WHY\nevent: created\ncloud: [x]\nEXPECT":                        `>  3 | cloud: [x]`,
		"WHY\nevent: created\ncloud: {attachSecond: 1}\nEXPECT":          `>  3 | cloud: {attachSecond: 1}`,
		"WHY\nevent: created\ncloud: {trigger: {tries: -1}}\nEXPECT":     `trigger.tries`,
		"WHY\nsteps: [{sent: created}]\nEXPECT": `no such step; the steps are after, ` +
			`configure`,
		"WHY\nsteps: [{send: created, twice: true}]\nEXPECT":              `unknown field "twice"`,
		"WHY\nsteps: [{invoke: creatd}]\nEXPECT":                          `there is no events/wire/creatd.json`,
		"WHY\nevent: created\nEXPECT\nvariants: {a: {variants: {b: {}}}}": "a variant has no variants",
		"WHY\nevent: created\nEXPECT\nvariants: {a: {clouds: {}}}":        `>  4 | variants: {a: {clouds: {}}}`,
	} {
		text = strings.NewReplacer("WHY", "why: x", "EXPECT", "expect: {deadLetters: 0}").Replace(text)
		if _, err := readOne(text + "\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\ngot %v, want it to say %q", text, err, want)
		}
	}
}

func TestACaseChangesItsCloudAndAVariantItsCase(t *testing.T) {
	all, err := ReadCases(folder(map[string]string{
		"cases/rules/one.yaml": `
why: x
event: created
cloud: {detachSeconds: 1}
expect: {deadLetters: 0, calls: {AssumeRole: 1}}
variants:
  b: {cloud: {faults: []}, expect: {outcomes: []}}
  a: {event: {text: other}, cloud: {attachSeconds: 2}, steps: [{idle: true}], expect: {deadLetters: 3}}
`,
		"cases/shapes/two.yaml": `
why: x
event: created
cloud: {base: paused, function: {timeout: 6}}
expect: {outcomes: 0}
`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range all {
		event, err := one.Event()
		s, e := one.Spec, one.Expect
		got = append(got, fmt.Sprint(one.Theme, " ", one.Name, " ", s.AttachSeconds, s.DetachSeconds, len(s.Faults),
			" ",
			s.Function, " ", len(one.Steps), len(event), err, " ", e.DeadLetters != nil, e.Outcomes != nil,
			len(e.Calls)))
	}
	want := []string{
		"shapes two 9 10 0 {6 map[HEALTH:off PAUSE:x] 0} 1 89 <nil> false true 0",
		"rules one/a 2 1 1 {0 map[HEALTH:off] 0} 2 5 <nil> true false 1",
		"rules one/b 7 1 0 {0 map[HEALTH:off] 0} 1 89 <nil> true true 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestOneConnectionOfACloudFileStandsForMany(t *testing.T) {
	spec, err := ReadSpec([]byte("vpnConnections: [{id: vco-a}, {id: 'vco-b#', name: 'site-#', count: 2}]"))
	var got []string
	for _, v := range spec.Connections {
		got = append(got, v.ID+" "+v.Name)
	}
	if want := []string{"vco-a ", "vco-b0 site-0", "vco-b1 site-1"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
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
	left := cloud.Estate.Seed().VPNConnections
	if len(left) != 1 || left[0].TransitRouter != "" || !maps.Equal(left[0].Tags, map[string]string{"c": "d"}) {
		t.Errorf("the connections are %+v", left)
	}
	if queue := cloud.Queues.Stats(cloud.EventQueue); queue.Active != 1 {
		t.Errorf("the queue has %+v", queue)
	}
	if got := cloud.Spec.Function.Environment["PAUSE"]; got != "true" {
		t.Errorf("PAUSE is %q", got)
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
		_, differences := one.Run(t.Context(), Start, Options{}, time.Minute, nil)
		if len(differences) != 1 || !strings.Contains(differences[0], want) {
			t.Errorf("%s: got %q, want %q", steps, differences, want)
		}
	}
}

func TestAStepThatWaitsInVainIsNamed(t *testing.T) {
	one, err := readOne("why: x\nsteps: [{until: {AssumeRole: 1}}]\nexpect: {deadLetters: 0}\n")
	if err != nil {
		t.Fatal(err)
	}
	_, differences := one.Run(t.Context(), Start, Options{}, 50*time.Millisecond, nil)
	if got := strings.Join(differences, "; "); !strings.HasPrefix(got, "step 1 (until): not at rest after 50ms") {
		t.Errorf("got %s", got)
	}
}

func TestAFaultThatNeverStruckFailsTheCase(t *testing.T) {
	one, err := readOne("why: x\nsteps: [{after: 0s}]\nexpect: {deadLetters: 0, outcomes: 1}\n")
	if err != nil {
		t.Fatal(err)
	}
	_, differences := one.Run(t.Context(), Start, Options{}, time.Minute, nil)
	want := []string{
		"outcomes: expected 1, got 0",
		"a fault never struck: {action: PublishMessage, times: 1, drop: after}",
	}
	if !slices.Equal(differences, want) {
		t.Errorf("got %q", differences)
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
