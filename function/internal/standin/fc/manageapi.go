package fc

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"vpn-attach/function/internal/standin/sign"
)

// Managed is a trigger as the API lists and changes it. Of a change only its switch has an effect.
type Managed struct {
	Name, Type string
	Qualifier  string
	Config     map[string]any // as it was deployed
	Gate       *Gate

	mu sync.Mutex
}

// describedTrigger is the answer of API GetTrigger, as far as it is known here.
type describedTrigger struct {
	TriggerName   string `json:"triggerName"`
	TriggerType   string `json:"triggerType"`
	TriggerConfig string `json:"triggerConfig"` // JSON in a text
	Qualifier     string `json:"qualifier"`
	Status        string `json:"status"`
}

// starts is the field of a configuration that starts a trigger of this type.
func (m *Managed) starts() string {
	if m.Type == "timer" {
		return "enable"
	}
	return "triggerEnable"
}

func (m *Managed) describe() describedTrigger {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, _ := json.Marshal(m.Config) // what was read as JSON can be written
	return describedTrigger{m.Name, m.Type, string(text), m.Qualifier, "OK"}
}

// change takes another configuration.
func (m *Managed) change(config map[string]any) {
	m.mu.Lock()
	m.Config = config
	started, _ := config[m.starts()].(bool)
	m.mu.Unlock()
	m.Gate.Set(started)
}

// changes finds an operation that changes something.
func (a *InvokeAPI) changes(r *http.Request) (change func(body []byte) (any, *sign.Refusal), found bool) {
	operation := operationOf(r)
	name, isTrigger := strings.CutPrefix(operation, "triggers/")
	switch {
	case r.Method != http.MethodPut:
		return nil, false
	case operation == "":
		return a.configure, true
	case !isTrigger:
		return nil, false
	}
	for _, trigger := range a.Triggers {
		if trigger.Name == name {
			return func(body []byte) (any, *sign.Refusal) { return changeTrigger(trigger, body) }, true
		}
	}
	missing := notFound("TriggerNotFound", "trigger '"+name+"' does not exist")
	return func([]byte) (any, *sign.Refusal) { return nil, missing }, true
}

// changeTrigger is API UpdateTrigger.
func changeTrigger(trigger *Managed, body []byte) (any, *sign.Refusal) {
	var asked struct{ TriggerConfig string }
	var config map[string]any
	if json.Unmarshal(body, &asked) != nil || json.Unmarshal([]byte(asked.TriggerConfig), &config) != nil {
		return nil, invalid("triggerConfig must be a JSON object in a text")
	}
	trigger.change(config)
	return trigger.describe(), nil
}

// configure is API UpdateFunction, for the environment alone.
func (a *InvokeAPI) configure(body []byte) (any, *sign.Refusal) {
	var asked struct{ EnvironmentVariables map[string]string }
	if json.Unmarshal(body, &asked) != nil || asked.EnvironmentVariables == nil {
		return nil, invalid("only environmentVariables can be changed here")
	}
	a.Runtime.Configure(asked.EnvironmentVariables)
	return a.Runtime.describe(), nil
}

// describeTriggers is the answer of API ListTriggers.
func (a *InvokeAPI) describeTriggers() any {
	all := []describedTrigger{}
	for _, trigger := range a.Triggers {
		all = append(all, trigger.describe())
	}
	return map[string]any{"triggers": all}
}

// describeVersions is the answer of API ListFunctionVersions: the one version that there is.
func (rt *Runtime) describeVersions() any {
	f := rt.describe()
	only := map[string]string{
		"versionId": qualifier, "description": f.CodeChecksum, "createdTime": f.CreatedTime,
		"lastModifiedTime": f.LastModifiedTime,
	}
	return map[string]any{"versions": []map[string]string{only}, "direction": "BACKWARD"}
}

// Gate starts and stops what passes through it. Its zero value is open.
type Gate struct {
	mu     sync.Mutex
	closed bool
	turned chan struct{} // closed at the next turn; nil when nobody waits
}

// Set opens or closes the gate.
func (g *Gate) Set(open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed == !open {
		return
	}
	g.closed = !open
	if g.turned != nil {
		close(g.turned)
		g.turned = nil
	}
}

// Open reports whether the gate is open.
func (g *Gate) Open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.closed
}

// state is whether the gate is open, and what is closed once it is not so any more.
func (g *Gate) state() (open bool, turned <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.turned == nil {
		g.turned = make(chan struct{})
	}
	return !g.closed, g.turned
}

// Pass waits until the gate is open. Its context ends with ctx, and when the gate is closed.
func (g *Gate) Pass(ctx context.Context) (context.Context, context.CancelFunc) {
	for {
		open, turned := g.state()
		if !open {
			select {
			case <-turned:
				continue
			case <-ctx.Done():
				return context.WithCancel(ctx)
			}
		}
		passed, stop := context.WithCancel(ctx)
		go func() {
			select {
			case <-turned:
				stop()
			case <-passed.Done():
			}
		}()
		return passed, stop
	}
}
