package plan

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed page.html
var pageHTML string

// Page is the plan as one page for browsers, which needs nothing from anywhere.
func (d Document) Page() (string, error) {
	text, err := json.Marshal(d) // in which nothing ends a script: < is written as \u003c
	if err != nil {
		return "", fmt.Errorf("writing the page: %w", err)
	}
	const empty = `<script type="application/json" id="plan">{}</script>`
	return strings.Replace(pageHTML, empty, strings.Replace(empty, "{}", string(text), 1), 1), nil
}
