package template

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// resolver resolves one stack.
type resolver struct {
	template   *Template
	pseudo     Pseudo
	parameters map[string]any
	scalar     func(ast.Node) (any, error)
	functions  map[string]function
	busy       map[string]bool // conditions and resources that are being resolved
	done       map[string]*made
	isUnused   bool // what is being resolved is not made
}

// nothing is what ALIYUN::NoValue stands for: the property is not there.
type nothing struct{}

// made is a resource, and whether its condition holds.
type made struct {
	Resource
	isMade bool
}

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
	before := r.isUnused
	r.isUnused = isUnused
	value, err := r.value(node, s)
	r.isUnused = before
	return value, err
}

// resource resolves a resource; at is who asks for it.
func (r *resolver) resource(at ast.Node, name string) (*made, error) {
	if m := r.done[name]; m != nil {
		return m, nil
	}
	i := slices.IndexFunc(r.template.resources, func(one pair) bool { return one.name == name })
	if i < 0 {
		return nil, wrongAt(at, "there is no resource %s", name)
	}
	m, err := within(r, at, name, func() (*made, error) { return r.make(r.template.resources[i]) })
	r.done[name] = m
	return m, err
}

func (r *resolver) make(one pair) (*made, error) {
	all, err := fields(one.value, "Type", "Condition", "DependsOn", "DeletionPolicy", "Properties")
	if err != nil {
		return nil, err
	}
	if all["Type"] == nil || all["Properties"] == nil {
		return nil, wrongAt(one.key, "it needs a Type and Properties")
	}
	m := &made{Resource: Resource{ID: one.name, Line: one.key.GetToken().Position.Line}, isMade: true}
	m.Type = all["Type"].GetToken().Value
	s := r.template.types[m.Type]
	if s == nil || !strings.HasPrefix(m.Type, "ALIYUN::") {
		return nil, wrongAt(all["Type"], "the type %s is not known", m.Type)
	}
	if all["Condition"] != nil {
		if m.isMade, err = r.condition(all["Condition"]); err != nil {
			return nil, err
		}
	}
	if policy := all["DeletionPolicy"]; policy != nil {
		if m.DeletionPolicy = policy.GetToken().Value; m.DeletionPolicy != "Retain" && m.DeletionPolicy != "Delete" {
			return nil, wrongAt(policy, "the policy is Retain or Delete")
		}
	}
	if all["DependsOn"] != nil {
		for _, on := range list(all["DependsOn"]) {
			m.DependsOn = append(m.DependsOn, on.GetToken().Value)
			if _, err := r.resource(on, on.GetToken().Value); err != nil {
				return nil, err
			}
		}
	}
	value, err := r.unless(!m.isMade, all["Properties"], s)
	if err != nil {
		return nil, err
	}
	if m.Properties, _ = value.(map[string]any); m.Type == role {
		m.Arn = "acs:ram::" + r.pseudo.Account + ":role/" + strings.ToLower(m.Properties["RoleName"].(string))
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
	for _, one := range node.Values {
		value, err := r.value(one, s.item())
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
	isMade := true
	if all["Condition"] != nil {
		if isMade, err = r.condition(all["Condition"]); err != nil {
			return err
		}
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
