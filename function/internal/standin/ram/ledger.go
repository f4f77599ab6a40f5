package ram

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Ledger notes what was demanded of an identity. The zero value is ready; it is safe for concurrent use.
type Ledger struct {
	mu      sync.Mutex
	demands map[Demand]bool // with whether all of them were allowed
}

// Note notes a verdict. What differs in the id of a resource alone is noted as one.
func (l *Ledger) Note(v Verdict) {
	v.Resource = anyID(v.Resource)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.demands == nil {
		l.demands = map[Demand]bool{}
	}
	before, noted := l.demands[v.Demand]
	l.demands[v.Demand] = v.Allowed && (before || !noted)
}

// anyID is a resource with * for its id, where that is made by a service: ids of CBN and VPC. So is the region of a
// connection, which may be any that the function is told to serve.
func anyID(resource string) string {
	inVPC, isVPC := strings.CutPrefix(resource, "acs:vpc:")
	if _, rest, found := strings.Cut(inVPC, ":"); isVPC && found {
		resource = "acs:vpc:*:" + rest
	}
	if at := strings.LastIndexByte(resource, '/'); at >= 0 && (isVPC || strings.HasPrefix(resource, "acs:cen:")) {
		return resource[:at] + "/*"
	}
	return resource
}

// IsWithin says whether a grant allows no more than demands that were noted.
func (g Grant) IsWithin(demands map[Demand]bool) bool {
	for d := range demands {
		if d.Action == g.Action && matches(d.Resource, g.Resource) {
			return true
		}
	}
	return false
}

// Demands are those that were noted, each with whether it was always allowed.
func (l *Ledger) Demands() map[Demand]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.demands)
}

// Document is a policy document.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement is one of a document.
type Statement struct {
	Effect           string
	Action, Resource []string
}

// Smallest is the policy that allows the demands and nothing else: actions on the same resources share a statement.
func Smallest(demands map[Demand]bool) Document {
	resources := map[string][]string{} // by action
	for d := range demands {
		resources[d.Action] = append(resources[d.Action], d.Resource)
	}
	document, at := Document{Version: version}, map[string]int{} // statements by their resources
	for _, action := range slices.Sorted(maps.Keys(resources)) {
		slices.Sort(resources[action])
		key := strings.Join(resources[action], "\n")
		if i, known := at[key]; known {
			document.Statement[i].Action = append(document.Statement[i].Action, action)
			continue
		}
		at[key] = len(document.Statement)
		document.Statement = append(document.Statement,
			Statement{Effect: "Allow", Action: []string{action}, Resource: resources[action]})
	}
	return document
}
