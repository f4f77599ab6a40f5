package decide

import (
	_ "embed"
	"strconv"
	"strings"
)

// codesFile holds the table of all codes, with the meaning of its columns.
//
//go:embed codes.md
var codesFile string

// row is all that is known of a code.
type row struct {
	class  Class
	share  int    // retried for 1/share of RETRY_HORIZON; 0 is all of it
	then   Class  // after that time, or when the state does not explain the code; empty is retry
	about  string // the action that the advice is about; empty is any
	advice string
}

// readRows reads the table: the lines of codes.md that begin with a code.
func readRows() map[string]row {
	rows := map[string]row{}
	for line := range strings.Lines(codesFile) {
		cells := strings.Split(line, "|")
		if len(cells) != 8 || strings.HasPrefix(line, "|--") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		share, _ := strconv.Atoi(strings.TrimPrefix(cells[3], "1/"))
		rows[cells[1]] = row{Class(cells[2]), share, Class(cells[4]), cells[5], cells[6]}
	}
	delete(rows, "code") // the heading
	return rows
}
