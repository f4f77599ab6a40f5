package operate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// swept is what is read of the document of a sweep.
type swept struct {
	Mode                        string
	DryRun                      bool
	Connections, InLine, Queued int
	UnderWay                    int
	Wanted                      tally
	Drifted                     tally `json:"amiss"`
	Refused                     map[string]tally
	Unread                      map[string]int
	Advice                      string
	Degraded, Down              tally
	Routers                     []Places
}

// tally are connections that are counted, and the first of them.
type tally struct {
	Count int
	IDs   []string `json:"vpnConnectionIds"`
}

// sweepText says what a sweep found, with the ids that it names, and the command that has it attached.
func sweepText(document json.RawMessage, command string) string {
	var sweep struct{ Data swept }
	if err := json.Unmarshal(document, &sweep); err != nil {
		return indented(document)
	}
	d := sweep.Data
	var text strings.Builder
	fmt.Fprintf(&text, "swept (%s): %s, %d attached as tagged, %d attaching, %d queued\n",
		plain(d.Mode), several(d.Connections, "connection"), d.InLine, d.UnderWay, d.Queued)
	list := func(what string, t tally) {
		if t.Count == 0 {
			return
		}
		more := ""
		if t.Count > len(t.IDs) {
			more = " …"
		}
		fmt.Fprintf(&text, "  %s: %d  %s%s\n", plain(what), t.Count, strings.Join(plainIDs(t.IDs), " "), more)
	}
	list("to be attached", d.Wanted)
	list("drifted from their tags", d.Drifted)
	list("attached and degraded", d.Degraded)
	list("attached and down", d.Down)
	for _, code := range slices.Sorted(maps.Keys(d.Refused)) {
		list("refused "+code, d.Refused[code])
	}
	for _, code := range slices.Sorted(maps.Keys(d.Unread)) {
		fmt.Fprintf(&text, "  pages not read, %s: %d\n", plain(code), d.Unread[code])
	}
	if d.Advice != "" {
		text.WriteString("  advice: " + plain(d.Advice) + "\n")
	}
	for _, r := range d.Routers {
		if r.Left <= few {
			fmt.Fprintf(&text, "  transit router %s has %d places left\n", plainID(r.Router), r.Left)
		}
	}
	if d.Mode == "report" && d.Wanted.Count+d.Drifted.Count > 0 {
		text.WriteString("SWEEP is report, so nothing of this is done; to have it done: " + command + "\n")
	}
	return text.String()
}

func indented(document json.RawMessage) string {
	var text bytes.Buffer
	if json.Indent(&text, document, "", "  ") != nil {
		return plain(string(document)) + "\n"
	}
	return text.String() + "\n"
}
