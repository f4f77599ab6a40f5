package ram

import (
	_ "embed"
	"strconv"
	"strings"
)

// operationsFile is the table of what each operation needs, with the meaning of its columns.
//
//go:embed operations.md
var operationsFile string

// Operations knows what each operation needs.
type Operations struct{ needs map[string][]need }

// need is a row of the table.
type need struct {
	action   string
	resource string // with names in braces
}

// ReadOperations reads the table.
func ReadOperations() Operations {
	o := Operations{map[string][]need{}}
	for line := range strings.Lines(operationsFile) {
		cells := strings.Split(line, " | ")
		if operation, isRow := strings.CutPrefix(cells[0], "| "); isRow && len(cells) == 4 && operation != "operation" {
			o.needs[operation] = append(o.needs[operation], need{cells[1], cells[2]})
		}
	}
	return o
}

// Request is a call as far as permissions go.
type Request struct {
	API             string // the version, or mns
	Operation       string
	Account, Region string                   // that it is about
	Get             func(name string) string // a parameter; "" when the call does not have it
}

// Demands are what the call needs, all of it. An operation that the table does not have needs nothing.
func (o Operations) Demands(r Request) []Demand {
	needs := o.needs[r.API+" "+r.Operation]
	demands := make([]Demand, 0, len(needs))
	for _, n := range needs {
		if before, list, isList := n.ofList(); isList {
			for i := 1; i == 1 || r.Get(list+strconv.Itoa(i)) != ""; i++ {
				resource := r.fill(before) + orAny(r.Get(list+strconv.Itoa(i)))
				demands = append(demands, Demand{n.action, resource})
			}
			continue
		}
		demands = append(demands, Demand{n.action, r.fill(n.resource)})
	}
	return demands
}

// ofList splits a resource that ends in a list of parameters.
func (n need) ofList() (before, list string, isList bool) {
	rest, isList := strings.CutSuffix(n.resource, "N}")
	if !isList {
		return "", "", false
	}
	at := strings.LastIndexByte(rest, '{')
	return rest[:at], rest[at+1:], true
}

// fill puts values in the places of names.
func (r Request) fill(resource string) string {
	var filled strings.Builder
	for {
		before, rest, found := strings.Cut(resource, "{")
		filled.WriteString(before)
		if !found {
			return filled.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		resource = after
		switch name {
		case "account":
			filled.WriteString(r.Account)
		case "region":
			filled.WriteString(r.Region)
		default:
			filled.WriteString(orAny(r.Get(name)))
		}
	}
}

// orAny is a value, or * for one that is not there.
func orAny(value string) string {
	if value == "" {
		return "*"
	}
	return value
}
