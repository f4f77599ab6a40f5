package template

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// resolver resolves one stack.
type resolver struct {
	template   *Template
	pseudo     Pseudo
	parameters map[string]any
	written    map[string]ast.Node // resources, as they are written
	conditions map[string]*state
	resources  map[string]*state
	isUnused   bool // what is being resolved is not made
}

// unused resolves what is not made, so that a mistake in it is found.
func (r *resolver) unused(is bool, do func() (any, error)) (any, error) {
	before := r.isUnused
	r.isUnused = is
	value, err := do()
	r.isUnused = before
	return value, err
}

// nothing is what ALIYUN::NoValue stands for: the property is not there.
type nothing struct{}

// made is a resource, and whether its condition holds.
type made struct {
	Resource
	isMade bool
}

// lookUp finds or makes the state of something by its name.
func lookUp(all map[string]*state, name string) *state {
	if all[name] == nil {
		all[name] = &state{}
	}
	return all[name]
}

// resource resolves a resource; at is who asks for it.
func (r *resolver) resource(at ast.Node, name string) (made, error) {
	node, known := r.written[name]
	if !known {
		return made{}, wrongAt(at, "there is no resource %s", name)
	}
	value, err := lookUp(r.resources, name).resolve(at, func() (any, error) { return r.makeResource(name, node) })
	if err != nil {
		return made{}, err
	}
	return value.(made), nil
}

func (r *resolver) makeResource(name string, node ast.Node) (any, error) {
	all, err := fields(node, "Type", "Condition", "DependsOn", "DeletionPolicy", "Properties", "Metadata")
	if err != nil {
		return nil, err
	}
	m := made{Resource: Resource{ID: name, Line: node.GetToken().Position.Line}, isMade: true}
	if m.Type, err = oneOf(node, all["Type"], r.template.types); err != nil {
		return nil, err
	}
	if condition := all["Condition"]; condition != nil {
		if m.isMade, err = r.condition(condition); err != nil {
			return nil, err
		}
	}
	if policy := all["DeletionPolicy"]; policy != nil {
		if m.DeletionPolicy, err = oneOf(node, policy, map[string]*schema{"Retain": nil, "Delete": nil}); err != nil {
			return nil, err
		}
	}
	if err := r.depends(&m.Resource, all["DependsOn"]); err != nil {
		return nil, err
	}
	properties := all["Properties"]
	if properties == nil {
		return nil, wrongAt(node, "it has no Properties")
	}
	value, err := r.unused(!m.isMade, func() (any, error) { return r.value(properties, r.template.types[m.Type]) })
	if m.Properties, _ = value.(map[string]any); m.Type == role && err == nil {
		m.Arn = "acs:ram::" + r.pseudo.Account + ":role/" + strings.ToLower(m.Properties["RoleName"].(string))
	}
	return m, err
}

// oneOf reads a text that is one of some names.
func oneOf(around, node ast.Node, known map[string]*schema) (string, error) {
	if node == nil {
		return "", wrongAt(around, "it has no Type")
	}
	text, err := textOf(node)
	if _, isKnown := known[text]; err == nil && !isKnown {
		err = wrongAt(node, "%s is not known", text)
	}
	return text, err
}

// depends resolves what a resource waits for.
func (r *resolver) depends(on *Resource, node ast.Node) error {
	if node == nil {
		return nil
	}
	for _, one := range list(node) {
		name, err := textOf(one)
		if err == nil {
			_, err = r.resource(one, name)
		}
		if err != nil {
			return err
		}
		on.DependsOn = append(on.DependsOn, name)
	}
	return nil
}

// value resolves what a property holds.
func (r *resolver) value(node ast.Node, s *schema) (any, error) {
	var value any
	var err error
	switch node := node.(type) {
	case *ast.MappingNode:
		if f, name := functionOf(node); f != nil {
			value, err = f(r, node.Values[0].Value, s)
		} else if strings.HasPrefix(name, "Fn::") {
			return nil, wrongAt(node.Values[0].Key, "the function %s is not known", name)
		} else {
			value, err = r.object(node, s)
		}
	case *ast.SequenceNode:
		value, err = r.items(node, s)
	default:
		value, err = scalar(node)
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
		inner, known := s.field(one.name)
		if !known {
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
		if _, isThere := object[name]; inner.required && !isThere {
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
	if all["Value"] == nil {
		return wrongAt(one.value, "it has no Value")
	}
	isMade := true
	if all["Condition"] != nil {
		if isMade, err = r.condition(all["Condition"]); err != nil {
			return err
		}
	}
	value, err := r.unused(!isMade, func() (any, error) { return r.value(all["Value"], &schema{kind: "text"}) })
	if err != nil || !isMade {
		return err
	}
	text, _ := value.(string)
	stack.Outputs = append(stack.Outputs, Output{Name: one.name, Value: text})
	return nil
}
