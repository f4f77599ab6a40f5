package local

import (
	"fmt"
	"regexp"
	"strings"
)

// figures works out an analysis of the entries that a search finds: figures by their names. It knows
//
//	select count_if("FIELD" = 'WORD' and …) as NAME, max("FIELD") as NAME
//	select count(distinct concat("FIELD", "FIELD")) - count(distinct "FIELD") as NAME
//
// A field that is not indexed is refused, as for a search.
func figures(analysis string, found []record, indexed map[string]string) (map[string]float64, error) {
	text, isSelect := strings.CutPrefix(strings.Join(strings.Fields(analysis), " "), "select ")
	if m := repeatsOf().FindStringSubmatch(text); isSelect && m != nil {
		return repeats(m, found, indexed)
	}
	item := regexp.MustCompile(`^(count_if|max)\(([^()]*)\) as (\w+)(?:, |$)`)
	all := map[string]float64{}
	for isSelect && text != "" {
		m := item.FindStringSubmatch(text)
		if m == nil {
			break
		}
		text = text[len(m[0]):]
		if err := areIndexed(fieldNames(m[2]), indexed); err != nil {
			return nil, err
		}
		for _, r := range found {
			if m[1] == "max" {
				n, _ := r.fields[strings.Trim(m[2], `"`)].(float64)
				all[m[3]] = max(all[m[3]], n)
			} else if are(r, m[2]) {
				all[m[3]]++
			}
		}
	}
	if !isSelect || text != "" {
		return nil, fmt.Errorf("the local cloud cannot work out %q", strings.TrimSpace(analysis))
	}
	return all, nil
}

// repeatsOf is the analysis that counts how often a value came again beside another value of its other field.
func repeatsOf() *regexp.Regexp {
	const field = `("[^"]+")`
	return regexp.MustCompile(`^count\(distinct concat\(` + field + `, ` + field + `\)\) - count\(distinct ` + field +
		`\) as (\w+)$`)
}

func repeats(m []string, found []record, indexed map[string]string) (map[string]float64, error) {
	if err := areIndexed(fieldNames(strings.Join(m[1:4], " ")), indexed); err != nil {
		return nil, err
	}
	value := func(r record, quoted string) string { return fmt.Sprint(r.fields[strings.Trim(quoted, `"`)]) }
	pairs, single := map[string]bool{}, map[string]bool{}
	for _, r := range found {
		pairs[value(r, m[1])+value(r, m[2])] = true
		single[value(r, m[3])] = true
	}
	return map[string]float64{m[4]: float64(len(pairs) - len(single))}, nil
}

// areIndexed refuses fields that a query does not find.
func areIndexed(names []string, indexed map[string]string) error {
	for _, name := range names {
		if indexed[name] == "" {
			return fmt.Errorf("the field %q is not indexed, so that no query finds it", name)
		}
	}
	return nil
}

// fieldNames are the names in double quotes.
func fieldNames(text string) (names []string) {
	for _, m := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// are reports whether every "FIELD" = 'WORD' between and holds for an entry.
func are(r record, conditions string) bool {
	for condition := range strings.SplitSeq(conditions, " and ") {
		field, word, _ := strings.Cut(condition, " = ")
		if fmt.Sprint(r.fields[strings.Trim(field, `"`)]) != strings.Trim(word, `'`) {
			return false
		}
	}
	return true
}

// holdAll decides conditions on figures, joined by &&, such as "n == 0 && wanted > 0".
func holdAll(all map[string]float64, conditions string) (bool, error) {
	for condition := range strings.SplitSeq(conditions, " && ") {
		name, rest, _ := strings.Cut(condition, " ")
		rings, err := holds(all[name], "n "+rest)
		if err != nil || !rings {
			return false, err
		}
	}
	return true, nil
}
