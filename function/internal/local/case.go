package local

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Case is a story with a known end.
type Case struct {
	Name, Theme string
	Why         string // in a sentence
	Text        string // of its file, which may hold variants beside it
	Spec        Spec   // of the cloud in which it happens
	Virtual     bool   // it is true in virtual time alone: no speed shortens the waits of the function itself
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
	Why      string         `yaml:"why"`
	Virtual  bool           `yaml:"virtual"`
	Event    *Event         `yaml:"event"`
	Cloud    changes        `yaml:"cloud"`
	Steps    []Step         `yaml:"steps"`
	Expect   Expectation    `yaml:"expect"`
	Variants map[string]raw `yaml:"variants"`
}

// raw is a part of a file that is read later.
type raw struct{ node ast.Node }

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (r *raw) UnmarshalYAML(node ast.Node) error {
	r.node = node
	return nil
}

// changes are what a case changes of a cloud. Of two changes of one field the later counts.
type changes struct {
	base  string // the name of the cloud
	nodes []ast.Node
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (c *changes) UnmarshalYAML(node ast.Node) error {
	switch node := node.(type) {
	case *ast.StringNode:
		c.base = node.Value
		return nil
	case *ast.MappingNode:
		rest := *node
		rest.Values = slices.DeleteFunc(slices.Clone(node.Values), func(pair *ast.MappingValueNode) bool {
			isBase := pair.Key.String() == "base"
			if isBase {
				c.base = pair.Value.GetToken().Value
			}
			return isBase
		})
		c.nodes = append(slices.Clone(c.nodes), &rest)
		return nil
	}
	const message = "cloud is the name of a cloud, or what is different from it"
	return &yaml.SyntaxError{Message: message, Token: node.GetToken()}
}

// themes are the folders of cases, in the order in which they are read. Others come last.
func themes() []string {
	return []string{
		"shapes", "rules", "route-tables", "hostile", "errors",
		"other-accounts", "sweep", "detach", "changes", "delivery", themeHealth,
	}
}

// ReadCases reads every case of files, in order of theme and name: cases/THEME/NAME.yaml. The clouds that they change
// are clouds/NAME.yaml, the events that they send wire/NAME.json.
func ReadCases(files fs.FS) ([]Case, error) {
	return ReadSome(files, func(string, string) bool { return true })
}

// ReadTheme reads the cases of one theme.
func ReadTheme(files fs.FS, theme string) ([]Case, error) {
	return ReadSome(files, func(of, _ string) bool { return of == theme })
}

// ReadSome reads the cases of the files that are wanted, by their theme and name.
func ReadSome(files fs.FS, isWanted func(theme, name string) bool) ([]Case, error) {
	names, err := fs.Glob(files, "cases/*/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("listing the cases: %w", err)
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return !isWanted(path.Base(path.Dir(name)), strings.TrimSuffix(path.Base(name), ".yaml"))
	})
	slices.SortStableFunc(names, func(a, b string) int { return place(a) - place(b) })
	var all []Case
	var faults []error
	known := clouds{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading a case: %w", err)
		}
		beside, err := fs.Sub(files, path.Dir(name))
		if err != nil {
			return nil, fmt.Errorf("reading a case: %w", err)
		}
		some, err := readCase(name, text, files, beside, known)
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
	return readCase(name, text, files, beside, clouds{})
}

func readCase(name string, text []byte, files, beside fs.FS, known clouds) ([]Case, error) {
	var file written
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		return nil, atLine(name, err)
	}
	single := Case{
		Name: strings.TrimSuffix(path.Base(name), path.Ext(name)), Theme: path.Base(path.Dir(name)), Text: string(text),
		events: maker{files: files, beside: beside, speed: 1, now: time.Now()},
	}
	if len(file.Variants) == 0 {
		err := single.complete(file, known)
		return []Case{single}, err
	}
	var all []Case
	for _, variant := range slices.Sorted(maps.Keys(file.Variants)) {
		one := single
		one.Name += "/" + variant
		if err := one.vary(file, file.Variants[variant], known); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// vary makes a case of what its file says, and a variant changes.
func (c *Case) vary(w written, variant raw, known clouds) error {
	w.Variants = nil
	if err := yaml.NodeToValue(variant.node, &w, yaml.Strict()); err != nil {
		return atLine("case "+c.Name, err)
	}
	if len(w.Variants) > 0 {
		return fmt.Errorf("case %s: a variant has no variants", c.Name)
	}
	return c.complete(w, known)
}

// complete makes a case of what its file says, and refuses one that would prove nothing.
func (c *Case) complete(w written, known clouds) error {
	c.Why, c.Steps, c.Expect, c.Virtual = w.Why, w.Steps, w.Expect, w.Virtual
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
	if c.Spec, err = known.of(c.events.files, cmp.Or(w.Cloud.base, "default"), w.Cloud.nodes); err != nil {
		return fmt.Errorf("case %s: %w", c.Name, err)
	}
	c.Spec.Function.Environment = c.withHealth(c.Spec.Function.Environment)
	return nil
}

// themeHealth is the theme of the cases about what comes after an attachment.
const themeHealth = "health"

// withHealth leaves health out of the cases that are not about it, unless they configure it themselves: each would have
// a minute more, and a document.
func (c *Case) withHealth(environment map[string]string) map[string]string {
	if c.Theme == themeHealth || environment["HEALTH"] != "" {
		return environment
	}
	without := map[string]string{"HEALTH": "off"}
	maps.Copy(without, environment)
	return without
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
