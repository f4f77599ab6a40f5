package template

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

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

// atLine is an error of YAML with its line.
func atLine(err error) error {
	if known := yaml.Error(nil); errors.As(err, &known) {
		return &Error{Line: known.GetToken().Position.Line, Text: known.GetMessage()}
	}
	return err
}

// pair is a name with its value.
type pair struct {
	name       string
	key, value ast.Node
}

// pairs gives what a mapping holds, in its order; with names, no others. One that is not there holds nothing.
func pairs(node ast.Node, known ...string) (all []pair, err error) {
	if node == nil {
		return nil, nil
	}
	mapping, isMapping := node.(*ast.MappingNode)
	if !isMapping {
		return nil, wrongAt(node, "names with values are expected")
	}
	for _, one := range mapping.Values {
		name := one.Key.GetToken().Value
		if known != nil && !slices.Contains(known, name) {
			return nil, wrongAt(one.Key, "there is no %s here", name)
		}
		all = append(all, pair{name, one.Key, one.Value})
	}
	return all, nil
}

// fields gives a mapping by its names.
func fields(node ast.Node, known ...string) (map[string]ast.Node, error) {
	all, err := pairs(node, known...)
	byName := map[string]ast.Node{}
	for _, one := range all {
		byName[one.name] = one.value
	}
	return byName, err
}

// list gives what a list holds; a single value is a list of one.
func list(node ast.Node) []ast.Node {
	switch node := node.(type) {
	case nil:
		return nil
	case *ast.SequenceNode:
		return node.Values
	}
	return []ast.Node{node}
}

// scalar gives a text, number, flag or null.
func scalar(node ast.Node) (any, error) {
	switch node := node.(type) {
	case *ast.LiteralNode:
		return node.Value.Value, nil
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return node.(ast.ScalarNode).GetValue(), nil
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return nil, wrongAt(node, "anchors, aliases and tags are not known here")
	}
	return nil, wrongAt(node, "a text, number or flag is expected")
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

// What a file may be: as large as the service takes it, and nested less deeply than keeps the parser busy for long.
const maxFile, maxDepth = 524288, 1000

// parsable refuses a file that the parser would not survive.
func parsable(text []byte) error {
	if len(text) > maxFile || !utf8.Valid(text) {
		return &Error{Line: 1, Text: fmt.Sprintf("at most %d bytes of UTF-8 are expected", maxFile)}
	}
	line, depth, dashes := 1, 0, 0
	for _, c := range text {
		switch c {
		case '\n':
			line, dashes = line+1, 0
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '-', '?':
			dashes++
		}
		if depth > maxDepth || dashes > maxDepth {
			return &Error{Line: line, Text: "it is nested too deeply"}
		}
	}
	return nil
}

// read parses a file of one document.
func read(text []byte) (ast.Node, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := parsable(text); err != nil {
		return nil, err
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, atLine(err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, &Error{Line: 1, Text: "one document is expected"}
	}
	return file.Docs[0].Body, nil
}
