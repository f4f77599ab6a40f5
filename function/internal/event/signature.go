package event

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// MinKey is the least length of a key that signs messages, in characters.
const MinKey = 32

// Signer proves that a message is this function's own. A signature is the HMAC-SHA256, in hex, of the message's type, a
// newline and its data in canonical form: no white space, the names of every object sorted, nothing escaped that JSON
// does not demand. So it survives a transport that writes the JSON anew. The zero Signer takes nothing for its own.
type Signer struct {
	keys []string // the first one signs, all of them are accepted
}

// NewSigner gives the signer of a key. previous is the key before a change; empty for none.
func NewSigner(key, previous string) Signer {
	s := Signer{keys: []string{key}}
	if previous != "" {
		s.keys = append(s.keys, previous)
	}
	return s
}

// seal gives data as it is sent, and its signature.
func (s Signer) seal(kind string, data any) (raw json.RawMessage, signature string, err error) {
	raw, err = encodePlain(data)
	var canonical []byte
	if err == nil {
		canonical, err = canonicalJSON(raw)
	}
	if err != nil {
		return nil, "", err
	}
	if len(s.keys) == 0 {
		return nil, "", fmt.Errorf("signing: there is no key")
	}
	return raw, hex.EncodeToString(sum(s.keys[0], kind, canonical)), nil
}

// open gives the data of a message in the form that was signed. It reports whether the signature is one of this
// signer's. Only what it gives may be read: a field that is there twice is read differently by different readers.
func (s Signer) open(kind, signature string, data json.RawMessage) (canonical json.RawMessage, own bool) {
	claimed, err := hex.DecodeString(signature)
	if err != nil || len(claimed) != sha256.Size || len(s.keys) == 0 {
		return nil, false
	}
	canonical, err = canonicalJSON(data)
	if err != nil {
		return nil, false
	}
	for _, key := range s.keys {
		if hmac.Equal(claimed, sum(key, kind, canonical)) {
			return canonical, true
		}
	}
	return nil, false
}

// Sign gives a message of this function's own type with its signature, whatever signature it has.
func (s Signer) Sign(message []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(message, &fields); err != nil {
		return nil, fmt.Errorf("signing a message: %w", err)
	}
	data, signature, err := s.seal(textIn(message, "type"), fields["data"])
	if err != nil {
		return nil, fmt.Errorf("signing a message: %w", err)
	}
	fields["data"] = data
	fields["signature"], _ = json.Marshal(signature) // a text always encodes
	return encodePlain(fields)
}

func sum(key, kind string, canonical []byte) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(kind + "\n"))
	mac.Write(canonical)
	return mac.Sum(nil)
}

// isPlain reports whether no object in a JSON value has a field twice: then every reader reads it as it was signed.
func isPlain(raw []byte) bool {
	seen, plain := map[string]bool{}, true
	eachMember(raw, func(name, value []byte) {
		var text string
		if name != nil {
			_ = json.Unmarshal(name, &text) // of valid JSON
			plain = plain && !seen[text]
			seen[text] = true
		}
		plain = plain && isPlain(value)
	})
	return plain
}

// encodePlain gives compact JSON that escapes nothing that JSON does not demand, so that what
// it holds keeps its size.
func encodePlain(value any) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(body.Bytes()), nil
}
