package rpc

import (
	"net/http"
	"sync"

	"vpn-attach/function/internal/standin/sign"
)

// LinkedRoles are service-linked roles by what they are made for. The zero value is ready; it is safe for concurrent
// use. They are only remembered: in a local cloud services reach each other without.
type LinkedRoles struct {
	mu   sync.Mutex
	made map[string]bool
}

// Make makes the role that a parameter of a call names. A second one is refused, with the code of RAM.
func (l *LinkedRoles) Make(c Call, parameter string) *sign.Refusal {
	if refusal := c.Missing(parameter); refusal != nil {
		return refusal
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	name := c.Get(parameter)
	if l.made[name] {
		return Refuse(http.StatusConflict, "EntityAlreadyExists.Role", "The role of %s already exists.", name)
	}
	if l.made == nil {
		l.made = map[string]bool{}
	}
	l.made[name] = true
	return nil
}
