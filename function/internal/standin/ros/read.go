package ros

import (
	"slices"
	"strconv"

	"vpn-attach/function/internal/standin/rpc"
	"vpn-attach/function/internal/standin/sign"
)

// summary is a stack in a list.
func (s *Service) summary(one *stack) map[string]any {
	return map[string]any{
		"StackId": one.id, "StackName": one.name, "Status": one.status, "StatusReason": one.reason,
		"RegionId": s.options.Region, "CreateTime": stamp(one.created), "UpdateTime": stamp(one.changed),
		"StackType": "ROS",
	}
}

func (s *Service) get(c rpc.Call) (map[string]any, *sign.Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, refusal := s.find(c)
	if refusal != nil {
		return nil, refusal
	}
	answer, parameters, outputs := s.summary(one), []any{}, []any{}
	for _, p := range one.plan.Parameters {
		value := p.Value
		if p.IsSecret && value != "" { // of an empty one it is assumed
			value = "******"
		}
		parameters = append(parameters, map[string]string{"ParameterKey": p.Name, "ParameterValue": value})
	}
	for _, o := range one.plan.Outputs {
		outputs = append(outputs, map[string]string{"OutputKey": o.Name, "OutputValue": o.Value})
	}
	answer["Parameters"], answer["Outputs"] = parameters, outputs
	return answer, nil
}

// list gives one page, with all stacks, or those of the names.
func (s *Service) list(c rpc.Call) (map[string]any, *sign.Refusal) {
	var names []string
	for i := 1; c.Get("StackName."+strconv.Itoa(i)) != ""; i++ {
		names = append(names, c.Get("StackName."+strconv.Itoa(i)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []any{}
	for _, one := range s.stacks {
		if len(names) == 0 || slices.Contains(names, one.name) {
			all = append(all, s.summary(one))
		}
	}
	return map[string]any{"Stacks": all, "TotalCount": len(all), "PageNumber": 1, "PageSize": 50}, nil
}

func (s *Service) getTemplate(c rpc.Call) (map[string]any, *sign.Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, refusal := s.find(c)
	if refusal != nil {
		return nil, refusal
	}
	return map[string]any{"TemplateBody": one.template}, nil
}

// listEvents gives one page, the newest first.
func (s *Service) listEvents(c rpc.Call) (map[string]any, *sign.Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, refusal := s.find(c)
	if refusal != nil {
		return nil, refusal
	}
	return map[string]any{"Events": one.events, "TotalCount": len(one.events), "PageNumber": 1, "PageSize": 50}, nil
}

// validate reads a template with its defaults: a parameter without one is no error.
func (s *Service) validate(c rpc.Call) (map[string]any, *sign.Refusal) {
	if refusal := c.Missing("TemplateBody"); refusal != nil {
		return nil, refusal
	}
	if err := s.options.Maker.Validate(c.Get("TemplateBody")); err != nil {
		return nil, invalid(err)
	}
	return map[string]any{}, nil
}
