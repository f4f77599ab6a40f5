package local

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Rule is a rule of EventBridge that takes events to the event queue. A test holds Rules against template.yml.
type Rule struct {
	Name     string            // of the resource
	Pattern  map[string]any    // every key, any value of its list
	Paths    map[string]string // by variable, a JSONPath into the event
	Template string            // with ${variable}; "" hands the event over as it is
}

// Rules are those of template.yml.
func Rules() []Rule {
	calls := []any{"vpc:ActionTrail:ApiCall", "vpc:ActionTrail:ConsoleOperation"}
	tags := []any{"tag:ActionTrail:ApiCall", "tag:ActionTrail:ConsoleOperation"}
	return []Rule{{
		Name: "EventRule",
		Pattern: map[string]any{
			"source": []any{"acs.vpc", "acs.tag"}, "type": slices.Concat(calls, tags),
			"data": map[string]any{"eventName": []any{"TagResources", "UnTagResources", "UntagResources"}},
		},
	}, {
		Name: "CreationRule",
		Pattern: map[string]any{
			"source": []any{"acs.vpc"}, "type": calls,
			"data": map[string]any{"eventName": []any{"CreateVpnAttachment"}},
		},
		Paths: map[string]string{
			"id": "$.id", "source": "$.source", "type": "$.type", "time": "$.time", "specversion": "$.specversion",
			"account": "$.aliyunaccountid", "originalAccount": "$.aliyunoriginalaccountid",
			"eventId": "$.data.eventId", "eventName": "$.data.eventName", "eventTime": "$.data.eventTime",
			"errorCode": "$.data.errorCode", "acsRegion": "$.data.acsRegion",
			"recipientAccountId": "$.data.recipientAccountId", "resourceName": "$.data.resourceName",
			"regionId": "$.data.requestParameters.RegionId", "created": "$.data.responseElements.VpnConnectionId",
			"named":    "$.data.referencedResources['ACS::VPC::VpnConnection'][0]",
			"listed":   "$.data.referencedResources[0].resourceName",
			"userName": "$.data.userIdentity.userName", "principalId": "$.data.userIdentity.principalId",
			"userType": "$.data.userIdentity.type",
		},
		Template: `{"id":"${id}","source":"${source}","type":"${type}","time":"${time}",` +
			`"specversion":"${specversion}",` +
			`"aliyunaccountid":"${account}","aliyunoriginalaccountid":"${originalAccount}",` +
			`"data":{"eventId":"${eventId}","eventName":"${eventName}","eventTime":"${eventTime}",` +
			`"errorCode":"${errorCode}","acsRegion":"${acsRegion}","recipientAccountId":"${recipientAccountId}",` +
			`"resourceName":"${resourceName}","requestParameters":{"RegionId":"${regionId}"},` +
			`"responseElements":{"VpnConnectionId":"${created}"},` +
			`"referencedResources":{"ACS::VPC::VpnConnection":["${named}","${listed}"]},` +
			`"userIdentity":{"userName":"${userName}","principalId":"${principalId}","type":"${userType}"}}}`,
	}}
}

// Take gives the message that the rule makes of an event, and whether it takes the event at all.
func (r Rule) Take(event []byte) (message string, takes bool) {
	var value any
	if json.Unmarshal(event, &value) != nil || !matches(r.Pattern, value) {
		return "", false
	}
	if r.Template == "" {
		return string(event), true
	}
	// As the vendor's open-source engine does: text is put in without escaping it, and what is not there leaves its
	// placeholder.
	return placeholder().ReplaceAllStringFunc(r.Template, func(whole string) string {
		path, named := r.Paths[whole[2:len(whole)-1]]
		found, there := follow(value, path)
		if !named || !there {
			return whole
		}
		if text, isText := found.(string); isText {
			return text
		}
		encoded, _ := json.Marshal(found) // it was decoded from JSON
		return string(encoded)
	}), true
}

func placeholder() *regexp.Regexp { return regexp.MustCompile(`\$\{[A-Za-z]+\}`) }

// matches is EventBridge's matching, as far as the rules use it.
func matches(pattern, value any) bool {
	switch pattern := pattern.(type) {
	case map[string]any:
		fields, _ := value.(map[string]any)
		for key, inner := range pattern {
			if !matches(inner, fields[key]) {
				return false
			}
		}
		return true
	case []any:
		return slices.ContainsFunc(pattern, func(one any) bool { return reflect.DeepEqual(one, value) })
	}
	return false
}

// follow reads a JSONPath: steps are .name, ['name'] and [0].
func follow(value any, path string) (found any, there bool) {
	for _, step := range regexp.MustCompile(`\.[A-Za-z]+|\['[^']+'\]|\[[0-9]+\]`).FindAllString(path, -1) {
		name := strings.Trim(step, ".[']")
		switch inner := value.(type) {
		case map[string]any:
			if value, there = inner[name]; !there {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(inner) {
				return nil, false
			}
			value = inner[i]
		default:
			return nil, false
		}
	}
	return value, true
}
