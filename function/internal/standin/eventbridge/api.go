package eventbridge

import (
	"encoding/json"
	"net/http"
	"slices"

	"vpn-attach/function/internal/standin/rpc"
	"vpn-attach/function/internal/standin/sign"
)

// Version is that of the API.
const Version = "2020-04-01"

// NewAPI is the API of the buses, as far as operators use it: CreateEventBus, GetRule, EnableRule, DisableRule and
// CreateServiceLinkedRoleForProduct. A refusal is HTTP 200 with "Success": false, as the service's pages show it; the
// codes are assumed where no page has them. A bus that was made has no rules, and nobody brings it events.
func NewAPI(b *Bridge, keys sign.Keys) *rpc.Service {
	roles := &rpc.LinkedRoles{}
	s := rpc.New(Version, keys, map[string]rpc.Operation{
		"CreateEventBus": b.createBus, "GetRule": b.getRule,
		"EnableRule":  func(c rpc.Call) (map[string]any, *sign.Refusal) { return b.setRule(c, statusEnabled) },
		"DisableRule": func(c rpc.Call) (map[string]any, *sign.Refusal) { return b.setRule(c, statusDisabled) },
		"CreateServiceLinkedRoleForProduct": func(c rpc.Call) (map[string]any, *sign.Refusal) {
			if refusal := roles.Make(c, "ProductName"); refusal != nil {
				return nil, refusal
			}
			return success(nil), nil
		},
	})
	s.Refusing = func(r *sign.Refusal) (int, map[string]any) {
		return http.StatusOK, map[string]any{"Success": false, "Code": r.Code, "Message": r.Message}
	}
	return s
}

func success(data any) map[string]any {
	return map[string]any{"Success": true, "Code": "Success", "Message": "Success", "Data": data}
}

func (b *Bridge) createBus(c rpc.Call) (map[string]any, *sign.Refusal) {
	if refusal := c.Missing("EventBusName"); refusal != nil {
		return nil, refusal
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	name := c.Get("EventBusName")
	if b.hasBus(name) {
		return nil, rpc.Refuse(http.StatusConflict, "EventBusExist", "The event bus [%s] already existed!", name)
	}
	b.buses = append(b.buses, name)
	return success(map[string]string{"EventBusARN": "acs:eventbridge:" + b.options.Region + ":" + b.options.Account +
		":eventbus/" + name}), nil
}

// hasBus reports whether there is a bus; the caller holds the lock.
func (b *Bridge) hasBus(name string) bool {
	return name == DefaultBus || slices.Contains(b.buses, name) ||
		slices.ContainsFunc(b.rules, func(r rule) bool { return r.bus == name })
}

// HasBus reports whether there is a bus of that name.
func (b *Bridge) HasBus(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.hasBus(name)
}

// find finds the rule that a call names; the caller holds the lock.
func (b *Bridge) find(c rpc.Call) (*rule, *sign.Refusal) {
	bus, name := c.Get("EventBusName"), c.Get("RuleName")
	if refusal := c.Missing("EventBusName", "RuleName"); refusal != nil {
		return nil, refusal
	}
	if !b.hasBus(bus) {
		return nil, rpc.Refuse(http.StatusNotFound, "EventBusNotExist", "The event bus [%s] not existed!", bus)
	}
	for i := range b.rules {
		if b.rules[i].bus == bus && b.rules[i].name == name {
			return &b.rules[i], nil
		}
	}
	return nil, rpc.Refuse(http.StatusNotFound, "EventRuleNotExisted", "The event rule [%s] not existed!", name)
}

func (b *Bridge) getRule(c rpc.Call) (map[string]any, *sign.Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, refusal := b.find(c)
	if refusal != nil {
		return nil, refusal
	}
	pattern, _ := json.Marshal(r.written.FilterPattern) // it was read from a text
	status := statusEnabled
	if r.written.Status == statusDisabled {
		status = statusDisabled
	}
	targets := []any{}
	for _, t := range r.written.Targets {
		targets = append(targets, map[string]any{"Id": t.ID, "Type": t.Type, "Endpoint": t.Endpoint,
			"PushRetryStrategy": t.PushRetryStrategy, "ErrorsTolerance": t.ErrorsTolerance})
	}
	return success(map[string]any{"EventBusName": r.bus, "RuleName": r.name, "Status": status,
		"FilterPattern": string(pattern), "Targets": targets}), nil
}

func (b *Bridge) setRule(c rpc.Call, status string) (map[string]any, *sign.Refusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, refusal := b.find(c)
	if refusal != nil {
		return nil, refusal
	}
	r.written.Status = status
	return success(map[string]bool{}), nil
}
