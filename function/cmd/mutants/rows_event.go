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
		in(eventRoom+"decode.go", row{name: "outcomes about outcomes",
			from: `if carriesOutcome(raw) {`,
			to:   `if false {`,
		}, row{name: "an envelope's id before the message's",
			from: `from.MessageID != "" {`,
			to:   `false {`,
		}, row{name: "dead letters for direct callers",
			from: `is && b.Direct {`,
			to:   `false && is {`,
		}),
		records(), messages(),
		in(eventRoom+"followup.go", row{name: "fields of another version lost",
			from: `e.Unknown = unknown(fields)`,
			to:   `_ = unknown(fields)`,
		}),
	)
}

// records are breakages in how a record of ActionTrail is read.
func records() []row {
	return slices.Concat(
		in(eventRoom+"record.go", row{name: "recorded failures taken for successes",
			from: `case r.ErrorCode != "" && r.ErrorCode != "0":`,
			to:   `case false:`,
		}, row{name: "a zero taken for the code of a failure",
			from: `case r.ErrorCode != "" && r.ErrorCode != "0":`,
			to:   `case r.ErrorCode != "":`,
		}, row{name: "unreadable record taken for another's",
			from: `(s.isVPN() || isUnclear && len(s.kinds) == 0)`,
			to:   `false`,
		}, row{name: "text of a record that is not JSON passed over",
			from: `isUnclear = isUnclear || mentionsVPN(part)`,
			to:   ``,
		}, row{name: "member's connection taken for our own",
			from: `r.AccountID = cmp.Or(r.AccountID, e.owner())`,
			to:   ``,
		}, row{name: "region of an ARN not looked at",
			from: `cmp.Or(connection.regionID, r.Region)`,
			to:   `r.Region`,
		}, row{name: "changes by taking tags away not looked at",
			from: `case name == "tagresources", name == "untagresources":`,
			to:   `case name == "tagresources":`,
		}),
		in(eventRoom+"search.go", row{name: "joined names taken for one",
			from: `return r == ';' || r == ','`,
			to:   `return r == '\n'`,
		}, row{name: "JSON that is text not searched",
			from: `strings.IndexByte("{[", text[0]) >= 0`,
			to:   `false`,
		}, row{name: "ARNs of one beginning alone",
			from: `strings.TrimPrefix(word, "arn:")`,
			to:   `word`,
		}, row{name: "gateways taken for connections",
			from: `!strings.Contains(kind, "gateway")`,
			to:   `true`,
		}),
	)
}

// messages are breakages in how a message is taken out of what is around it, and kept.
func messages() []row {
	return slices.Concat(
		in(eventRoom+"notice.go", row{name: "topic notifications not unwrapped",
			from: `|| n.TopicName == "" || n.Message == ""`,
			to:   `|| true`,
		}),
		in(eventRoom+"shape.go", row{name: "data in base64 not read",
			from: `if encoded != "" &&`,
			to:   `if false &&`,
		}, row{name: "masked account taken for an owner",
			from: `if IsAccountID(account) {`,
			to:   `if account != "" {`,
		}),
		in(eventRoom+"letter.go", row{name: "keys kept in dead letters",
			from: `if err != nil || mayHoldKey(body, 0) {`,
			to:   `if err != nil {`,
		}, row{name: "what cannot be read kept in dead letters",
			from: `return err != nil || mayHoldKey(decoded, depth+1)`,
			to:   `return err == nil && mayHoldKey(decoded, depth+1)`,
		}, row{name: "keys in texts not looked for",
			from: `(mentionsKey(s) || isOpaque(s, depth))`,
			to:   `mentionsKey(s)`,
		}),
	)
}

// requests are breakages in how a request is read.
func requests() []row {
	return slices.Concat(
		in(eventRoom+"strict.go", row{name: "field that is there twice",
			from: `case seen[folded]:`,
			to:   `case false:`,
		}, row{name: "misspelt request fields not named",
			from: `case is < 0:`,
			to:   `case false && is < 0:`,
		}),
		in(eventRoom+"request.go", row{name: "detach in earnest unless told otherwise",
			from: `r.DryRun == nil || *r.DryRun`,
			to:   `r.DryRun != nil && *r.DryRun`,
		}),
	)
}
