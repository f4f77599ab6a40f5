package estate

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// entry is what a list shows of one resource. Its number grows along the list and is never given to another.
type entry struct {
	number int
	wire   map[string]any
}

// paged answers the page of entries that NextToken and MaxResults ask for, as those CBN lists do that page by token. A
// token stays good though resources come and go between pages. Parameters out of range, a foreign token among them, give
// an empty list, and so does a call that is to be answered so; MaxResults of 1 to 100 is assumed.
func (c call) paged(name string, preset int, entries []entry) reply {
	size, legalSize := c.integer("MaxResults", preset, 1, 100)
	after, legalToken := readToken(c.get("NextToken"))
	if !legalSize || !legalToken || c.empty {
		entries = nil
	}
	page, last := []map[string]any{}, 0
	answer := reply{"MaxResults": size, "TotalCount": len(entries)}
	for _, next := range entries {
		switch {
		case next.number <= after:
		case len(page) < size:
			page, last = append(page, next.wire), next.number
		default:
			answer["NextToken"] = writeToken(last)
		}
	}
	answer[name] = page
	return answer
}

// A token names the last entry of the page before, in a form that nobody is tempted to count with.
func writeToken(number int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "after:%d", number))
}

func readToken(token string) (number int, ok bool) {
	if token == "" {
		return 0, true
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	digits, ok := strings.CutPrefix(string(text), "after:")
	number, err = strconv.Atoi(digits)
	return number, ok && err == nil && number > 0
}
