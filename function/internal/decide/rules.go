// Package decide holds every decision that the function makes, and none of its calls: which events are admitted, which
// transit router a connection belongs to, whether both ends agree, what is asked for, what an error means, what follows
// an attempt, and what the outcome says. It is pure: it has no context, reads no clock and calls nothing. The current
// time is a parameter wherever it matters.
package decide

import (
	"strconv"
	"strings"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Rules are the operator's part of the decisions, from the configuration.
type Rules struct {
	TagPrefix       string   // of every tag that is read or written
	MatchTags       []string // keys whose values a connection and its transit router share
	DefaultRouter   string   // tr-… or cen-…; needs no consent tag, since the operator set it
	RequireConsent  bool
	AutoPublish     bool
	DryRun          bool
	Regions         []string // served; empty means the function's own
	Accounts        []string // whose connections are served; empty means the function's own
	OwnerRole       string   // read other accounts' connections with it: an ARN with {account} in it
	OwnerExternalID string
}

// Function names the function and where it runs.
type Function struct {
	RegionID, AccountID, Name string
	Version                   string
}

// Source is the function as it names itself in documents.
func (f Function) Source() string {
	return "acs:fc:" + f.RegionID + ":" + f.AccountID + ":functions/" + f.Name
}

// Header is that of a message of the given kind whose id depends on identity alone.
func (f Function) Header(kind string, now time.Time, identity ...string) event.Header {
	return event.Header{ID: Digest(identity...), Source: f.Source(), Type: kind, Time: now}
}

// Foreign is the account of a connection when it is not the function's own, else empty.
func (f Function) Foreign(ownerID string) string {
	if ownerID == f.AccountID {
		return ""
	}
	return ownerID
}

// The tags, by their names without the prefix.
const (
	tagRouter      = "transit-router"
	tagLabel       = "label"
	tagAccept      = "accept"
	tagName        = "name"
	tagDescription = "description"
	tagAutoPublish = "auto-publish"
	tagZone        = "zone"
	tagAssociate   = string(cloud.Association)
	tagPropagate   = string(cloud.Propagation)
	tagConnection  = "vpn-connection" // on attachments that this function created
	tagEvent       = "event"          // likewise
	optOut         = "none"           // value of tagRouter
)

// TagNames are those that mean something to the function, by their names without the prefix.
func TagNames() []string {
	return []string{
		tagRouter, tagLabel, tagAccept, tagName, tagDescription, tagAutoPublish, tagZone, tagAssociate, tagPropagate,
		tagConnection, tagEvent,
	}
}

// ConnectionTag is the tag by which attachments of a connection are found that this function created.
func (r Rules) ConnectionTag(connectionID string) map[string]string {
	return map[string]string{r.TagPrefix + tagConnection: connectionID}
}

// RouterTagKey is the key of the tag that names a connection's transit router, when a
// connection without it cannot be attached; else empty.
func (r Rules) RouterTagKey() string {
	if len(r.MatchTags) > 0 || r.DefaultRouter != "" {
		return ""
	}
	return r.TagPrefix + tagRouter
}

// IsOurs reports whether this function created an attachment for the connection.
func (r Rules) IsOurs(a cloud.Attachment, connectionID string) bool {
	return a.Tags[r.TagPrefix+tagConnection] == connectionID
}

// CreatedBy reports whether this event created the attachment.
func (r Rules) CreatedBy(a cloud.Attachment, e event.Event) bool {
	return a.Tags[r.TagPrefix+tagEvent] == eventTag(e)
}

// ServedRegions are the regions whose events are admitted.
func (r Rules) ServedRegions(f Function) []string { return orOwn(r.Regions, f.RegionID) }

// ServedAccounts are the accounts whose connections are attached.
func (r Rules) ServedAccounts(f Function) []string { return orOwn(r.Accounts, f.AccountID) }

func orOwn(listed []string, own string) []string {
	if len(listed) == 0 {
		return []string{own}
	}
	return listed
}

// wish gives the value of a tag: the request's, which wins, or the connection's. The origin
// says in words which of the two.
func (r Rules) wish(e event.Event, c cloud.Connection, tag string) (value, origin string) {
	if value, found := e.Wishes[tag]; found {
		return strings.TrimSpace(value), "request " + tag
	}
	return strings.TrimSpace(c.Tags[r.TagPrefix+tag]), "tag " + r.TagPrefix + tag
}

// optedOut reports whether the connection's tag says that it must never be attached.
func (r Rules) optedOut(c cloud.Connection) bool {
	return strings.TrimSpace(c.Tags[r.TagPrefix+tagRouter]) == optOut
}

// splitList splits a tag's list on comma, semicolon, slash or space.
func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;/ ", r) })
}

// accepted gives the words of the tag by which an owner agrees, and in a phrase those that have no meaning there. With
// such a word the tag agrees to nothing: "not any" is no consent.
func (r Rules) accepted(tags map[string]string, hasMeaning func(word string) bool) (words []string, strange string) {
	words = splitList(tags[r.TagPrefix+tagAccept])
	var others []string
	for _, word := range words {
		if !hasMeaning(word) {
			others = append(others, strconv.Quote(event.Printable(word, 128)))
		}
	}
	return words, strings.Join(others, ", ")
}

// plainWord are the characters of ids and words that stand for themselves in a sentence.
const plainWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"

// quoted makes the text of a tag or a request fit to be repeated: printable, at most 128
// characters like a tag, and in quotes unless it is one plain word.
func quoted(text string) string {
	text = event.Printable(text, 128)
	if text != "" && strings.Trim(text, plainWord) == "" {
		return text
	}
	return strconv.Quote(text)
}

// maxMessage is how much of a service's text an outcome repeats, in characters. With it an
// outcome stays far below the 64 KB that a topic takes.
const maxMessage = 1024

// printable makes foreign text fit for outcomes and logs.
func printable(s string) string { return event.Printable(s, maxMessage) }
