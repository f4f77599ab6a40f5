package operate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// SweepSeen is the last sweep that came to its end, as its lines in the log tell it.
type SweepSeen struct {
	Time        time.Time `json:"time"`
	Connections int       `json:"connections"`
	InLine      int       `json:"inLine"`
	Wanted      int       `json:"wanted"`
	Drifted     int       `json:"amiss"`
	Up          int       `json:"up"`
	Degraded    int       `json:"degraded"`
	Down        int       `json:"down"`
	NotYet      int       `json:"notYet"`
	Routers     []Places  `json:"routers,omitempty"` // the fewest places left first; none with HEALTH=off

	hasHealth bool
}

// Places are how many VPN attachments a transit router has, and can still take.
type Places struct {
	Router      string `json:"transitRouterId"`
	Attachments int    `json:"attachments"`
	Left        int    `json:"left"`
}

// few is how many places left are few: so many as an outcome has a note of.
const few = 5

// lastSweep is nil when there was none for a day.
func (o Operator) lastSweep(ctx context.Context) (*SweepSeen, error) {
	lines, err := o.Logs(ctx, LogChoice{Kind: "sweep"})
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(lines) {
		if l.Message["done"] != true {
			continue
		}
		s := &SweepSeen{Time: l.Time, Connections: l.count("connections"), InLine: l.count("inLine"),
			Wanted: l.count("wanted"), Drifted: l.count("amiss"), Up: l.count("up"), Degraded: l.count("degraded"),
			Down: l.count("down"), NotYet: l.count("notYet")}
		_, s.hasHealth = l.Message["up"]
		event, _ := l.Message["eventId"].(string)
		s.Routers, err = o.placesOf(ctx, event)
		return s, err
	}
	return nil, nil
}

// placesOf are the places that a sweep counted.
func (o Operator) placesOf(ctx context.Context, sweep string) ([]Places, error) {
	lines, err := o.Logs(ctx, LogChoice{Kind: "places", Event: sweep})
	if err != nil {
		return nil, err
	}
	var all []Places
	for _, l := range lines {
		router, _ := l.Message["router"].(string)
		all = append(all, Places{plainID(router), l.count("attachments"), l.count("left")})
	}
	slices.SortFunc(all, func(a, b Places) int {
		return cmp.Or(cmp.Compare(a.Left, b.Left), cmp.Compare(a.Router, b.Router))
	})
	return slices.Compact(all), nil
}

// count is a number of a line; 0 when the line has none.
func (l Line) count(key string) int {
	n, _ := l.Message[key].(float64) // JSON has no other numbers
	return int(n)
}

func (s SweepSeen) text() string {
	return fmt.Sprintf("%s ago: %s, %d attached as tagged, %d to be attached, %d drifted",
		age(s.Time), several(s.Connections, "connection"), s.InLine, s.Wanted, s.Drifted)
}

// health says how many of the attached connections carry traffic; "" when nobody looked.
func (s SweepSeen) health() string {
	if !s.hasHealth {
		return ""
	}
	return fmt.Sprintf("%d up, %d degraded, %d down, %d not up yet", s.Up, s.Degraded, s.Down, s.NotYet)
}

// mostRouters is how many transit routers are shown.
const mostRouters = 5

// places names the transit routers with the fewest places left.
func (s SweepSeen) places() string {
	var parts []string
	for i, r := range s.Routers {
		if i == mostRouters {
			parts = append(parts, fmt.Sprintf("and %d more (--json has them)", len(s.Routers)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %d left of %d", r.Router, r.Left, r.Left+r.Attachments))
	}
	return strings.Join(parts, ", ")
}
