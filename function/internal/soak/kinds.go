package soak

import (
	"math/rand/v2"
	"slices"
	"strings"

	"vpn-attach/function/internal/standin/estate"
)

// connection is one of the plan's, and its expected end.
type connection struct {
	id         string
	kind       string
	router     string // where it must be attached in the end; "" is nowhere
	associated string
	propagated []string
	endings    []string // status and code with which its events may end
	tunnels    []estate.Tunnel
}

// isGivenUp reports whether its events end with a dead letter.
func (c *connection) isGivenUp() bool { return slices.Contains(c.endings, "exhausted") }

// The kinds of connections.
const (
	byID             = "tagged by id"
	byLabel          = "tagged by label"
	byCEN            = "tagged by CEN"
	withTables       = "with route tables"
	untagged         = "without a tag"
	optedOut         = "opted out"
	unknownRouter    = "tagged for an unknown router"
	withoutConsent   = "without consent"
	onGateway        = "on a VPN gateway"
	attachedBefore   = "attached before"
	elsewhere        = "attached elsewhere"
	deletedMeanwhile = "deleted meanwhile"
	neverReady       = "on a router that never becomes ready"
	detachedByEvent  = "detached by an event"
)

// kind is what the plan makes of a connection.
type kind struct {
	name    string
	share   int    // of a thousand
	router  string // see connection
	tag     string // its tag for a router
	endings []string
	prepare func(*rand.Rand, *connection, *estate.VPNConnection) // may be nil
}

// kinds has every kind; the last one has the share that is left.
func kinds() []kind {
	done := []string{"attached", "unchanged"}
	perhaps := []string{"attached", "unchanged", "skipped Gone", "failed Vanished"}
	// A redelivery after the end finds nothing.
	detached := []string{"detached", "skipped NotAttached"}
	startsOn := func(router string) func(*rand.Rand, *connection, *estate.VPNConnection) {
		return func(_ *rand.Rand, _ *connection, v *estate.VPNConnection) { v.TransitRouter = router }
	}
	return []kind{
		{byLabel, 120, routerLabel, "edge", done, nil},
		{byCEN, 120, routerCore, "cen-core", done, nil},
		{withTables, 200, routerTables, routerTables, done, bindTables},
		{untagged, 30, "", "", []string{"skipped NoTarget"}, nil},
		{optedOut, 30, "", "none", []string{"skipped OptedOut"}, nil},
		{unknownRouter, 20, "", "tr-nowhere", []string{"exhausted"}, nil},
		{withoutConsent, 20, "", routerClosed, []string{"failed ConsentMissing"}, nil},
		{onGateway, 20, "", routerCore, []string{"conflict BoundToGateway"}, bindToGateway},
		{attachedBefore, 30, routerCore, routerCore, []string{"unchanged"}, startsOn(routerCore)},
		{elsewhere, 20, routerPrivate, routerCore, []string{"conflict AttachedElsewhere"}, startsOn(routerPrivate)},
		{deletedMeanwhile, 30, "", routerCore, perhaps, nil},
		{neverReady, 10, "", routerBusy, []string{"exhausted"}, nil},
		{detachedByEvent, 40, "", "none", detached, attachByFunction},
		{byID, 0, routerCore, routerCore, done, nil},
	}
}

// drawKind draws the kind of a connection. The first connections have one kind each, so that small soaks have them all.
func drawKind(random *rand.Rand, number int) kind {
	all := kinds()
	drawn := all[len(all)-1]
	roll := random.IntN(1000)
	for _, k := range all {
		if roll -= k.share; roll < 0 {
			drawn = k
			break
		}
	}
	if number < len(all) {
		return all[number]
	}
	return drawn
}

func bindTables(random *rand.Rand, c *connection, v *estate.VPNConnection) {
	c.associated = []string{"vtb-sys", "vtb-sites"}[random.IntN(2)]
	v.Tags["vpn-attach:associate"] = map[string]string{"vtb-sys": "system", "vtb-sites": "sites"}[c.associated]
	c.propagated = [][]string{nil, {"vtb-shared"}, {"vtb-shared", "vtb-sys"}}[random.IntN(3)]
	v.Tags["vpn-attach:propagate"] = strings.Join(c.propagated, " ")
}

func bindToGateway(_ *rand.Rand, _ *connection, v *estate.VPNConnection) { v.AttachType = "VPNGW" }

// attachByFunction starts a connection on an attachment with the tag of the function.
func attachByFunction(_ *rand.Rand, c *connection, v *estate.VPNConnection) {
	v.TransitRouter, v.AttachmentTags = routerCore, map[string]string{"vpn-attach:vpn-connection": c.id}
}
