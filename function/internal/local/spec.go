package local

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/standin/sts"
)

// Spec is a cloud file: what there is before the first event, how the function and
// its trigger are set up, and which faults strike.
type Spec struct {
	Account       string                 `yaml:"account"`
	Region        string                 `yaml:"region"`
	AccessKeys    []AccessKey            `yaml:"accessKeys"` // of people and their tools
	Routers       []estate.TransitRouter `yaml:"transitRouters"`
	Connections   connections            `yaml:"vpnConnections"`
	AttachSeconds float64                `yaml:"attachSeconds"` // Attaching → Attached
	// RouteTableSeconds is Associating, or Enabling → Active.
	RouteTableSeconds float64 `yaml:"routeTableSeconds"`
	// DetachSeconds is Detaching → gone.
	DetachSeconds float64 `yaml:"detachSeconds"`
	// Members are roles in other accounts that may be assumed.
	Members []sts.Role `yaml:"members"`
	// SessionSeconds is how long a session of such a role lasts; as long as it is asked for when zero.
	SessionSeconds float64 `yaml:"sessionSeconds"`
	AttachedCode   string  `yaml:"attachedCode"` // how a second create is refused; see estate.Options
	// Parameters are those of the template.
	Parameters map[string]string `yaml:"parameters"`
	// Timers has the timer triggers fire in a replay as well; in a cloud that is served they always do.
	Timers   bool          `yaml:"timers"`
	Function FunctionSpec  `yaml:"function"`
	Trigger  TriggerSpec   `yaml:"trigger"`
	Faults   []fault.Fault `yaml:"faults"`
	// Queues and Topics are what was saved beside the estate: queues with their messages, and who is subscribed.
	Queues []mns.SavedQueue `yaml:"queues,omitempty"`
	Topics []mns.SavedTopic `yaml:"topics,omitempty"`
	// Outcomes are what the topic's subscriber had received.
	Outcomes []string `yaml:"outcomes,omitempty"`
	// Missing is what scripts/plan could not read of an account, in words.
	Missing []string `yaml:"missing,omitempty"`
}

// connections are VPN connections. One of the file stands for as many as its count says; # in its id and name is then
// its number.
type connections []estate.VPNConnection

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (c *connections) UnmarshalYAML(node ast.Node) error {
	var written []struct {
		estate.VPNConnection `yaml:",inline"`
		Count                int `yaml:"count"`
	}
	if err := yaml.NodeToValue(node, &written, yaml.Strict()); err != nil {
		return err
	}
	*c = nil
	for _, one := range written {
		for i := range max(1, one.Count) {
			v := one.VPNConnection
			if one.Count > 0 {
				v.ID, v.Name = numbered(v.ID, i), numbered(v.Name, i)
			}
			*c = append(*c, v)
		}
	}
	return nil
}

// numbered puts a number in the place of every #.
func numbered(text string, i int) string { return strings.ReplaceAll(text, "#", strconv.Itoa(i)) }

// AccessKey is a key that the local services accept.
type AccessKey struct {
	ID     string `yaml:"id"`
	Secret string `yaml:"secret"`
	// Account is whose key it is; the function's account when empty. Policy is what its owner may do: everything when
	// there is none.
	Account string `yaml:"account,omitempty"`
	Policy  any    `yaml:"policy,omitempty"`
}

// FunctionSpec is what is different from the template's function; what is not there is as the template says.
type FunctionSpec struct {
	Timeout     int               `yaml:"timeout"` // seconds
	Environment map[string]string `yaml:"environment"`
	Instances   int               `yaml:"instances"` // at once, at most
}

// TriggerSpec is what is different from the template's queue trigger; what is not there is as the template says.
type TriggerSpec struct {
	Mode              string   `yaml:"mode"` // event-streaming or event-driven
	RawData           bool     `yaml:"rawData"`
	Count             int      `yaml:"count"`         // messages a batch, at most
	WindowSeconds     *float64 `yaml:"windowSeconds"` // how long a batch is gathered
	Tries             int      `yaml:"tries"`
	BackoffSeconds    float64  `yaml:"backoffSeconds"`
	DeadLetter        *bool    `yaml:"deadLetter"`        // keep what failed every try
	VisibilitySeconds float64  `yaml:"visibilitySeconds"` // of the event queue
}

// preset is what a cloud file need not say.
func preset() Spec {
	return Spec{
		Account: "1234567890123456", Region: "cn-hangzhou",
		AccessKeys:    []AccessKey{{ID: "local", Secret: "local"}},
		AttachSeconds: 30, RouteTableSeconds: 5, DetachSeconds: 10,
	}
}

// ReadSpec reads a cloud file. An unknown field is an error that shows the line.
func ReadSpec(text []byte) (Spec, error) {
	spec := preset()
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return Spec{}, atLine("the cloud file", err)
	}
	for _, document := range file.Docs {
		if err := spec.change(document.Body); err != nil {
			return Spec{}, err
		}
	}
	return spec, spec.validate()
}

// change puts what a file says in the place of what was said before, field by field of the first level.
func (s *Spec) change(node ast.Node) error {
	if node == nil {
		return nil // nothing but comments
	}
	if err := yaml.NodeToValue(node, s, yaml.Strict()); err != nil {
		return atLine("the cloud file", err)
	}
	return nil
}

// atLine is an error of YAML with the lines around it.
func atLine(what string, err error) error {
	return fmt.Errorf("reading %s:\n%s", what, yaml.FormatError(err, false, true))
}

// ReadSpecFile reads the cloud file at path.
func ReadSpecFile(path string) (Spec, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Spec{}, fmt.Errorf("reading the cloud file: %w", err)
	}
	return ReadSpec(text)
}

// most is the longest time that a cloud file may name, in seconds: a week.
const most = 7 * 24 * 60 * 60

func (s Spec) validate() error {
	window := s.Trigger.WindowSeconds
	if window == nil {
		window = new(float64)
	}
	if s.Trigger.Mode != "" && s.Trigger.Mode != "event-streaming" && s.Trigger.Mode != "event-driven" {
		return fmt.Errorf("reading the cloud file: trigger.mode must be event-streaming or event-driven")
	}
	for _, field := range []struct {
		name               string
		value, least, most float64
	}{
		{"attachSeconds", s.AttachSeconds, 0, most},
		{"detachSeconds", s.DetachSeconds, 0, most},
		{"sessionSeconds", s.SessionSeconds, 0, most},
		{"routeTableSeconds", s.RouteTableSeconds, 0, most},
		{"function.instances", float64(s.Function.Instances), 0, 64},
		{"function.timeout", float64(s.Function.Timeout), 0, 86400},
		{"trigger.count", float64(s.Trigger.Count), 0, 10000},
		{"trigger.windowSeconds", *window, 0, most},
		{"trigger.tries", float64(s.Trigger.Tries), 0, 1000},
		{"trigger.backoffSeconds", s.Trigger.BackoffSeconds, 0, most},
		{"trigger.visibilitySeconds", s.Trigger.VisibilitySeconds, 0, 43200},
	} {
		if !(field.value >= field.least && field.value <= field.most) { // not a number is neither
			return fmt.Errorf("reading the cloud file: %s must be from %g to %g", field.name, field.least, field.most)
		}
	}
	if !event.IsAccountID(s.Account) || strings.Trim(s.Region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("reading the cloud file: account must be 10 to 20 digits, region an id such as cn-hangzhou")
	}
	for _, fault := range s.Faults {
		if err := fault.Validate(); err != nil {
			return fmt.Errorf("reading the cloud file: %w", err)
		}
	}
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
