package main

import "slices"

// decoding are breakages in how a payload becomes events.
func decoding() []row {
	return slices.Concat(
		in(eventRoom+"decode.go", row{name: "neighbours dropped",
			from: `d.items = d.items[:before]`,
			to:   `d.items = d.items[:0]`,
		}, row{name: "one message with events without end",
			from: `bad == nil && found > maxPerMessage`,
			to:   `false`,
		}, row{name: "raw element in the refusal",
			from: "return malformed(\"payload\", \"it is not valid JSON\")\n\t}\n\treturn d.dispatch",
			to:   "return malformed(\"payload\", \"it is not valid JSON: %s\", raw)\n\t}\n\treturn d.dispatch",
		}),
		in(eventRoom+"record.go", row{name: "recorded failures taken for successes",
			from: `case r.ErrorCode != "" && r.ErrorCode != "0":`,
			to:   `case false:`,
		}),
		in(eventRoom+"lenient.go", row{name: "placeholders of a transformation taken for text",
			from: `if s == "null" || strings.HasPrefix(s, "${") && strings.HasSuffix(s, "}") {`,
			to:   `if false && strings.HasPrefix(s, "${") {`,
		}),
		in(rooms+"local/rule.go", row{name: "a rule that forwards the keys of a connection",
			from: `"$.data.requestParameters.RegionId"`,
			to:   `"$.data.requestParameters"`,
		}, row{name: "whole records of creations in the queue",
			from: `if r.Template == "" {`,
			to:   `if r.Template != "-" {`,
		}),
		in(rooms+"app/environment.go", row{name: "the placeholder of the account only as it is written now",
			from: `role := strings.Replace(text, "${account}", "{account}", 1)`,
			to:   `role := text`,
		}, row{name: "short keys of follow-ups",
			from: `if len(text) < 32 ||`,
			to:   `if len(text) < 1 ||`,
		}),
		in(eventRoom+"tagged.go", row{name: "tags in JSON text not read",
			from: `if json.Unmarshal([]byte(v), &inner) == nil {`,
			to:   `if false {`,
		}, row{name: "parameters of a call carried on whole",
			from: `case parts[0] != "tag" && parts[0] != "tags":`,
			to:   `case false:`,
		}),
		in(eventRoom+"followup.go", row{name: "fields of another version lost",
			from: `e.Unknown = unknown(fields)`,
			to:   `_ = unknown(fields)`,
		}),
	)
}

// requests are breakages in how a request is read.
func requests() []row {
	return slices.Concat(
		in(eventRoom+"strict.go", row{name: "field that is there twice",
			from: `case seen[folded]:`,
			to:   `case false:`,
		}, row{name: "misspelt request fields passed over",
			from: `case is < 0:`,
			to:   `case false && is < 0:`,
		}, row{name: "null taken for no value",
			from: `case string(value) == "null":`,
			to:   `case false:`,
		}, row{name: "a field in another spelling taken for another field",
			from: `return strings.ToUpper(strings.ToLower(name))`,
			to:   `return name`,
		}),
		in(eventRoom+"request.go", row{name: "detach in earnest unless told otherwise",
			from: `r.DryRun == nil || *r.DryRun`,
			to:   `r.DryRun != nil && *r.DryRun`,
		}),
	)
}
