package local

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

type base64Form struct {
	Base64 Event `yaml:"base64"`
}

func (f *base64Form) make(m maker) ([]byte, error) {
	text, err := f.Base64.Make(m)
	return []byte(base64.StdEncoding.EncodeToString(text)), err
}

// bytesForm is an event of so many bytes, with a filling in the place of its #: without an event, a JSON object that
// says nothing. A filling of two hexadecimal digits after 0x is that byte.
type bytesForm struct {
	Bytes int    `yaml:"bytes"`
	Fill  string `yaml:"fill"` // x when empty
	Of    *Event `yaml:"of"`
}

func (f *bytesForm) make(m maker) (text []byte, err error) {
	if text = []byte(`{"x":"#"}`); f.Of != nil {
		m.sign = nil // the whole is signed, if at all
		if text, err = f.Of.Make(m); err != nil {
			return nil, err
		}
	}
	fill := []byte(cmp.Or(f.Fill, "x"))
	if digits, found := strings.CutPrefix(f.Fill, "0x"); found {
		if fill, err = hex.DecodeString(digits); err != nil || len(fill) != 1 {
			return nil, fmt.Errorf("fill is a text, or 0x and two hexadecimal digits")
		}
	}
	filling := bytes.Repeat(fill, max(0, f.Bytes-len(text)+1)/len(fill))
	return bytes.Replace(text, []byte("#"), filling, 1), nil
}

// depthForm is lists inside lists, so many.
type depthForm struct {
	Depth int `yaml:"depth"`
}

func (f *depthForm) make(maker) ([]byte, error) {
	return []byte(strings.Repeat("[", f.Depth) + strings.Repeat("]", f.Depth)), nil
}
