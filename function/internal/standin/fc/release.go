package fc

import (
	"fmt"
	"strconv"
	"time"

	"vpn-attach/function/internal/standin/sign"
)

// release is the function as it was at one moment, and what its instances run in: a version, or LATEST.
type release struct {
	id, description string
	function        Function
	host            Host
	made, changed   time.Time
	isDeployed      bool // somebody changed the function since the Runtime was made
}

// pointer is an alias.
type pointer struct {
	version       string
	made, changed time.Time
}

// Update gives the function another configuration, and another host where that is not nil: every instance of LATEST
// that starts from now on has them, and no older one of LATEST is used for another invocation. Versions stay as they
// are, and so do the function's name and place. A function that was removed is there again.
func (rt *Runtime) Update(f Function, host Host) {
	f = f.complete()
	rt.mu.Lock()
	old := rt.latest
	if host == nil {
		host = old.host
	}
	made := old.made
	if rt.removed {
		made = time.Now()
	}
	rt.latest = &release{id: qualifier, function: f, host: host, made: made, changed: time.Now(), isDeployed: true}
	rt.removed = false
	rt.mu.Unlock()
	rt.retire(func(r *release) bool { return r == old })
}

// Remove takes the function away, with its versions and aliases: no invocation begins any more. What is under way goes
// on to its end.
func (rt *Runtime) Remove() {
	rt.mu.Lock()
	rt.removed, rt.versions, rt.aliases, rt.published = true, nil, map[string]pointer{}, 0
	rt.mu.Unlock()
	rt.retire(func(*release) bool { return true })
}

// Publish makes a version of LATEST as it is now. Versions are numbers from 1 that are not used again.
func (rt *Runtime) Publish(description string) (id string) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	rt.published++
	version := *rt.latest
	version.id, version.description = strconv.Itoa(rt.published), description
	version.made, version.changed = time.Now(), time.Now()
	rt.versions = append(rt.versions, &version)
	return version.id
}

// point makes an alias, or has it point at another version; is says whether it must be there already.
func (rt *Runtime) point(name, version string, is bool) *sign.Refusal {
	rt.mu.Lock()
	now, known := rt.aliases[name]
	_, refusal := rt.find(version)
	switch {
	case is && !known:
		refusal = noAlias(name)
	case !is && known:
		refusal = &sign.Refusal{Status: 409, Code: "AliasAlreadyExists", Message: "alias '" + name + "' already exists"}
	}
	if refusal != nil {
		rt.mu.Unlock()
		return refusal
	}
	if now.version, now.changed = version, time.Now(); !known {
		now.made = now.changed
	}
	rt.aliases[name] = now
	used := map[*release]bool{rt.latest: true}
	for _, alias := range rt.aliases {
		r, _ := rt.find(alias.version)
		used[r] = true
	}
	rt.mu.Unlock()
	rt.retire(func(r *release) bool { return !used[r] })
	return nil
}

// resolve finds what a qualifier means: LATEST, which "" is too, a version, or an alias.
func (rt *Runtime) resolve(asked string) (*release, *sign.Refusal) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	switch pointer, isAlias := rt.aliases[asked]; {
	case rt.removed:
		return nil, rt.noFunction()
	case isAlias:
		return rt.find(pointer.version)
	case asked == alias:
		return nil, noAlias(asked)
	}
	return rt.find(asked)
}

// Has reports whether a qualifier means anything.
func (rt *Runtime) Has(asked string) bool {
	_, refusal := rt.resolve(asked)
	return refusal == nil
}

// find finds a version; the caller holds Runtime.mu.
func (rt *Runtime) find(version string) (*release, *sign.Refusal) {
	if version == "" || version == qualifier {
		return rt.latest, nil
	}
	for _, r := range rt.versions {
		if r.id == version {
			return r, nil
		}
	}
	text := fmt.Sprintf("version '%s' of function '%s' does not exist", version, rt.options.Function.Name)
	return nil, notFound("VersionNotFound", text)
}

func noAlias(name string) *sign.Refusal {
	return notFound("AliasNotFound", "alias '"+name+"' does not exist")
}

func (rt *Runtime) noFunction() *sign.Refusal {
	return notFound("FunctionNotFound", fmt.Sprintf("function '%s' does not exist", rt.options.Function.Name))
}

func (rt *Runtime) isRemoved() bool {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	return rt.removed
}

// retire ends the idle instances of releases, and has the others end after what they do.
func (rt *Runtime) retire(is func(*release) bool) {
	rt.mu.Lock()
	var ended, kept []*instance
	for _, inst := range rt.idle {
		if is(inst.release) {
			ended = append(ended, inst)
		} else {
			kept = append(kept, inst)
		}
	}
	rt.idle = kept
	for _, inst := range rt.instances {
		inst.outdated = inst.outdated || is(inst.release)
	}
	rt.mu.Unlock()
	for _, inst := range ended {
		inst.kill()
	}
}

// startError is that an instance ended before it asked for work.
type startError struct{ instance, text string }

func (e *startError) Error() string { return e.text }

// stillborn is the invocation of a release that somebody deployed and that does not start: it fails, as on the
// platform. What a cloud was started with must start, else its owner is told at once.
func (rt *Runtime) stillborn(c call, r *release, e *startError, began time.Time) Invocation {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	rt.started++
	i := Invocation{
		RequestID: c.requestID, InstanceID: e.instance, Number: rt.started, Retry: c.retry, Cold: true, Version: r.id,
		Started: began, Duration: time.Since(began), Failure: &Failure{InstanceCrashed, e.text}, Log: []byte(e.text),
	}
	rt.record = append(rt.record, i)
	return i
}
