package plan

import (
	"fmt"
	"strings"
	"time"

	"vpn-attach/function/internal/cloud"
)

// Progress is how far a part of the work is.
type Progress struct {
	What string // the part
	Unit string // what is counted: pages or connections
	Done int
	Of   int           // 0 while nobody knows
	Left time.Duration // about so long; 0 while nobody knows
}

// String is a line about it.
func (p Progress) String() string {
	text := p.What
	if p.Of+p.Done > 0 {
		text += ", " + p.counted()
	}
	return text + p.left()
}

// The columns of a bar, and of a line with one, so that it fits on the narrowest of the usual terminals.
const (
	barColumns  = 12
	lineColumns = 79
)

// Bar is the same with a bar, as far as it is known how much there is to do.
func (p Progress) Bar() string {
	line := p.String()
	if p.Of > 0 {
		full := min(barColumns*p.Done/p.Of, barColumns)
		bar := strings.Repeat("=", full) + strings.Repeat(" ", barColumns-full)
		line = fmt.Sprintf("%s [%s] %s%s", p.What, bar, p.counted(), p.left())
	}
	if runes := []rune(line); len(runes) > lineColumns {
		line = string(runes[:lineColumns])
	}
	return line
}

func (p Progress) counted() string {
	switch {
	case p.Of == 0 && p.Done == 1:
		return "1 " + strings.TrimSuffix(p.Unit, "s")
	case p.Of == 0:
		return fmt.Sprintf("%d %s", p.Done, p.Unit)
	}
	return fmt.Sprintf("%d of %d %s", p.Done, p.Of, p.Unit)
}

func (p Progress) left() string {
	if p.Left == 0 {
		return ""
	}
	return fmt.Sprintf(", about %s left", p.Left)
}

// leftOf is how long the rest takes at the pace so far.
func leftOf(began time.Time, done, rest int) time.Duration {
	if done <= 0 || rest <= 0 {
		return 0
	}
	each := time.Since(began) / time.Duration(done)
	return max(time.Second, (each * time.Duration(rest)).Round(time.Second))
}

// wordsOf says what a call lists.
func wordsOf(action string) string {
	return map[string]string{
		cloud.ActionInventory: "connections", cloud.ActionRouters: "transit routers",
		cloud.ActionAttachments: "attachments", cloud.ActionTables: "route tables",
		cloud.ActionAssociations: "associations", cloud.ActionPropagations: "propagations",
		cloud.ActionGrants: "grants",
	}[action]
}
