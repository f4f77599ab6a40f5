package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// canonicalJSON writes a JSON value in the one form that is signed: no white space, the names of every object sorted,
// the last of equal names, and texts escaped as encoding/json does. It reads the bytes once and decodes nothing but
// texts that have escapes, since it is on the way of every message.
func canonicalJSON(raw []byte) ([]byte, error) {
	switch {
	case !json.Valid(raw):
		return nil, errors.New("reading the data of a message: it is not valid JSON")
	case depthOf(raw) > maxNesting:
		return nil, errors.New("reading the data of a message: it is nested too deep")
	}
	c := canonical{raw: raw, out: make([]byte, 0, len(raw))}
	c.value()
	return c.out, nil
}

// maxNesting is how deep a signed value may be: objects are sorted from inside out, so that each level costs the length
// of all levels within it.
const maxNesting = 256

// depthOf is how many arrays and objects there are inside each other in valid JSON.
func depthOf(raw []byte) (most int) {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = closingQuote(raw, i)
		case '[', '{':
			depth++
			most = max(most, depth)
		case ']', '}':
			depth--
		}
	}
	return most
}

// canonical writes valid JSON in canonical form.
type canonical struct {
	raw []byte // what is left of it
	out []byte
}

// next gives the first byte after white space and stays there.
func (c *canonical) next() byte {
	c.raw = bytes.TrimLeft(c.raw, " \t\r\n")
	return c.raw[0]
}

// take moves the next byte to out.
func (c *canonical) take() {
	c.out = append(c.out, c.next())
	c.raw = c.raw[1:]
}

func (c *canonical) value() {
	switch c.next() {
	case '{':
		c.object()
	case '[':
		c.array()
	case '"':
		c.text()
	default: // a number, true, false or null, which stays as it is
		end := bytes.IndexAny(c.raw, ",]} \t\r\n")
		if end < 0 {
			end = len(c.raw)
		}
		c.out, c.raw = append(c.out, c.raw[:end]...), c.raw[end:]
	}
}

func (c *canonical) array() {
	for c.take(); c.next() != ']'; {
		c.value()
		if c.next() == ',' {
			c.take()
		}
	}
	c.take()
}

// member is a field of an object, as it is written: its name, a colon, its value.
type member struct{ name, written string }

// object writes the fields in the order in which they came, and again when that is another than the sorted one.
func (c *canonical) object() {
	c.take()
	start, sorted := len(c.out), true
	var names []string
	var ends []int
	for c.next() != '}' {
		if len(names) > 0 {
			c.out = append(c.out, ',')
		}
		name := c.text()
		c.take() // the colon
		c.value()
		sorted = sorted && (len(names) == 0 || names[len(names)-1] < name)
		names, ends = append(names, name), append(ends, len(c.out))
		if c.next() == ',' {
			c.raw = c.raw[1:]
		}
	}
	if !sorted {
		c.sort(start, names, ends)
	}
	c.take()
}

// sort writes the fields of an object anew that stand in out from start on. Of equal names the last one stays.
func (c *canonical) sort(start int, names []string, ends []int) {
	all := make([]member, 0, len(names))
	for i, from := 0, start; i < len(names); i++ {
		all = append(all, member{names[i], string(c.out[from:ends[i]])})
		from = ends[i] + 1 // after the comma
	}
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b member) int { return strings.Compare(a.name, b.name) })
	all = slices.CompactFunc(all, func(a, b member) bool { return a.name == b.name })
	c.out = c.out[:start]
	for i, m := range all {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, m.written...)
	}
}

// text writes a text and gives what it says.
func (c *canonical) text() string {
	end := closingQuote(c.raw, 0) + 1
	quoted := c.raw[:end]
	c.raw = c.raw[end:]
	if isSimple(quoted) {
		c.out = append(c.out, quoted...)
		return string(quoted[1 : end-1])
	}
	var says string
	_ = json.Unmarshal(quoted, &says) // of valid JSON
	written, _ := encodePlain(says)   // a text always encodes
	c.out = append(c.out, written...)
	return says
}

// isSimple reports whether a text in quotation marks has printable ASCII alone and nothing escaped: there is only one
// way to write it.
func isSimple(quoted []byte) bool {
	return bytes.IndexFunc(quoted, func(r rune) bool { return r < ' ' || r > '~' || r == '\\' }) < 0
}
