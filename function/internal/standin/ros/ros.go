// Package ros stands in for Resource Orchestration Service (ROS, 2019-09-10): stacks of one region. What a template
// says, and what becomes of it in the cloud, is asked of a Maker.
//
// It does not imitate: the time that a stack takes (it is done when the call is answered), templates at an address,
// change sets, drift, nested stacks, stack policies, rolling back what failed (what a failed change did stays), lists
// of more than a page, and client tokens.
package ros

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/rpc"
	"vpn-attach/function/internal/standin/sign"
)

// Version is the API's.
const Version = "2019-09-10"

// Parameter is one of a template, with its value in a stack.
type Parameter struct {
	Name, Value string
	IsSecret    bool // NoEcho: it is shown as asterisks
}

// Output is what a stack says of itself.
type Output struct{ Name, Value string }

// Plan is what a template with parameters comes to. Apply makes it so, and its error is the reason that the stack has
// then.
type Plan struct {
	Parameters []Parameter // all of the template
	Outputs    []Output
	Apply      func() error
}

// Maker makes what templates say. It is called for one stack at a time.
type Maker interface {
	// Plan reads a template for the stack of a name. An error is refused as StackValidationFailed, before anything
	// changes.
	Plan(stack, template string, given map[string]string) (Plan, error)
	// Validate reads a template alone.
	Validate(template string) error
	// Delete takes away what the stack made, but for what its template retains.
	Delete(stack string) error
}

// Options of a Service; all are required.
type Options struct {
	Region string
	Keys   sign.Keys
	Maker  Maker
}

// Service is the stand-in. It is safe for concurrent use.
type Service struct {
	*rpc.Service
	options Options

	mu     sync.Mutex
	stacks []*stack
	made   int
}

// stack is one that was made.
type stack struct {
	id, name, status, reason string
	template                 string
	given                    map[string]string
	plan                     Plan
	created, changed         time.Time
	events                   []map[string]any // the newest first
}

// New makes a service without stacks.
func New(o Options) *Service {
	s := &Service{options: o}
	s.Service = rpc.New(Version, o.Keys, map[string]rpc.Operation{
		"CreateStack": s.create, "UpdateStack": s.update, "DeleteStack": s.delete, "GetStack": s.get,
		"ListStacks": s.list, "GetTemplate": s.getTemplate, "ListStackEvents": s.listEvents,
		"ValidateTemplate": s.validate,
	})
	return s
}

// Adopt enters a stack that is there already.
func (s *Service) Adopt(name, template string, given map[string]string, plan Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(name, template, given, plan).end("CREATE", nil)
}

func (s *Service) enter(name, template string, given map[string]string, plan Plan) *stack {
	s.made++
	one := &stack{
		id: fmt.Sprintf("00000000-0000-4000-8000-%012x", s.made), name: name, template: template, given: given,
		plan: plan, created: time.Now(),
	}
	s.stacks = append(s.stacks, one)
	return one
}

// end notes what a change came to.
func (one *stack) end(verb string, err error) {
	one.status, one.reason, one.changed = verb+"_COMPLETE", "Stack "+verb+" completed successfully", time.Now()
	if err != nil {
		one.status, one.reason = verb+"_FAILED", err.Error()
	}
	one.events = slices.Insert(one.events, 0, map[string]any{
		"EventId": fmt.Sprintf("%s-%d", one.id, len(one.events)+1), "StackId": one.id, "StackName": one.name,
		"LogicalResourceId": one.name, "ResourceType": "ALIYUN::ROS::Stack", "Status": one.status,
		"StatusReason": one.reason, "CreateTime": stamp(one.changed),
	})
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

// given are the parameters of a call.
func given(c rpc.Call) map[string]string {
	all := map[string]string{}
	for i := 1; ; i++ {
		prefix := "Parameters." + strconv.Itoa(i) + "."
		name := c.Get(prefix + "ParameterKey")
		if name == "" {
			return all
		}
		all[name] = c.Get(prefix + "ParameterValue")
	}
}

// invalid is the refusal of a template or a parameter.
func invalid(err error) *sign.Refusal {
	return rpc.Refuse(http.StatusBadRequest, "StackValidationFailed", "%v", err)
}

func (s *Service) create(c rpc.Call) (map[string]any, *sign.Refusal) {
	if refusal := c.Missing("StackName", "TemplateBody"); refusal != nil {
		return nil, refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name, values := c.Get("StackName"), given(c)
	if slices.ContainsFunc(s.stacks, func(one *stack) bool { return one.name == name }) {
		return nil, rpc.Refuse(http.StatusConflict, "StackExists", "The Stack (%s) already exists.", name)
	}
	plan, err := s.options.Maker.Plan(name, c.Get("TemplateBody"), values)
	if err != nil {
		return nil, invalid(err)
	}
	one := s.enter(name, c.Get("TemplateBody"), values, plan)
	one.end("CREATE", plan.Apply())
	return map[string]any{"StackId": one.id}, nil
}

// update refuses a change of nothing, as the service does. Without TemplateBody the template stays; what is not given
// stays with UsePreviousParameters, and gets its default without.
func (s *Service) update(c rpc.Call) (map[string]any, *sign.Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, refusal := s.find(c)
	if refusal != nil {
		return nil, refusal
	}
	template, values := cmp.Or(c.Get("TemplateBody"), one.template), map[string]string{}
	if c.Get("UsePreviousParameters") == "true" {
		for name, value := range one.given {
			values[name] = value
		}
	}
	for name, value := range given(c) {
		values[name] = value
	}
	plan, err := s.options.Maker.Plan(one.name, template, values)
	if err != nil {
		return nil, invalid(err)
	}
	if template == one.template && slices.Equal(plan.Parameters, one.plan.Parameters) &&
		one.status != "CREATE_FAILED" && one.status != "UPDATE_FAILED" {
		return nil, rpc.Refuse(http.StatusBadRequest, "NotSupported",
			"Update the completely same stack is not supported.")
	}
	err = plan.Apply()
	one.template, one.given, one.plan = template, values, plan
	one.end("UPDATE", err)
	return map[string]any{"StackId": one.id}, nil
}

func (s *Service) delete(c rpc.Call) (map[string]any, *sign.Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, refusal := s.find(c)
	if refusal != nil {
		return nil, refusal
	}
	err := s.options.Maker.Delete(one.name)
	if one.end("DELETE", err); err == nil {
		s.stacks = slices.DeleteFunc(s.stacks, func(other *stack) bool { return other == one })
	}
	return map[string]any{}, nil
}

// find finds the stack that a call names. One that was deleted is not found (assumed).
func (s *Service) find(c rpc.Call) (*stack, *sign.Refusal) {
	if refusal := c.Missing("StackId"); refusal != nil {
		return nil, refusal
	}
	for _, one := range s.stacks {
		if one.id == c.Get("StackId") {
			return one, nil
		}
	}
	return nil, rpc.Refuse(http.StatusNotFound, "StackNotFound", "The Stack (%s) could not be found.", c.Get("StackId"))
}

// Status is that of a stack, and why; "" when there is no such stack.
func (s *Service) Status(name string) (status, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.stacks {
		if one.name == name {
			return one.status, one.reason
		}
	}
	return "", ""
}
