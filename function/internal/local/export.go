package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

// exportedPSK stands in an exported case for every pre-shared key.
const exportedPSK = "canary-psk"

// pauseShown is the shortest pause that an exported case has a step for, in cloud time.
const pauseShown = 500 * time.Millisecond

// exported is the file of a case, in the order in which people write it.
type exported struct {
	Why    string           `yaml:"why"`
	Cloud  yaml.MapSlice    `yaml:"cloud"`
	Steps  []map[string]any `yaml:"steps"`
	Expect yaml.MapSlice    `yaml:"expect"`
}

// AsCase writes down what people and their tools did since the cloud began, as the steps of a case that expects what
// came of it. A person has to correct it: calls that no step makes stand in its comment.
func (c *Cloud) AsCase() ([]byte, error) {
	happenings, aside, created := c.desk.story.known()
	if len(happenings) == 0 {
		return nil, fmt.Errorf("writing a case: nothing has happened yet that could be a step")
	}
	cloud, err := c.asItBegan(created)
	if err != nil {
		return nil, err
	}
	first, last := happenings[0].at.UTC(), happenings[len(happenings)-1].at.UTC()
	text, err := yaml.MarshalWithOptions(exported{
		Why: fmt.Sprintf("What happened in a local cloud from %s to %s.",
			first.Format(time.DateTime), last.Format(time.DateTime)),
		Cloud: cloud, Steps: c.asSteps(happenings), Expect: c.asExpected(),
	}, yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return nil, fmt.Errorf("writing a case: %w", err)
	}
	return slices.Concat([]byte(hints(aside)), text), nil
}

// hints is the comment of an exported case.
func hints(aside []string) string {
	hint := "# Correct this by hand: say in why what it shows, and take away what does not matter.\n"
	if len(aside) > 0 {
		hint += "# No step does what these calls did; what came of them may be expected below:\n#   " +
			strings.Join(aside, "\n#   ") + "\n"
	}
	return hint
}

// asSteps are the steps with the pauses between them.
func (c *Cloud) asSteps(happenings []happening) (steps []map[string]any) {
	before := happenings[0].at
	for _, h := range happenings {
		passed := time.Duration(float64(h.at.Sub(before)) * c.speed)
		if passed >= pauseShown {
			steps = append(steps, map[string]any{"after": passed.Round(100 * time.Millisecond).String()})
		}
		steps, before = append(steps, h.step), h.at
	}
	return steps
}

// asItBegan is the cloud file with the connections that were made since, without keys and queues.
func (c *Cloud) asItBegan(created []estate.VPNConnection) (yaml.MapSlice, error) {
	spec := c.Spec
	spec.AccessKeys, spec.Queues, spec.Topics, spec.Outcomes = nil, nil, nil, nil
	spec.Function.Environment = maps.Clone(spec.Function.Environment)
	delete(spec.Function.Environment, "FOLLOW_UP_KEY")
	spec.Connections = slices.Concat(spec.Connections, connections(created))
	for i, v := range spec.Connections {
		spec.Connections[i] = withoutKeys(v)
	}
	spec.Faults = []fault.Fault{}
	for _, planned := range c.Faults.Planned() {
		spec.Faults = append(spec.Faults, planned.Fault)
	}
	text, err := yaml.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("writing a case: %w", err)
	}
	var whole yaml.MapSlice
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.UseOrderedMap()).Decode(&whole); err != nil {
		return nil, fmt.Errorf("writing a case: %w", err)
	}
	return short(whole).(yaml.MapSlice), nil
}

// withoutKeys is a connection with another pre-shared key in the place of each.
func withoutKeys(v estate.VPNConnection) estate.VPNConnection {
	if v.PSK != "" {
		v.PSK = exportedPSK
	}
	v.Settings = maps.Clone(v.Settings)
	for name, value := range v.Settings {
		last := name[strings.LastIndex(name, ".")+1:]
		switch v.Settings[name] = event.Blank(value); last {
		case "Psk", "AuthKey":
			v.Settings[name] = exportedPSK
		}
	}
	return v
}

// short leaves out of a cloud file what says nothing: what is empty, and what is so anyway.
func short(value any) any {
	switch value := value.(type) {
	case yaml.MapSlice:
		kept := yaml.MapSlice{}
		for _, item := range value {
			item.Value = short(item.Value)
			if !saysNothing(item) {
				kept = append(kept, item)
			}
		}
		return kept
	case []any:
		for i := range value {
			value[i] = short(value[i])
		}
	}
	return value
}

func saysNothing(item yaml.MapItem) bool {
	switch value := item.Value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case bool:
		return value == (item.Key == "dualTunnel") // which is true of a new connection
	case yaml.MapSlice:
		return len(value) == 0
	case []any:
		return len(value) == 0
	case uint64:
		return value == 0 && (item.Key == "createTime" || item.Key == "instances")
	}
	return false
}

// asExpected is what came of it: the endings of all events, and how many attachments. Whose event ends first is a
// matter of chance, so the endings of each connection are told apart.
func (c *Cloud) asExpected() yaml.MapSlice {
	var outcomes []json.RawMessage
	for _, body := range c.outcomes.all() {
		outcomes = append(outcomes, asJSON(body))
	}
	about := map[string][]yaml.MapSlice{}
	for _, ending := range endings(flattened(outcomes)) {
		if subject, _ := ending["subject"].(string); subject != "" {
			about[subject] = append(about[subject],
				picked(ending, "status", "code", "transitRouterId", "attachmentStatus", "routeTables"))
		}
	}
	return yaml.MapSlice{{Key: "finals", Value: about}, {Key: "attachments", Value: len(c.attachments())}}
}

// picked are some fields of an object, those that it has.
func picked(object fields, names ...string) (kept yaml.MapSlice) {
	for _, name := range names {
		if value, there := object[name]; there && value != nil && value != "" {
			kept = append(kept, yaml.MapItem{Key: name, Value: value})
		}
	}
	return kept
}
