package decide

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Plan is what will be asked for, and which of the connection's tags were overridden.
type Plan struct {
	Request  cloud.CreateRequest
	Warnings []string
}

// Plan gives every parameter of the create call, from the tags of the connection, the wishes of the request and the
// operator's defaults. A wrong tag is refused with an *End; a wrong default is replaced, with a warning.
func (r Rules) Plan(e event.Event, c cloud.Connection, router cloud.Router, f Function) (Plan, error) {
	name, nameOrigin := r.wish(e, c, tagName)
	description, descriptionOrigin := r.wish(e, c, tagDescription)
	publish, err := r.autoPublish(e, c)
	switch {
	case err != nil:
		return Plan{}, err
	case name != "" && !legalName(name):
		return Plan{}, Fail(CodeNameInvalid, "%s=%s cannot name an attachment", nameOrigin, quoted(name))
	case !legalDescription(description):
		return Plan{}, Fail(CodeNameInvalid, "%s cannot describe an attachment", descriptionOrigin)
	}
	p := Plan{Request: cloud.CreateRequest{
		RegionID: c.RegionID, RouterID: router.ID, ConnectionID: c.ID, OwnerID: f.Foreign(e.OwnerID),
		Name: name, Description: description, AutoPublish: publish, DryRun: e.DryRun,
		Tags: map[string]string{r.TagPrefix + tagConnection: c.ID, r.TagPrefix + tagEvent: eventTag(e)},
	}}
	if name == "" {
		p = p.withDefaultName(c)
	}
	if zone, origin := r.wish(e, c, tagZone); zone != "" && c.DualTunnel {
		p.Warnings = append(p.Warnings, origin+" is ignored: the connection is in dual-tunnel mode")
	} else {
		p.Request.Zone = event.Printable(zone, 128)
	}
	p.Request.ClientToken = clientToken(e, p.Request)
	return p, nil
}

// withDefaultName takes the connection's own name where an attachment may have it.
func (p Plan) withDefaultName(c cloud.Connection) Plan {
	p.Request.Name = c.Name
	if !legalName(c.Name) {
		p.Request.Name = c.ID
	}
	if c.Name != "" && p.Request.Name != c.Name {
		p.Warnings = append(p.Warnings, "the connection's name cannot name an attachment; its id is used")
	}
	return p
}

// WithoutZone is the plan for when the service refuses the zone (CodeZoneOutOfPlace). It is
// another request, with a client token of its own.
func (p Plan) WithoutZone(e event.Event) Plan {
	p.Warnings = append(p.Warnings, "the zone is left out: the service finds the connection in dual-tunnel mode")
	p.Request.Zone = ""
	p.Request.ClientToken = clientToken(e, p.Request)
	return p
}

func (r Rules) autoPublish(e event.Event, c cloud.Connection) (bool, error) {
	value, origin := r.wish(e, c, tagAutoPublish)
	if value == "" {
		return r.AutoPublish, nil
	}
	publish, err := strconv.ParseBool(value)
	if err != nil {
		return false, Fail(CodeNameInvalid, "%s is neither true nor false", origin).
			advise("Set the tag to true or false, or remove it.")
	}
	return publish, nil
}

// clientToken makes one event's redelivery a replay of the same request: it depends on the event and on everything
// that is asked for, and on an attachment that the service named for another token and that is gone. It has exactly
// the 64 ASCII characters that the service takes.
func clientToken(e event.Event, r cloud.CreateRequest) string {
	parts := []string{
		e.ID, r.ConnectionID, r.RouterID, r.RegionID, r.OwnerID, r.Name, r.Description, r.Zone,
		strconv.FormatBool(r.AutoPublish), strconv.FormatBool(r.DryRun),
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		parts = append(parts, key, r.Tags[key])
	}
	if e.Unseen != "" { // the token without it names what is gone
		parts = append(parts, "unseen", e.Unseen)
	}
	return Digest(parts...)
}

// eventTag marks an attachment with the event that created it, so that the event's redelivery recognises its own work.
func eventTag(e event.Event) string { return Digest(e.ID)[:32] }

// Digest is sha256 over parts, in hex. The parts are kept apart by their lengths, so that
// ("a", "bc") and ("ab", "c") differ.
func Digest(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&b, "%d:%s;", len(part), part)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// legalName: 2 to 128 characters, a letter first, no URL (the stricter of the API page and the SDK's own description).
func legalName(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	length := utf8.RuneCountInString(name)
	return length >= 2 && length <= 128 && unicode.IsLetter(first) && !isURL(name) && printable(name) == name
}

// legalDescription: at most 256 characters, no URL; empty is legal.
func legalDescription(text string) bool {
	return utf8.RuneCountInString(text) <= 256 && !isURL(text) && printable(text) == text
}

func isURL(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}
