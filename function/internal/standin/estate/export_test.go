package estate

import (
	"maps"
	"slices"
	"strings"
)

// Operations are the names of all that the estate imitates, such as "vpc DescribeVpnConnection".
func Operations() (names []string) {
	product := strings.NewReplacer(versionCBN, "cbn", versionVPC, "vpc")
	for _, name := range slices.Sorted(maps.Keys(operations())) {
		names = append(names, product.Replace(name))
	}
	return names
}
