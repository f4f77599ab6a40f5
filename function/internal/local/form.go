package local

import (
	"bytes"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Event is what a case has reach the function, as the case writes it: see formKinds. It is read with the case and
// made when it is sent, so that what it says of the time is true at that moment.
type Event struct {
	form form
	node ast.Node
}

// form is one way to write an event.
type form interface {
	make(m maker) ([]byte, error)
}

// maker is what events are made from.
type maker struct {
	sign   func(text []byte) ([]byte, error) // signs a message that asks for it; nil leaves it
	files  fs.FS                             // wire/NAME.json
	beside fs.FS                             // the folder of the case
	now    time.Time
	speed  float64
}

// formKinds are the forms that are mappings, by the key that tells them. Any other mapping or list is the JSON itself.
func formKinds() map[string]func() form {
	return map[string]func() form{
		"wire":     func() form { return &wireForm{} },
		"text":     func() form { return &textForm{} },
		"envelope": func() form { return &envelopeForm{} },
		"batch":    func() form { return &batchForm{} },
		"base64":   func() form { return &base64Form{} },
		"bytes":    func() form { return &bytesForm{} },
		"depth":    func() form { return &depthForm{} },
	}
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (e *Event) UnmarshalYAML(node ast.Node) error {
	e.node = node
	switch node := node.(type) {
	case *ast.StringNode:
		e.form = ofText(node.Value)
		return nil
	case *ast.LiteralNode:
		e.form = &textForm{Text: node.Value.Value}
		return nil
	case *ast.MappingNode:
		kinds := formKinds()
		for _, pair := range node.Values {
			if kind := kinds[pair.Key.String()]; kind != nil {
				e.form = kind()
				return yaml.NodeToValue(node, e.form, yaml.Strict())
			}
		}
	}
	var value any
	err := yaml.NodeToValue(node, &value)
	e.form = &jsonForm{value}
	return err
}

// Make gives the bytes that reach the function. An error shows the line of the case.
func (e Event) Make(m maker) ([]byte, error) {
	text, err := e.form.make(m)
	if err == nil {
		text, err = m.moments(text)
	}
	if err == nil && m.sign != nil {
		text, err = m.sign(text)
	}
	if err == nil {
		return text, nil
	}
	var known yaml.Error
	if !errors.As(err, &known) {
		err = &yaml.SyntaxError{Message: err.Error(), Token: e.node.GetToken()}
	}
	return nil, err
}

// moment is a point in time relative to that of sending, such as ${now} or ${now+90s}.
func moment() *regexp.Regexp { return regexp.MustCompile(`\$\{now([+-][0-9a-z.]+)?\}`) }

// moments puts times in the places of moments. The distance is cloud time.
func (m maker) moments(text []byte) ([]byte, error) {
	if !bytes.Contains(text, []byte("${now")) {
		return text, nil
	}
	var wrong error
	text = moment().ReplaceAllFunc(text, func(found []byte) []byte {
		var distance time.Duration
		if at := string(found[len("${now") : len(found)-1]); at != "" {
			parsed, err := time.ParseDuration(at)
			wrong = errors.Join(wrong, err)
			distance = time.Duration(float64(parsed) / m.speed)
		}
		return []byte(m.now.Add(distance).UTC().Format("2006-01-02T15:04:05.999Z"))
	})
	return text, wrong
}

// ofText is a wire file's name, a file beside the case, or the text itself.
func ofText(text string) form {
	switch {
	case strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == "":
		return &wireForm{Wire: text}
	case strings.HasPrefix(text, "./"):
		return &fileForm{text[2:]}
	}
	return &textForm{Text: text}
}

type jsonForm struct{ value any }

func (f *jsonForm) make(maker) ([]byte, error) { return encoded(f.value) }

type textForm struct {
	Text string `yaml:"text"`
}

func (f *textForm) make(maker) ([]byte, error) { return []byte(f.Text), nil }

type fileForm struct{ path string }

func (f *fileForm) make(m maker) ([]byte, error) { return fs.ReadFile(m.beside, f.path) }

// envelopeForm is the queue trigger's element around an event.
type envelopeForm struct {
	Envelope Event `yaml:"envelope"`
}

func (f *envelopeForm) make(m maker) ([]byte, error) {
	body, err := f.Envelope.Make(m)
	if err != nil {
		return nil, err
	}
	return m.enclose(body, "0", false)
}

// enclose makes the element of a batch that has a number: its message, around the text of an event.
func (m maker) enclose(body []byte, number string, raw bool) ([]byte, error) {
	message := map[string]any{"messageId": "m-" + number, "messageBody": string(body)}
	if raw {
		return encoded(message)
	}
	around := &wireForm{Wire: "one-object", With: map[string]any{"id": "ce-m-" + number, "data": message}}
	return around.make(m)
}

// batchForm is what the queue trigger hands over: a list of its elements, each around an event; rawData leaves the
// messages alone. An event may stand for several: in its text, # is then the place in the batch.
type batchForm struct {
	Batch   []several `yaml:"batch"`
	RawData bool      `yaml:"rawData"`
}

// several are events of one form.
type several struct {
	Event
	count int
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (s *several) UnmarshalYAML(node ast.Node) error {
	var counted struct {
		Count int   `yaml:"count"`
		Of    Event `yaml:"of"`
	}
	if yaml.NodeToValue(node, &counted) == nil && counted.Count > 0 {
		s.Event, s.count = counted.Of, counted.Count
		return yaml.NodeToValue(node, &counted, yaml.Strict())
	}
	return s.Event.UnmarshalYAML(node)
}

func (f *batchForm) make(m maker) ([]byte, error) {
	var elements [][]byte
	for _, s := range f.Batch {
		body, err := s.Make(m)
		if err != nil {
			return nil, err
		}
		number := strconv.Itoa(len(elements))
		if s.count > 0 {
			number = "#"
		}
		element, err := m.enclose(body, number, f.RawData)
		if err != nil {
			return nil, err
		}
		if s.count == 0 {
			elements = append(elements, element)
		}
		for range s.count {
			place := []byte(strconv.Itoa(len(elements)))
			elements = append(elements, bytes.ReplaceAll(element, []byte("#"), place))
		}
	}
	return slices.Concat([]byte("["), bytes.Join(elements, []byte(",\n")), []byte("]")), nil
}
