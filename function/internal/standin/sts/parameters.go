package sts

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// request is a well-formed AssumeRole.
type request struct {
	arn, session, externalID, source string
	life                             time.Duration
}

// read reads a request. The code is the refusal, "" when its parameters have the forms that the definition asks for.
func read(p url.Values) (r request, code string) {
	r = request{
		arn: p.Get("RoleArn"), session: p.Get("RoleSessionName"), externalID: p.Get("ExternalId"),
		source: p.Get("SourceIdentity"), life: time.Hour,
	}
	if text := p.Get("DurationSeconds"); text != "" {
		seconds, _ := strconv.Atoi(text) // what is no number is too short
		r.life = time.Duration(seconds) * time.Second
	}
	isExternal := len(r.externalID) >= 2 && len(r.externalID) <= 1224 && fits(`^[\w+=,.@:/-]*$`, r.externalID)
	policy := p.Get("Policy")
	switch {
	case !fits(`^acs:ram::[0-9]+:role/.+$`, r.arn):
		return r, "InvalidParameter.RoleArn"
	case !fits(`^[\w.@-]{2,64}$`, r.session):
		return r, "InvalidParameter.RoleSessionName"
	case r.life < 15*time.Minute || r.life > 12*time.Hour:
		return r, "InvalidParameter.DurationSeconds"
	case r.externalID != "" && !isExternal:
		return r, "InvalidParameter.ExternalId"
	case len(policy) > 2048:
		return r, "InvalidParameter.PolicySize"
	case policy != "" && !json.Valid([]byte(policy)):
		return r, "InvalidParameter.PolicyGrammar"
	}
	return r, ""
}

func fits(form, text string) bool { return regexp.MustCompile(form).MatchString(text) }

// message is what the service says beside a code.
func message(code string) string {
	switch code {
	case "InvalidParameter.DurationSeconds":
		return "The Min/Max value of DurationSeconds is 15min/1hr."
	case "InvalidParameter.PolicySize":
		return "The size of Policy must be smaller than 2048 bytes."
	case "InvalidParameter.PolicyGrammar":
		return "The parameter Policy has not passed grammar check."
	case "EntityNotExist.Role":
		return "The specified Role not exists ."
	}
	if name, found := strings.CutPrefix(code, "InvalidParameter."); found {
		return "The parameter " + name + " is wrongly formed."
	}
	return code
}
