package estate

import (
	"cmp"
	"maps"
	"net/url"
	"time"
)

// Attempt is what the record of a call with a client token says of it, with or without success.
type Attempt struct {
	ClientToken string
	RequestID   string
	At          time.Time
	Effect      bool   // something was made
	Replay      bool   // an earlier success was answered again
	Code        string // the error answered; "" for a success
}

// Create is the record of one CreateTransitRouterVpnAttachment that passed its signature check, with or without
// success.
type Create struct {
	Attempt
	Connection   string // VpnId
	Router       string // TransitRouterId as sent, which may be empty
	DryRun       bool
	Parameters   url.Values // everything that was sent
	AccessKeyID  string
	AttachmentID string // the attachment answered
}

// success is what a client token stands for once a call with it has succeeded.
type success struct {
	parameters string // encoded, which is equal for equal requests
	id         string // of what was made
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
		Connection: c.get("VpnId"), Router: c.get("TransitRouterId"), DryRun: dryRun,
		Parameters: c.parameters, AccessKeyID: c.accessKeyID,
	}
	record.Attempt, record.AttachmentID = e.once(c, "create", func(token string) (string, string) {
		made, code := e.examine(c)
		switch {
		case code != "":
			return "", code
		case dryRun:
			return "", codeDryRun
		}
		made.ClientToken = token
		return e.attach(made).ID, ""
	})
	e.creates = append(e.creates, record)
	return reply{"TransitRouterAttachmentId": record.AttachmentID}, record.Code
}

// once makes something unless its client token has made it already: then it answers with the same id. Each operation
// has its own tokens. Without a client token the request id is the token, which makes the request unlike any other.
// Only a success is remembered under a token, so that the same request may be retried after a failure; a dry run has no
// success to remember (assumed). The lock is held.
func (e *Estate) once(c call, operation string, do func(token string) (id, code string)) (a Attempt, id string) {
	a = Attempt{ClientToken: c.get("ClientToken"), RequestID: c.requestID, At: time.Now()}
	token, sent := cmp.Or(a.ClientToken, c.requestID), c.parameters.Encode()
	before, known := e.tokens[operation+" "+token]
	switch {
	case known && before.parameters != sent:
		a.Code = "IdempotentParameterMismatch"
	case known:
		a.Replay, id = true, before.id
	default:
		if id, a.Code = do(token); a.Code == "" {
			a.Effect = true
			e.tokens[operation+" "+token] = success{sent, id}
		}
	}
	return a, id
}
