package estate

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"
)

// tagCodes are what an operation answers to wrong tags. Empty means InvalidParameter.
type tagCodes struct {
	many, twice, key, value string
	length                  string // of a key or a value; default: theirs
	missingKey              string // default: key
	missingValue            string // default: no value is an empty one
}

// plainTagCodes are those of the operations whose pages name no code for tags.
func plainTagCodes() tagCodes { return tagCodes{} }

// listTagCodes are those of the lists of CBN.
func listTagCodes() tagCodes {
	const key = "IllegalParam.TagKey"
	return tagCodes{many: key, twice: key, key: key, value: "IllegalParam.TagValue"}
}

// connectionTagCodes are those of the operations of VPC on connections.
func connectionTagCodes() tagCodes {
	return tagCodes{
		many: "SizeLimitExceeded.TagNum", twice: "Duplicated.TagKey", key: "InvalidParameter.TagKey",
		value: "InvalidParameter.TagValue",
	}
}

// taggingCodes are what TagResources and UnTagResources answer: the tags' codes and those of the resources.
type taggingCodes struct {
	tagCodes
	none, resources, repeated string
}

// taggingCodesOf are those of either API.
func taggingCodesOf(version string) taggingCodes {
	codes := taggingCodes{
		tagCodes: tagCodes{
			many: "SizeLimitExceeded.TagNum", twice: "Forbidden.TagKey.Duplicated", key: "InvalidTagKey",
			value: "InvalidTagValue", missingKey: "MissingParameter.TagKey", missingValue: "MissingParameter.TagValue",
		},
		none: "MissingParam.Tags", resources: "SizeLimitExceeded.ResourceId", repeated: "DuplicatedParam.ResourceIds",
	}
	if version == versionCBN {
		codes.many, codes.twice, codes.length = codeTagQuota, "DuplicatedParam.TagKey", "IllegalParamLength.Tag"
		codes.none, codes.resources, codes.repeated = "MissingParameter.TagKey", "SizeLimitExceeded.ResourceIdNum", ""
	}
	return codes
}

// tags reads Tag.1.Key, Tag.1.Value, Tag.2.Key …, or gives the code of what breaks the limits of the API pages.
func (c call) tags(codes tagCodes) (tags map[string]string, code string) {
	return c.tagsNamed("Tag.", codes)
}

// tagsNamed is tags for the operations that have another name for the parameter.
func (c call) tagsNamed(name string, codes tagCodes) (tags map[string]string, code string) {
	tags = make(map[string]string)
	for n := 1; ; n++ {
		prefix := fmt.Sprintf("%s%d.", name, n)
		hasKey, hasValue := c.parameters.Has(prefix+"Key"), c.parameters.Has(prefix+"Value")
		if !hasKey && !hasValue {
			return tags, ""
		}
		key, value := c.get(prefix+"Key"), c.get(prefix+"Value")
		_, twice := tags[key]
		switch {
		case n > maxTags:
			return nil, cmp.Or(codes.many, codeInvalidParameter)
		case !hasKey && codes.missingKey != "":
			return nil, codes.missingKey
		case !hasValue && codes.missingValue != "":
			return nil, codes.missingValue
		case twice:
			return nil, cmp.Or(codes.twice, codeInvalidParameter)
		case codes.length != "" && (utf8.RuneCountInString(key) > 64 || utf8.RuneCountInString(value) > 128):
			return nil, codes.length
		case !legalTag(key, ""):
			return nil, cmp.Or(codes.key, codeInvalidParameter)
		case !legalTagText(value, 128):
			return nil, cmp.Or(codes.value, codeInvalidParameter)
		}
		tags[key] = value
	}
}

// legalTag checks the limits of a tag: a key of 1 to 64 characters, a value of at most 128.
func legalTag(key, value string) bool {
	return key != "" && legalTagText(key, 64) && legalTagText(value, 128)
}

func legalTagText(text string, most int) bool {
	return utf8.RuneCountInString(text) <= most &&
		!strings.HasPrefix(text, "aliyun") && !strings.HasPrefix(text, "acs:") &&
		!strings.Contains(text, "http://") && !strings.Contains(text, "https://")
}

// hasTags says whether a resource has all the tags of a filter. Unless exact, one without a value asks for the key
// alone.
func hasTags(have, want map[string]string, exact bool) bool {
	for key, value := range want {
		got, ok := have[key]
		if !ok || got != value && (exact || value != "") {
			return false
		}
	}
	return true
}
