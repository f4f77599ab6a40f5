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

// createRequest gives every parameter of the create call, from the tags of the
// connection, the wishes of the request and the operator's defaults.
func (r Rules) createRequest(e event.Event, c Connection, router Router, ownAccount string) (CreateRequest, *Verdict) {
	name, _ := r.wish(e, c, tagName)
	if name == "" {
		name = defaultName(c)
	}
	description, _ := r.wish(e, c, tagDescription)
	switch {
	case !legalName(name):
		return CreateRequest{}, failed("", Fault{Code: CodeNameInvalid, Message: fmt.Sprintf("%q can not name an attachment (tag %s%s)", printable(name), r.TagPrefix, tagName)})
	case utf8.RuneCountInString(description) > 256 || isURL(description):
		return CreateRequest{}, failed("", Fault{Code: CodeNameInvalid, Message: fmt.Sprintf("the description is too long or begins with http:// (tag %s%s)", r.TagPrefix, tagDescription)})
	}
	request := CreateRequest{
		RegionID: c.RegionID, RouterID: router.ID, ConnectionID: c.ID,
		Name: name, Description: description, AutoPublish: r.AutoPublish, DryRun: r.DryRun || e.DryRun,
		Tags: map[string]string{r.TagPrefix + tagConnection: c.ID, r.TagPrefix + tagEvent: eventTag(e)},
	}
	if zone, _ := r.wish(e, c, tagZone); !c.DualTunnel {
		request.Zone = zone
	}
	if e.OwnerID != ownAccount {
		request.OwnerID = e.OwnerID
	}
	if value, origin := r.wish(e, c, tagAutoPublish); value != "" {
		publish, err := strconv.ParseBool(value)
		if err != nil {
			return CreateRequest{}, failed("", Fault{Code: CodeMalformed, Message: origin + " is neither true nor false", Advice: "Set the tag to true or false, or remove it; then replay the event."})
		}
		request.AutoPublish = publish
	}
	request.ClientToken = clientToken(e, request)
	return request, nil
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

// defaultName is the connection's own name where an attachment may bear it.
func defaultName(c Connection) string {
	if legalName(c.Name) {
		return c.Name
	}
	return c.ID
}

// legalName: 2 to 128 characters, a letter first, no URL (the stricter of the API
// page and the SDK's own description).
func legalName(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	length := utf8.RuneCountInString(name)
	return length >= 2 && length <= 128 && unicode.IsLetter(first) && !isURL(name) && printable(name) == name
}

func isURL(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// create asks for the attachment and says what came of it. A call whose outcome is
// unknown is repeated with the same token, so that it has one effect at most.
func (l *line) create(ctx context.Context, request CreateRequest, router Router, rule string) Verdict {
	release := l.shared.reserve(ctx, router.ID)
	defer release()
	var attachmentID string
	err := l.call(ctx, func(ctx context.Context) (err error) {
		attachmentID, err = l.Attachments.CreateAttachment(ctx, request)
		if request.DryRun && isDryRunPassed(err) {
			return nil
		}
		return err
	})
	v := Verdict{Rule: rule, Router: router, DryRun: request.DryRun}
	switch {
	case err != nil:
		v = l.fromError(ctx, err, rule)
		v.Router, v.DryRun = router, request.DryRun
	case attachmentID == "":
		v.Status = StatusChecked
	default:
		v.Status = StatusAttaching
		v.Attachment = Attachment{ID: attachmentID, ConnectionID: request.ConnectionID, RouterID: router.ID, Status: "Attaching"}
	}
	return v
}

// isDryRunPassed: the service answers a dry run that found nothing wrong with an error
// of this code.
func isDryRunPassed(err error) bool {
	var api *APIError
	return errors.As(err, &api) && api.Code == codeDryRunPassed
}
