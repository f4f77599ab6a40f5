package attach

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vpn-attach/function/internal/event"
)

// plan is what will be asked for, and what of the connection's tags had to give way.
type plan struct {
	request  CreateRequest
	warnings []string
}

// plan gives every parameter of the create call, from the tags of the connection, the
// wishes of the request and the operator's defaults. A wrong tag is refused; a wrong
// default gives way, with a warning.
func (r Rules) plan(e event.Event, c Connection, router Router, ownAccount string) (plan, *Verdict) {
	name, origin := r.wish(e, c, tagName)
	description, about := r.wish(e, c, tagDescription)
	publish, end := r.autoPublish(e, c)
	switch {
	case end != nil:
		return plan{}, end
	case name != "" && !legalName(name):
		return plan{}, failed("", Fault{Code: CodeNameInvalid, Message: fmt.Sprintf("%s=%s can not name an attachment", origin, tagText(name))})
	case !legalDescription(description):
		return plan{}, failed("", Fault{Code: CodeNameInvalid, Message: about + " can not describe an attachment"})
	}
	p := plan{request: CreateRequest{
		RegionID: c.RegionID, RouterID: router.ID, ConnectionID: c.ID,
		Name: name, Description: description, AutoPublish: publish, DryRun: e.DryRun,
		Tags: map[string]string{r.TagPrefix + tagConnection: c.ID, r.TagPrefix + tagEvent: eventTag(e)},
	}}
	if name == "" {
		p = p.withDefaultName(c)
	}
	if zone, from := r.wish(e, c, tagZone); zone != "" {
		p = p.withZone(c, tagText(zone), from)
	}
	if e.OwnerID != ownAccount {
		p.request.OwnerID = e.OwnerID
	}
	p.request.ClientToken = clientToken(e, p.request)
	return p, nil
}

// withDefaultName takes the connection's own name where an attachment may bear it.
func (p plan) withDefaultName(c Connection) plan {
	p.request.Name = c.Name
	if !legalName(c.Name) {
		p.request.Name = c.ID
	}
	if c.Name != "" && p.request.Name != c.Name {
		p.warnings = append(p.warnings, "the connection's name can not name an attachment; its id does")
	}
	return p
}

// withZone names the zone, which only a single-tunnel connection takes.
func (p plan) withZone(c Connection, zone, from string) plan {
	if c.DualTunnel {
		p.warnings = append(p.warnings, from+" is ignored: the connection is in dual-tunnel mode")
		return p
	}
	p.request.Zone = zone
	return p
}

func (r Rules) autoPublish(e event.Event, c Connection) (bool, *Verdict) {
	value, origin := r.wish(e, c, tagAutoPublish)
	if value == "" {
		return r.AutoPublish, nil
	}
	publish, err := strconv.ParseBool(value)
	if err != nil {
		return false, failed("", Fault{Code: CodeNameInvalid, Message: origin + " is neither true nor false", Advice: "Set the tag to true or false, or remove it; then replay the event."})
	}
	return publish, nil
}

// clientToken makes one event's redelivery a replay of the same request: it depends
// on the event and on everything that is asked for, and on nothing else. It has
// exactly the 64 ASCII characters that the service takes.
func clientToken(e event.Event, r CreateRequest) string {
	parts := []string{
		e.ID, r.ConnectionID, r.RouterID, r.RegionID, r.OwnerID, r.Name, r.Description, r.Zone,
		strconv.FormatBool(r.AutoPublish), strconv.FormatBool(r.DryRun),
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		parts = append(parts, key, r.Tags[key])
	}
	return digest(parts...)
}

// eventTag marks an attachment with the event that made it, so that the event's
// redelivery recognises its own work.
func eventTag(e event.Event) string { return digest(e.ID)[:32] }

// legalName: 2 to 128 characters, a letter first, no URL (the stricter of the API
// page and the SDK's own description).
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

// create asks for the attachment and says what came of it. A call whose outcome is
// unknown is repeated with the same token, so that it has one effect at most. A zone
// that the service finds out of place is left out, once; that is another request, with
// a token of its own. When nobody knows in the end whether there was an effect, the state
// is read again; and when that tells nothing either, the same request is made later.
func (l *line) create(ctx context.Context, p plan, router Router, rule string) Verdict {
	request := p.request
	attachmentID, err := l.createOnce(ctx, request)
	if request.Zone != "" && hasCode(err, codeZoneOutOfPlace) {
		p.warnings = append(p.warnings, "the zone is left out: the service finds the connection in dual-tunnel mode")
		request.Zone = ""
		request.ClientToken = clientToken(l.event, request)
		attachmentID, err = l.createOnce(ctx, request)
	}
	l.unanswered = err != nil && isUnknown(err) && !request.DryRun
	v := Verdict{Rule: rule, Router: router}
	switch {
	case err != nil:
		v = l.fromError(err, rule)
		v.Router = router
		v.again = v.again || l.unanswered
	case attachmentID == "":
		v.Status = StatusChecked
	default:
		v = l.follow(Attachment{ID: attachmentID, ConnectionID: request.ConnectionID, RouterID: router.ID, Status: attaching})
		v.Rule, v.Router = rule, router
	}
	v.warnings = p.warnings
	return v
}

// createOnce makes one request, with its tries. The service answers a dry run that found
// nothing wrong with an error; here it is a success without an attachment.
func (l *line) createOnce(ctx context.Context, request CreateRequest) (attachmentID string, err error) {
	// Not l.call: the wait for a place on the router is no part of the call timeout.
	err = l.Tries.do(ctx, l.clockwork(), l.Errors, func(ctx context.Context) error {
		if l.leave != nil {
			l.leave()
		}
		if err := l.Pace.wait(ctx, request.RegionID, ActionCreate); err != nil {
			return err
		}
		release := l.shared.reserve(ctx, request.RouterID)
		defer release()
		l.calls++
		err := l.Tries.once(ctx, func(ctx context.Context) (err error) {
			attachmentID, err = l.Attachments.CreateAttachment(ctx, request)
			return err
		})
		l.Pace.answered(request.RegionID, ActionCreate, err)
		if request.DryRun && hasCode(err, codeDryRunPassed) {
			return nil
		}
		return err
	})
	return attachmentID, err
}

// isUnknown reports whether a call may have had its effect although it failed.
func isUnknown(err error) bool {
	var api *APIError
	return !errors.As(err, &api) || api.Status == 0
}

func hasCode(err error, code string) bool {
	var api *APIError
	return errors.As(err, &api) && api.Code == code
}
