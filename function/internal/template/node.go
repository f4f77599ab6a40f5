package template

import (
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Error is what is wrong at a line of the file.
type Error struct {
	Line int
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

func wrongAt(node ast.Node, format string, arguments ...any) error {
	return &Error{Line: node.GetToken().Position.Line, Text: fmt.Sprintf(format, arguments...)}
}

// pair is a name with its value.
type pair struct {
	name  string
	key   ast.Node
	value ast.Node
}

// pairs gives what a mapping holds, in its order.
func pairs(node ast.Node) (all []pair, err error) {
	mapping, isMapping := node.(*ast.MappingNode)
	if !isMapping {
		return nil, wrongAt(node, "names with values are expected")
	}
	for _, one := range mapping.Values {
		all = append(all, pair{name: one.Key.GetToken().Value, key: one.Key, value: one.Value})
	}
	return all, nil
}

// fields gives a mapping by its names, none of which may be unknown.
func fields(node ast.Node, known ...string) (map[string]ast.Node, error) {
	all, err := pairs(node)
	if err != nil {
		return nil, err
	}
	byName := map[string]ast.Node{}
	for _, one := range all {
		isKnown := len(known) == 0
		for _, name := range known {
			isKnown = isKnown || name == one.name
		}
		if !isKnown {
			return nil, wrongAt(one.key, "there is no %s here", one.name)
		}
		byName[one.name] = one.value
	}
	return byName, nil
}

// list gives what a list holds; a single value is a list of one.
func list(node ast.Node) []ast.Node {
	if sequence, isSequence := node.(*ast.SequenceNode); isSequence {
		return sequence.Values
	}
	return []ast.Node{node}
}

// arguments are those of a function, so many.
func arguments(node ast.Node, count int) ([]ast.Node, error) {
	sequence, isSequence := node.(*ast.SequenceNode)
	if !isSequence || len(sequence.Values) != count {
		return nil, wrongAt(node, "a list of %d is expected", count)
	}
	return sequence.Values, nil
}

// scalar gives a text, number, flag or null.
func scalar(node ast.Node) (any, error) {
	switch node := node.(type) {
	case *ast.StringNode:
		return node.Value, nil
	case *ast.LiteralNode:
		return node.Value.Value, nil
	case *ast.BoolNode:
		return node.Value, nil
	case *ast.FloatNode:
		return node.Value, nil
	case *ast.IntegerNode:
		return node.Value, nil
	case *ast.NullNode:
		return nil, nil
	}
	return nil, wrongAt(node, "this kind of YAML is not used in a template")
}

// textOf gives a text as it is written.
func textOf(node ast.Node) (string, error) {
	value, err := scalar(node)
	text, isText := value.(string)
	if err == nil && !isText {
		err = wrongAt(node, "a text is expected")
	}
	return text, err
}

// read parses a file of one document.
func read(text []byte) (ast.Node, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, fmt.Errorf("parsing it:\n%s", yaml.FormatError(err, false, true))
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, fmt.Errorf("parsing it: one document is expected, there are %d", len(file.Docs))
	}
	return file.Docs[0].Body, nil
}
