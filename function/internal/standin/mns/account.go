package mns

import "strings"

// accountQuery is the query of calls about the account.
const accountQuery = "accountmeta=true"

// account is the one whose endpoint a client calls, ACCOUNT.mns.REGION, as the host or in the path; "" when the
// endpoint names none.
func (c request) account() string {
	for _, place := range []string{c.prefix[strings.LastIndex(c.prefix, "/")+1:], c.host} {
		if account, _, found := strings.Cut(place, ".mns."); found {
			return account
		}
	}
	return ""
}

// accountForm is the attributes of the account on the wire. They have no effect here.
type accountForm struct {
	LoggingBucket *string
	TraceEnabled  *bool `xml:",omitempty"`
}

func (s *Service) serveGetAccount(request) (reply, *Error) { return ok("Account", s.account) }

// serveSetAccount changes the attributes that are named and leaves the others.
func (s *Service) serveSetAccount(c request) (reply, *Error) {
	named := s.account
	if err := c.decode(&named); err != nil {
		return reply{}, err
	}
	s.account = named
	return done(), nil
}
