package template

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// function gives what a function of a template comes to, of its argument, where the schema stands.
type function func(r *resolver, argument ast.Node, s *schema) (any, error)

// functionOf gives the function that a mapping is; nil when it is none, or not a known one.
func functionOf(node *ast.MappingNode) (f function, name string) {
	if len(node.Values) != 1 {
		return nil, ""
	}
	switch name = node.Values[0].Key.GetToken().Value; name {
	case "Ref":
		return ref, name
	case "Fn::GetAtt":
		return getAtt, name
	case "Fn::Sub":
		return sub, name
	case "Fn::If":
		return choose, name
	case "Fn::Join":
		return join, name
	case "Fn::Split":
		return split, name
	case "Fn::Replace":
		return replace, name
	}
	return nil, name
}

func ref(r *resolver, node ast.Node, _ *schema) (any, error) {
	name, err := textOf(node)
	if err != nil {
		return nil, err
	}
	return r.variable(node, name)
}

// variable is a parameter, or what the stack knows of its place.
func (r *resolver) variable(node ast.Node, name string) (any, error) {
	switch name {
	case "ALIYUN::NoValue":
		return nothing{}, nil
	case "ALIYUN::TenantId":
		return r.pseudo.Account, nil
	case "ALIYUN::Region":
		return r.pseudo.Region, nil
	case "ALIYUN::StackName":
		return r.pseudo.Stack, nil
	}
	value, known := r.parameters[name]
	if !known {
		return nil, wrongAt(node, "there is no parameter %s", name)
	}
	return value, nil
}

func getAtt(r *resolver, node ast.Node, _ *schema) (any, error) {
	names, err := r.texts(node, 2)
	if err != nil {
		return nil, err
	}
	return r.attribute(node, names[0], names[1])
}

// attribute is what a resource says of itself.
func (r *resolver) attribute(node ast.Node, name, attribute string) (any, error) {
	m, err := r.resource(node, name)
	if err != nil {
		return nil, err
	}
	if !m.isMade && !r.isUnused {
		return nil, wrongAt(node, "%s is not made: its condition does not hold", name)
	}
	if m.Arn != "" && attribute == "Arn" {
		return m.Arn, nil
	}
	property := r.template.types[m.Type].fields[attribute]
	if property == nil || !property.readable {
		return nil, wrongAt(node, "%s, of %s, has no attribute %s", name, m.Type, attribute)
	}
	return m.Properties[attribute], nil
}

// sub puts the values of ${NAME} and ${RESOURCE.ATTRIBUTE} in their places; ${!NAME} stands for ${NAME}.
func sub(r *resolver, node ast.Node, _ *schema) (any, error) {
	text, err := textOf(node)
	if err != nil {
		return nil, err
	}
	whole := regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-1]
		if plain, isPlain := strings.CutPrefix(name, "!"); isPlain {
			return "${" + plain + "}"
		}
		var value any
		var wrong error
		if resource, attribute, isAttribute := strings.Cut(name, "."); isAttribute {
			value, wrong = r.attribute(node, resource, attribute)
		} else {
			value, wrong = r.variable(node, name)
		}
		if wrong != nil && err == nil {
			err = wrong
		}
		return fmt.Sprint(value)
	})
	return whole, err
}

func choose(r *resolver, node ast.Node, s *schema) (any, error) {
	parts, err := arguments(node, 3)
	if err != nil {
		return nil, err
	}
	holds, err := r.condition(parts[0])
	if err != nil {
		return nil, err
	}
	chosen, other := parts[1], parts[2]
	if !holds {
		chosen, other = other, chosen
	}
	if _, err := r.unused(true, func() (any, error) { return r.value(other, s) }); err != nil {
		return nil, err
	}
	return r.value(chosen, s)
}

func join(r *resolver, node ast.Node, _ *schema) (any, error) {
	parts, err := arguments(node, 2)
	if err != nil {
		return nil, err
	}
	between, err := r.text(parts[0])
	if err != nil {
		return nil, err
	}
	texts, err := r.texts(parts[1], -1)
	return strings.Join(texts, between), err
}

func split(r *resolver, node ast.Node, _ *schema) (any, error) {
	texts, err := r.texts(node, 2)
	if err != nil {
		return nil, err
	}
	var parts []any
	for _, part := range strings.Split(texts[1], texts[0]) {
		parts = append(parts, part)
	}
	return parts, nil
}

// replace replaces texts in the order in which they are written.
func replace(r *resolver, node ast.Node, _ *schema) (any, error) {
	parts, err := arguments(node, 2)
	if err != nil {
		return nil, err
	}
	olds, err := pairs(parts[0])
	if err != nil {
		return nil, err
	}
	text, err := r.text(parts[1])
	for _, old := range olds {
		if err != nil {
			return nil, err
		}
		var to string
		to, err = r.text(old.value)
		text = strings.ReplaceAll(text, old.name, to)
	}
	return text, err
}

// text resolves an argument that is a text.
func (r *resolver) text(node ast.Node) (string, error) {
	value, err := r.value(node, &schema{kind: "text"})
	text, isText := value.(string)
	if err == nil && !isText {
		err = wrongAt(node, "a text is expected")
	}
	return text, err
}

// texts resolves a list of so many texts; -1 is any number.
func (r *resolver) texts(node ast.Node, count int) (texts []string, err error) {
	sequence, isSequence := node.(*ast.SequenceNode)
	if !isSequence || count >= 0 && len(sequence.Values) != count {
		return nil, wrongAt(node, "a list of texts is expected")
	}
	for _, one := range sequence.Values {
		text, err := r.text(one)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// condition decides a condition, by its name or as it is written.
func (r *resolver) condition(node ast.Node) (bool, error) {
	mapping, isMapping := node.(*ast.MappingNode)
	if !isMapping {
		name, err := textOf(node)
		if err != nil {
			return false, err
		}
		return r.named(node, name)
	}
	if len(mapping.Values) != 1 {
		return false, wrongAt(node, "one function is expected")
	}
	argument := mapping.Values[0].Value
	switch name := mapping.Values[0].Key.GetToken().Value; name {
	case "Fn::Equals":
		texts, err := r.texts(argument, 2)
		return err == nil && texts[0] == texts[1], err
	case "Fn::Not":
		holds, err := r.condition(list(argument)[0])
		return !holds, err
	case "Fn::And", "Fn::Or":
		isOr := name == "Fn::Or"
		for _, one := range list(argument) {
			if holds, err := r.condition(one); err != nil || holds == isOr {
				return holds, err
			}
		}
		return !isOr, nil
	default:
		return false, wrongAt(mapping.Values[0].Key, "the function %s is not known in a condition", name)
	}
}

// named decides the condition of a name.
func (r *resolver) named(at ast.Node, name string) (bool, error) {
	node, known := r.template.conditions[name]
	if !known {
		return false, wrongAt(at, "there is no condition %s", name)
	}
	value, err := lookUp(r.conditions, name).resolve(at, func() (any, error) { return r.condition(node) })
	holds, _ := value.(bool)
	return holds, err
}
