package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// PutBack gives what of a payload is requeued when nothing of it is to be processed, in their order: of a delivery the
// message as it came, byte for byte, and anything else that is no request and no timer's as it is. A caller who asks
// directly is told and asks again, and a timer fires again: nothing goes back for them, nor for an empty message.
//
// The error is *OversizeError, or says which element no queue can take as it came.
func PutBack(payload []byte) (bodies [][]byte, err error) {
	elements, err := elementsOf(payload)
	if err != nil {
		return nil, err
	}
	for i, element := range elements {
		switch ShapeOf(element) {
		case ShapeRequest, ShapeSweep, ShapeDetach, ShapeTimer:
			continue
		}
		switch body, err := returnable(element); {
		case errors.Is(err, errEmpty): // it says nothing, and no queue takes it
		case err != nil:
			return nil, fmt.Errorf("putting back element %d: %w", i, err)
		default:
			bodies = append(bodies, body)
		}
	}
	return bodies, nil
}

// returnable is what is requeued for an element: the body of its message, byte for byte, so that no envelope
// is added however often it goes back; without a message the element.
func returnable(element []byte) ([]byte, error) {
	element = bytes.TrimSpace(element)
	e, whole := readEnvelope(element)
	switch shape := e.shape(); {
	case !whole:
	case shape == ShapeDelivery, shape == ShapeRawData:
		if e = e.carried(shape); e.MessageBody == nil {
			return nil, errors.New("it is a delivery without a message")
		}
		return sendable(e.MessageBody)
	}
	return checkSendable(element)
}

// sendable is the text of a message as the queue had it.
func sendable(body json.RawMessage) ([]byte, error) {
	if body[0] != '"' {
		return checkSendable(body)
	}
	var text string
	if !utf8.Valid(body) || json.Unmarshal(body, &text) != nil {
		return nil, errors.New("its text is not valid")
	}
	// A lone surrogate is read as the character that stands for what cannot be read.
	if strings.ContainsRune(text, utf8.RuneError) && !bytes.ContainsRune(body, utf8.RuneError) {
		return nil, errors.New("its text is not valid")
	}
	return checkSendable([]byte(text))
}

// errEmpty is why an empty message is not put back.
const errEmpty = emptyError("it is empty")

type emptyError string

func (e emptyError) Error() string { return string(e) }

// checkSendable refuses a body that the queue does not take, or would change: requests to it are in XML 1.0.
func checkSendable(body []byte) ([]byte, error) {
	switch {
	case len(body) == 0:
		return nil, errEmpty
	case len(body) > MaxBody:
		return nil, &OversizeError{What: "bytes in one element", Limit: MaxBody, Actual: len(body)}
	}
	for i := 0; i < len(body); {
		length, fits := QueueCharacter(body[i:])
		if !fits {
			return nil, errors.New("it holds characters that no message of a queue can hold")
		}
		i += length
	}
	return body, nil
}

// QueueCharacter gives the length of the first character of a text, and whether a message of a queue can hold it:
// requests to queues are in XML 1.0.
func QueueCharacter(text []byte) (length int, fits bool) {
	r, length := utf8.DecodeRune(text)
	isControl := r < ' ' && r != '\t' && r != '\n' && r != '\r'
	return length, !isControl && r != 0xfffe && r != 0xffff && (r != utf8.RuneError || length > 1)
}
