package event

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// reference is a connection that a record names; regionID is "" unless its ARN says it.
type reference struct{ connectionID, regionID string }

// search finds the connections that parts of a record name, and what kinds of resources they speak of.
type search struct {
	found []reference
	kinds []string // of resources: ACS::VPC::VpnConnection, VPNATTACHMENT, vpnattachment
}

// in looks through a part of a record, at any depth and into JSON that stands there as text.
func (s *search) in(name string, part json.RawMessage) {
	var value any
	if json.Unmarshal(part, &value) == nil { // what is no JSON names nothing
		s.value(name, value, -1) // its values are the first level
	}
}

// references are the connections that were found, each once, sorted.
func (s search) references() []reference {
	slices.SortFunc(s.found, func(a, b reference) int {
		return cmp.Or(strings.Compare(a.connectionID, b.connectionID), strings.Compare(b.regionID, a.regionID))
	})
	return slices.CompactFunc(s.found, func(a, b reference) bool { return a.connectionID == b.connectionID })
}

// value looks through what stands under a name.
func (s *search) value(name string, value any, depth int) {
	if depth > maxDepth {
		return
	}
	switch v := value.(type) {
	case string:
		s.text(name, v, depth)
	case []any:
		for _, inner := range v {
			s.value(name, inner, depth+1)
		}
	case map[string]any:
		for key, inner := range v {
			if strings.Contains(key, "::") {
				s.kinds = append(s.kinds, key)
			}
			s.value(key, inner, depth+1)
		}
	}
}

// text looks at a text: JSON, or names with ";" or "," between them.
func (s *search) text(name, text string, depth int) {
	text = strings.TrimSpace(text)
	var inner any
	if text != "" && strings.IndexByte("{[", text[0]) >= 0 && json.Unmarshal([]byte(text), &inner) == nil {
		s.value(name, inner, depth+1)
		return
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == ',' }) {
		s.word(name, strings.TrimSpace(word))
	}
}

// word looks at one name: an id, or an ARN that ends in one. The place of a kind is known by its name: ResourceType,
// ResourceType.1.
func (s *search) word(name, word string) {
	if strings.HasPrefix(strings.ToLower(name), "resourcetype") {
		s.kinds = append(s.kinds, word)
		return
	}
	if IsConnectionID(word) {
		s.found = append(s.found, reference{connectionID: word})
		return
	}
	arn, found := strings.CutPrefix(strings.TrimPrefix(word, "arn:"), "acs:")
	at := strings.LastIndexAny(arn, "/:")
	if !found || at < 0 {
		return
	}
	kind := arn[:at]
	s.kinds = append(s.kinds, kind[strings.LastIndex(kind, ":")+1:])
	if id := arn[at+1:]; IsConnectionID(id) {
		s.found = append(s.found, reference{id, regionOf(arn)})
	}
}

// regionOf is the region of an ARN without its beginning, SERVICE:REGION:ACCOUNT:…; "" if it names none.
func regionOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 2 && parts[1] != "*" {
		return parts[1]
	}
	return ""
}

// isVPN reports whether one of the kinds is a connection. Gateways and what belongs to SSL-VPN are none.
func (s search) isVPN() bool {
	return slices.ContainsFunc(s.kinds, func(kind string) bool {
		kind = strings.ToLower(kind)
		return strings.Contains(kind, "vpn") && !strings.Contains(kind, "gateway") && !strings.Contains(kind, "ssl")
	})
}
