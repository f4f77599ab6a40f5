package template

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// function gives what a function of a template comes to, of its argument, where the schema stands.
type function func(r *resolver, argument ast.Node, s *schema) (any, error)

// functions are those that a value may be.
func functions() map[string]function {
	return map[string]function{
		"Ref": ref, "Fn::GetAtt": getAtt, "Fn::Sub": sub, "Fn::If": choose, "Fn::Join": join, "Fn::Split": split,
		"Fn::Replace": replace,
	}
}

// function gives the function that a mapping is; nil when it is not a known one.
func (r *resolver) function(node *ast.MappingNode) (f function, isFunction bool) {
	if len(node.Values) != 1 {
		return nil, false
	}
	name := node.Values[0].Key.GetToken().Value
	return r.functions[name], name == "Ref" || strings.HasPrefix(name, "Fn::")
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
	property := r.template.types[m.Type].fields[attribute]
	switch {
	case !m.isMade && !r.isUnused:
		return nil, wrongAt(node, "%s is not made: its condition does not hold", name)
	case m.Arn != "" && attribute == "Arn":
		return m.Arn, nil
	case property == nil || !property.readable:
		return nil, wrongAt(node, "%s, of %s, has no attribute %s", name, m.Type, attribute)
	}
	return m.Properties[attribute], nil
}

// sub puts the values of ${NAME} and ${RESOURCE.ATTRIBUTE} in their places.
func sub(r *resolver, node ast.Node, _ *schema) (any, error) {
	text, err := textOf(node)
	if err != nil {
		return nil, err
	}
	whole, rest, found := strings.Cut(text, "${")
	for found {
		var name, between string
		if name, rest, found = strings.Cut(rest, "}"); !found {
			return nil, wrongAt(node, "a } is missing after ${%s", name)
		}
		var value any
		if resource, attribute, isAttribute := strings.Cut(name, "."); isAttribute {
			value, err = r.attribute(node, resource, attribute)
		} else {
			value, err = r.variable(node, name)
		}
		if err != nil {
			return nil, err
		}
		between, rest, found = strings.Cut(rest, "${")
		if whole += fmt.Sprint(value) + between; len(whole) > maxText {
			return nil, tooLong(node)
		}
	}
	return whole, nil
}

func choose(r *resolver, node ast.Node, s *schema) (any, error) {
	parts := list(node)
	if len(parts) != 3 {
		return nil, wrongAt(node, "a condition and two values are expected")
	}
	holds, err := r.condition(parts[0])
	if err != nil {
		return nil, err
	}
	chosen, other := parts[1], parts[2]
	if !holds {
		chosen, other = other, chosen
	}
	if _, err := r.unless(true, other, s); err != nil {
		return nil, err
	}
	return r.value(chosen, s)
}

func join(r *resolver, node ast.Node, _ *schema) (any, error) {
	parts := list(node)
	if len(parts) != 2 {
		return nil, wrongAt(node, "what is between, and a list, are expected")
	}
	between, err := r.text(parts[0])
	if err != nil {
		return nil, err
	}
	texts, err := r.texts(parts[1], -1)
	size := -len(between)
	for _, text := range texts {
		size += len(between) + len(text)
	}
	if size > maxText {
		return nil, tooLong(node)
	}
	return strings.Join(texts, between), err
}

func split(r *resolver, node ast.Node, _ *schema) (any, error) {
	texts, err := r.texts(node, 2)
	if err != nil {
		return nil, err
	}
	parts := []any{}
	for part := range strings.SplitSeq(texts[1], texts[0]) {
		parts = append(parts, part)
	}
	return parts, nil
}

// replace replaces texts in the order in which they are written.
func replace(r *resolver, node ast.Node, _ *schema) (any, error) {
	parts := list(node)
	if len(parts) != 2 {
		return nil, wrongAt(node, "what is replaced, and a text, are expected")
	}
	text, err := r.text(parts[1])
	if err != nil {
		return nil, err
	}
	olds, err := pairs(parts[0])
	for _, old := range olds {
		to, wrong := r.text(old.value)
		if wrong != nil {
			return nil, wrong
		}
		if strings.Count(text, old.name)*len(to) > maxText {
			return nil, tooLong(node)
		}
		text = strings.ReplaceAll(text, old.name, to)
	}
	return text, err
}

// maxText is how long a text may be, in bytes, so that a template that repeats its texts cannot fill the memory.
const maxText = 64 << 10

func tooLong(node ast.Node) error { return wrongAt(node, "it comes to more than %d bytes", maxText) }

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
	parts := list(node)
	if count >= 0 && len(parts) != count {
		return nil, wrongAt(node, "%d texts are expected", count)
	}
	for _, one := range parts {
		text, err := r.text(one)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// condition decides a condition, by its name or as it is written. Without one, it holds.
func (r *resolver) condition(node ast.Node) (bool, error) {
	if node == nil {
		return true, nil
	}
	mapping, isMapping := node.(*ast.MappingNode)
	if !isMapping {
		return r.named(node)
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
		one := list(argument)
		if len(one) != 1 {
			return false, wrongAt(argument, "one condition is expected")
		}
		holds, err := r.condition(one[0])
		return !holds, err
	case "Fn::And", "Fn::Or":
		return r.several(argument, name == "Fn::Or")
	default:
		return false, wrongAt(node, "the function %s is not known in a condition", name)
	}
}

// several decides whether all of some conditions hold, or one is enough; a mistake is found in each.
func (r *resolver) several(node ast.Node, isOr bool) (bool, error) {
	all, some := true, false
	for _, one := range list(node) {
		holds, err := r.condition(one)
		if err != nil {
			return false, err
		}
		all, some = all && holds, some || holds
	}
	return some && (all || isOr), nil
}

// named decides the condition of a name.
func (r *resolver) named(at ast.Node) (bool, error) {
	name, err := textOf(at)
	if err != nil {
		return false, err
	}
	node := r.template.conditions[name]
	if node == nil {
		return false, wrongAt(at, "there is no condition %s", name)
	}
	return within(r, at, "condition "+name, func() (bool, error) { return r.condition(node) })
}
