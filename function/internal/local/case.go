package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"vpn-attach/function/internal/standin/fault"
)

// Case is a story with a known end.
type Case struct {
	Name, Theme string
	Why         string // in a sentence
	Text        string // of its file, which may hold variants beside it
	Spec        Spec   // of the cloud in which it happens
	Steps       []Step
	Expect      Expectation

	events maker
}

// CaseTimeout is far longer than any case takes at CaseSpeed.
const (
	CaseSpeed   = 100
	CaseTimeout = 2 * time.Minute
)

// written is a case's file. What a variant says is put in the place of what the file says.
type written struct {
	Why      string            `yaml:"why"`
	Event    *Event            `yaml:"event"`
	Cloud    layers            `yaml:"cloud"`
	Steps    []Step            `yaml:"steps"`
	Expect   Expectation       `yaml:"expect"`
	Variants map[string]layers `yaml:"variants"`
}

// layers are YAML values of which each changes those before.
type layers []ast.Node

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (l *layers) UnmarshalYAML(node ast.Node) error {
	*l = append(slices.Clone(*l), node)
	return nil
}

// themes are the folders of cases, in the order in which they are read. Others come last.
func themes() []string {
	return []string{"shapes", "rules", "route-tables", "hostile", "errors", "other-accounts", "sweep", "detach", "changes", "delivery"}
}

// ReadCases reads every case of files, in order of theme and name: cases/THEME/NAME.yaml. The clouds that they change are
// clouds/NAME.yaml, the events that they send wire/NAME.json.
func ReadCases(files fs.FS) ([]Case, error) {
	names, err := fs.Glob(files, "cases/*/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing the cases: %w", err)
	}
	slices.SortStableFunc(names, func(a, b string) int { return place(a) - place(b) })
	var all []Case
	var faults []error
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading a case: %w", err)
		}
		beside, err := fs.Sub(files, path.Dir(name))
		if err != nil {
			return nil, fmt.Errorf("reading a case: %w", err)
		}
		some, err := ReadCase(name, text, files, beside)
		if err != nil {
			faults = append(faults, err)
		}
		all = append(all, some...)
	}
	return all, errors.Join(faults...)
}

// place is where the theme of a case's file stands.
func place(name string) int {
	if i := slices.Index(themes(), path.Base(path.Dir(name))); i >= 0 {
		return i
	}
	return len(themes())
}

// ReadCase reads the text of the case's file at name, and gives the case, or each of its variants. Files are those of
// ReadCases, beside is the folder of the case.
func ReadCase(name string, text []byte, files, beside fs.FS) ([]Case, error) {
	var file written
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		return nil, atLine(name, err)
	}
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	single := Case{
		Name: base, Theme: path.Base(path.Dir(name)), Text: string(text),
		events: maker{files: files, beside: beside, speed: 1, now: time.Now()},
	}
	if len(file.Variants) == 0 {
		err := single.complete(file)
		return []Case{single}, err
	}
	var all []Case
	for _, variant := range slices.Sorted(maps.Keys(file.Variants)) {
		changed, one := file, single
		changed.Variants, one.Name = nil, base+"/"+variant
		for _, layer := range file.Variants[variant] {
			if err := yaml.NodeToValue(layer, &changed, yaml.Strict()); err != nil {
				return nil, atLine(name, err)
			}
		}
		if err := one.complete(changed); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// complete makes a case of what its file says, and refuses one that would prove nothing.
func (c *Case) complete(w written) error {
	c.Why, c.Steps, c.Expect = w.Why, w.Steps, w.Expect
	if w.Event != nil {
		c.Steps = slices.Concat([]Step{{kind: "send", step: &sendStep{Send: *w.Event}}}, c.Steps)
	}
	err := w.Expect.judges()
	switch {
	case err != nil:
		return fmt.Errorf("case %s: %w", c.Name, err)
	case c.Why == "":
		return fmt.Errorf("case %s: it does not say why", c.Name)
	case len(c.Steps) == 0:
		return fmt.Errorf("case %s: nothing happens: it has no event and no steps", c.Name)
	}
	for _, event := range c.sent() {
		if _, err := event.Make(c.events); err != nil {
			return atLine("case "+c.Name, err)
		}
	}
	c.Spec, err = c.cloud(w.Cloud)
	return err
}

// cloud reads the case's cloud: the fields of the named cloud, or of the default one, and those that the case changes.
func (c *Case) cloud(changes layers) (Spec, error) {
	name := "default"
	var mappings []*ast.MappingNode
	for _, node := range changes {
		switch node := node.(type) {
		case *ast.StringNode:
			name = node.Value
		case *ast.MappingNode:
			mapping := *node
			mapping.Values = slices.Clone(node.Values)
			for i, pair := range mapping.Values {
				if pair.Key.String() == "base" {
					name = pair.Value.GetToken().Value
					mapping.Values = slices.Delete(mapping.Values, i, i+1)
					break
				}
			}
			mappings = append(mappings, &mapping)
		}
	}
	text, err := fs.ReadFile(c.events.files, "clouds/"+name+".yaml")
	if err != nil {
		return Spec{}, fmt.Errorf("case %s: there is no cloud called %q", c.Name, name)
	}
	spec, err := ReadSpec(text)
	for _, mapping := range mappings {
		if err == nil {
			err = spec.change(mapping)
		}
	}
	if err == nil {
		err = spec.validate()
	}
	if err != nil {
		return Spec{}, fmt.Errorf("case %s: %w", c.Name, err)
	}
	return spec, nil
}

// sent are the events that the case has reach the function, in order.
func (c Case) sent() (all []Event) {
	for _, step := range c.Steps {
		switch step := step.step.(type) {
		case *sendStep:
			all = append(all, step.Send)
		case *invokeStep:
			all = append(all, step.Invoke)
		}
	}
	return all
}

// Event gives the bytes of the first event that reaches the function.
func (c Case) Event() ([]byte, error) {
	all := c.sent()
	if len(all) == 0 {
		return nil, fmt.Errorf("case %s sends no event", c.Name)
	}
	return all[0].Make(c.events)
}

// Kills tells whether a fault of the case ends the function's process.
func (c Case) Kills() bool {
	return slices.ContainsFunc(c.Spec.Faults, func(f fault.Fault) bool { return f.Kill != "" })
}

// Run plays the case on a cloud of its own, and names every difference from what it should have come to, and every fault
// that never struck. Tell, which may be nil, gets each outcome as the subscriber does.
func (c Case) Run(ctx context.Context, o Options, timeout time.Duration, tell func(outcome string)) (Document, []string) {
	seen := &witness{requests: map[string]map[string]bool{}}
	o.Watch = seen.watch(o.Watch)
	cloud, err := Start(c.Spec, o)
	if err != nil {
		return Document{}, []string{err.Error()}
	}
	defer cloud.Close()
	s := &story{cloud: cloud, events: c.events}
	document, err := cloud.Play(ctx, func(ctx context.Context) error { return s.play(ctx, c.Steps) }, timeout, tell)
	if err != nil {
		if late := (*TimeoutError)(nil); errors.As(err, &late) && s.at != "" {
			err = fmt.Errorf("%s: %w", s.at, err)
		}
		return document, []string{err.Error()}
	}
	differences := slices.Concat(s.wrong, c.Expect.compare(seen.evidence(cloud, document)), seen.races.all())
	for _, left := range cloud.Faults.Remaining() {
		differences = append(differences, fmt.Sprintf("a fault never struck: %s", left))
	}
	return document, differences
}

// witness notes what the cloud's own records do not hold.
type witness struct {
	races texts

	mu       sync.Mutex
	requests map[string]map[string]bool // by action
}

// watch tells the witness as well.
func (w *witness) watch(also Watch) Watch {
	output, exchange := also.Output, also.Exchange
	also.Output = func(instance, stream, line string) {
		if strings.Contains(line, "DATA RACE") {
			w.races.add(line)
		}
		if output != nil {
			output(instance, stream, line)
		}
	}
	also.Exchange = func(x fault.Exchange) {
		w.request(x)
		if exchange != nil {
			exchange(x)
		}
	}
	return also
}

func (w *witness) request(x fault.Exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.requests[x.Action] == nil {
		w.requests[x.Action] = map[string]bool{}
	}
	w.requests[x.Action][x.URL+"\n"+string(x.Body)] = true
}

// evidence is what the services' records, and the witness, say at the end.
func (w *witness) evidence(c *Cloud, d Document) evidence {
	e := evidence{
		outcomes: flattened(d.Outcomes), attachments: generic(d.Attachments), calls: d.Calls, requests: map[string]int{},
		invocations: d.Invocations,
	}
	for i, a := range c.Estate.Attachments() {
		maps.Copy(e.attachments[i], generic([]any{fields{
			"name": a.Name, "description": a.Description, "autoPublish": a.AutoPublish, "zones": a.Zones, "tags": a.Tags,
		}})[0])
	}
	for _, invocation := range c.Runtime.Invocations() {
		if failure := invocation.Failure; failure != nil {
			e.failures = append(e.failures, fields{"type": failure.Type, "message": failure.Message})
		}
	}
	for _, raw := range d.DeadLetters {
		var letter fields
		if json.Unmarshal(raw, &letter) != nil {
			letter = fields{"text": string(raw)}
		}
		e.letters = append(e.letters, letter)
	}
	for _, call := range c.Faults.Calls() {
		e.order = append(e.order, call.Action)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for action, different := range w.requests {
		e.requests[action] = len(different)
	}
	return e
}

// generic gives values as the JSON that they are written as.
func generic(values any) []fields {
	var objects []fields
	encoded, _ := json.Marshal(values)    // plain structs always encode,
	_ = json.Unmarshal(encoded, &objects) // and decode again
	return objects
}
