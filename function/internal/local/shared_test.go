package local

import (
	"sync"

	"vpn-attach/events"
	"vpn-attach/function/internal/template"
)

// What many tests read is read once, also for the tests outside the package: the race detector makes reading slow.
var (
	AllCases    = sync.OnceValues(func() ([]Case, error) { return ReadCases(events.Files) })
	TheTemplate = sync.OnceValues(FindTemplate)
)

// TheStack is template.yml, as it is.
func TheStack() Deployed {
	read, err := TheTemplate()
	if err != nil {
		read = &template.Template{} // of which no cloud starts
	}
	return Deployed{Template: read}
}
