package plan

import "strings"

// inPlan is an advice for whoever plans. The function ends some with how to have a connection tried again, by an
// invocation or from a dead letter. In a plan there is neither: planning again shows what is still in the way.
func inPlan(advice string) string {
	for _, then := range []string{"then ", "Then "} {
		advice = replaced(advice, then+"move its dead letter back", "redrive)", then+"plan again")
		advice = replaced(advice, then+"invoke the function with {", "where SWEEP=attach", then+"plan again")
		advice = replaced(advice, then+"send the request again", "", then+"plan again")
	}
	return advice
}

// replaced puts other words in the place of the text from a beginning to the end that follows, if it is there.
func replaced(text, from, to, with string) string {
	before, rest, found := strings.Cut(text, from)
	_, after, ends := strings.Cut(rest, to)
	if !found || !ends {
		return text
	}
	return before + with + after
}
