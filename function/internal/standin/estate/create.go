package estate

import (
	"maps"
	"net/url"
	"time"
)

// Create is the record of one CreateTransitRouterVpnAttachment that was let in, whatever became of it.
// A call refused for its signature never reached the operation and is not recorded.
type Create struct {
	Connection   string // VpnId
	Router       string // TransitRouterId as sent, which may be empty
	ClientToken  string
	DryRun       bool
	Parameters   url.Values // everything that was sent
	AccessKeyID  string
	RequestID    string
	At           time.Time
	Effect       bool   // a new attachment was made
	Replay       bool   // an earlier success was answered again
	Code         string // the error answered; "" for a success
	AttachmentID string // the attachment answered
}

// granted is what a client token stands for once a create with it has succeeded.
type granted struct {
	parameters   string // encoded, which is equal for equal requests
	attachmentID string
}

// Creates is the record of all attempts to attach, in the order in which they arrived.
func (e *Estate) Creates() (all []Create) {
	e.locked(func() {
		for _, c := range e.creates {
			c.Parameters = maps.Clone(c.Parameters)
			all = append(all, c)
		}
	})
	return all
}

// createAttachment is CreateTransitRouterVpnAttachment of the CBN API, and its record.
func (e *Estate) createAttachment(c call) (reply, string) {
	dryRun, _ := c.boolean("DryRun", false)
	record := Create{
		Connection: c.get("VpnId"), Router: c.get("TransitRouterId"), ClientToken: c.get("ClientToken"), DryRun: dryRun,
		Parameters: c.parameters, AccessKeyID: c.accessKeyID, RequestID: c.requestID, At: e.options.Now(),
	}
	e.create(c, &record)
	e.creates = append(e.creates, record)
	if record.Code != "" {
		return nil, record.Code
	}
	return reply{"TransitRouterAttachmentId": record.AttachmentID}, ""
}

// create decides: a replay, a refusal, a passed dry run, or a new attachment. Without a client token the request id
// is the token, which makes the request unlike any other. Only a success is remembered under a token, so that the
// same request may be tried again after a failure; a dry run has no success to remember (assumed).
func (e *Estate) create(c call, record *Create) {
	token := orDefault(record.ClientToken, c.requestID)
	if before := e.tokens[token]; before != nil {
		if before.parameters != c.parameters.Encode() {
			record.Code = codeTokenReused
			return
		}
		record.Replay, record.AttachmentID = true, before.attachmentID
		return
	}
	made, code := e.examine(c)
	switch {
	case code != "":
		record.Code = code
	case record.DryRun:
		record.Code = codeDryRun
	default:
		made.ClientToken = token
		record.Effect, record.AttachmentID = true, e.attach(made).ID
		e.tokens[token] = &granted{c.parameters.Encode(), record.AttachmentID}
	}
}
