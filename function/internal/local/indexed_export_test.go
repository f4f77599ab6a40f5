package local

import "vpn-attach/function/internal/template"

// Indexed is for the tests of queries.
func Indexed(stack *template.Stack) map[string]string { return storeOf(stack).fields }
