package template

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// resolver resolves one stack.
type resolver struct {
	template   *Template
	parameters map[string]any // and what the stack knows of its place
	scalar     func(ast.Node) (any, error)
	functions  map[string]function
	busy       map[string]bool // conditions and resources that are being resolved
	done       map[string]*Resource
	isUnused   bool // what is being resolved is not made
}

// nothing is what ALIYUN::NoValue stands for: the property is not there.
type nothing struct{}

// within resolves what may need others, and refuses what needs itself.
func within[T any](r *resolver, at ast.Node, name string, do func() (T, error)) (result T, err error) {
	if r.busy[name] {
		return result, wrongAt(at, "%s depends on itself", name)
	}
	r.busy[name] = true
	defer delete(r.busy, name)
	return do()
}

// unless resolves a value that is used or not: in one that is not, a mistake is found all the same.
func (r *resolver) unless(isUnused bool, node ast.Node, s *schema) (any, error) {
	defer func(before bool) { r.isUnused = before }(r.isUnused)
	r.isUnused = isUnused
	return r.value(node, s)
}

// resource resolves a resource; at is who asks for it.
func (r *resolver) resource(at ast.Node, name string) (*Resource, error) {
	if m := r.done[name]; m != nil {
		return m, nil
	}
	i := slices.IndexFunc(r.template.resources, func(one pair) bool { return one.name == name })
	if i < 0 {
		return nil, wrongAt(at, "there is no resource %s", name)
	}
	m, err := within(r, at, name, func() (*Resource, error) { return r.make(r.template.resources[i]) })
	r.done[name] = m
	return m, err
}

func (r *resolver) make(one pair) (*Resource, error) {
	all, err := fields(one.value, "Type", "Condition", "DependsOn", "DeletionPolicy", "Properties")
	if err != nil {
		return nil, err
	}
	if all["Type"] == nil || all["Properties"] == nil {
		return nil, wrongAt(one.key, "it needs a Type and Properties")
	}
	m := &Resource{ID: one.name, Line: one.key.GetToken().Position.Line}
	if m.Type, err = textOf(all["Type"]); err != nil {
		return nil, err
	}
	s := r.template.types[m.Type]
	if s == nil || !strings.HasPrefix(m.Type, "ALIYUN::") {
		return nil, wrongAt(all["Type"], "the type %s is not known", m.Type)
	}
	if m.isMade, err = r.condition(all["Condition"]); err != nil {
		return nil, err
	}
	if policy := all["DeletionPolicy"]; policy != nil {
		m.DeletionPolicy, err = textOf(policy)
		if err != nil || m.DeletionPolicy != "Retain" && m.DeletionPolicy != "Delete" {
			return nil, wrongAt(policy, "the policy is Retain or Delete")
		}
	}
	for _, on := range list(all["DependsOn"]) {
		name, err := textOf(on)
		if err == nil {
			_, err = r.resource(on, name)
		}
		if err != nil {
			return nil, err
		}
	}
	value, err := r.unless(!m.isMade, all["Properties"], s)
	if err != nil {
		return nil, err
	}
	var isObject bool
	if m.Properties, isObject = value.(map[string]any); !isObject {
		return nil, wrongAt(all["Properties"], "there are no properties")
	}
	if m.Type == role {
		m.Arn = fmt.Sprintf("acs:ram::%s:role/%s", r.parameters["ALIYUN::TenantId"],
			strings.ToLower(fmt.Sprint(m.Properties["RoleName"])))
	}
	return m, nil
}

// value resolves what a property holds.
func (r *resolver) value(node ast.Node, s *schema) (value any, err error) {
	switch node := node.(type) {
	case *ast.MappingNode:
		if f, isFunction := r.function(node); !isFunction {
			value, err = r.object(node, s)
		} else if f == nil {
			err = wrongAt(node.Values[0].Key, "the function %s is not known here", node.Values[0].Key.GetToken().Value)
		} else {
			value, err = f(r, node.Values[0].Value, s)
		}
	case *ast.SequenceNode:
		value, err = r.items(node, s)
	default:
		value, err = r.scalar(node)
	}
	if _, isNothing := value.(nothing); isNothing || err != nil {
		return value, err
	}
	if text, isText := value.(string); isText && len(text) > maxText {
		return nil, tooLong(node)
	}
	if value, err = s.conform(value); err != nil {
		return nil, wrongAt(node, "%v", err)
	}
	return value, nil
}

func (r *resolver) object(node *ast.MappingNode, s *schema) (any, error) {
	all, err := pairs(node)
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	for _, one := range all {
		inner := s.field(one.name)
		if inner == nil {
			return nil, wrongAt(one.key, "the property %s is not known", one.name)
		}
		value, err := r.value(one.value, inner)
		if err != nil {
			return nil, err
		}
		if _, isNothing := value.(nothing); !isNothing {
			object[one.name] = value
		}
	}
	for name, inner := range s.fields {
		if object[name] == nil && inner.required {
			return nil, wrongAt(node, "the property %s is missing", name)
		}
	}
	return object, nil
}

func (r *resolver) items(node *ast.SequenceNode, s *schema) (any, error) {
	items := []any{}
	if s.kind == "list" {
		s = s.each
	}
	for _, one := range node.Values {
		value, err := r.value(one, s)
		if err != nil {
			return nil, err
		}
		if _, isNothing := value.(nothing); !isNothing {
			items = append(items, value)
		}
	}
	return items, nil
}

func (r *resolver) output(stack *Stack, one pair) error {
	all, err := fields(one.value, "Description", "Condition", "Value", "Label", "NoEcho")
	if err != nil {
		return err
	}
	isMade, err := r.condition(all["Condition"])
	if err != nil {
		return err
	}
	if all["Value"] == nil {
		return wrongAt(one.key, "it has no Value")
	}
	value, err := r.unless(!isMade, all["Value"], &schema{kind: "text"})
	if text, isText := value.(string); isText && isMade {
		stack.Outputs = append(stack.Outputs, Output{Name: one.name, Value: text})
	}
	return err
}
