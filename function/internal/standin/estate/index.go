package estate

import (
	"cmp"
	"slices"
)

// tagPair is one tag of a resource.
type tagPair struct{ key, value string }

// tagIndex finds attachments by their tags. A list by a tag is what the function asks for most, and an estate may have
// thousands of attachments.
type tagIndex map[tagPair][]*attachment

// add takes an attachment in by each of its tags. The lists stay in the order of creation.
func (x tagIndex) add(a *attachment) {
	for key, value := range a.Tags {
		pair := tagPair{key, value}
		earlier := func(b, a *attachment) int { return cmp.Compare(b.number, a.number) }
		at, _ := slices.BinarySearchFunc(x[pair], a, earlier)
		x[pair] = slices.Insert(x[pair], at, a)
	}
}

// drop takes an attachment out.
func (x tagIndex) drop(a *attachment) {
	for key, value := range a.Tags {
		pair := tagPair{key, value}
		x[pair] = slices.DeleteFunc(x[pair], func(b *attachment) bool { return b == a })
	}
}

// candidates are the attachments that can have all the tags, by creation: the fewest of one of them, or all ever made
// when no tag is asked for. The lock is held.
func (e *Estate) candidates(tags map[string]string) []*attachment {
	fewest := e.attachments
	for key, value := range tags {
		if some := e.byTag[tagPair{key, value}]; len(some) < len(fewest) {
			fewest = some
		}
	}
	return fewest
}

// setTags gives a resource other tags; there is one of that id. The lock is held.
func (e *Estate) setTags(id string, tags map[string]string) {
	a := e.liveByID(id)
	if a != nil {
		e.byTag.drop(a)
	}
	*e.tagsOf(id) = tags
	if a != nil {
		e.byTag.add(a)
	}
}
