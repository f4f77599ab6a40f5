package operate

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vpn-attach/function/internal/app"
)

// Set is what was changed.
type Set struct {
	Changes []Change `json:"changes"`
	DryRun  bool     `json:"dryRun"`
	Version string   `json:"version,omitempty"` // that the alias points at now
}

// Change is a parameter before and after.
type Change struct {
	Name string `json:"name"` // of the variable, or of a parameter that sets none
	From string `json:"from"`
	To   string `json:"to"`

	parameter string
}

// longestValue is what ROS takes, in characters.
const longestValue = 128

// Set changes settings by the names of variables, or of parameters that set none. The code that is live stays: also
// after a rollback, when the newest code is another one. Everything is checked before anything is changed.
func (o Operator) Set(ctx context.Context, pairs []Pair, dryRun bool) (Set, error) {
	t, err := o.readTemplate()
	if err != nil {
		return Set{}, err
	}
	f, err := o.function(ctx)
	if err != nil {
		return Set{}, err
	}
	s := Set{DryRun: dryRun}
	environment := maps.Clone(f.EnvironmentVariables)
	for _, pair := range pairs {
		change, err := t.change(pair, environment)
		if err != nil {
			return s, err
		}
		s.Changes = append(s.Changes, change)
	}
	if err := checkEnvironment(environment, f.EnvironmentVariables); err != nil {
		return s, err
	}
	current, err := o.stack(ctx)
	if err != nil {
		return s, err
	}
	for i, c := range s.Changes {
		if t.variableOf(c.parameter) == "" {
			s.Changes[i].From = current.parameters[c.parameter]
		}
	}
	if dryRun {
		return s, nil
	}
	s.Version, err = o.setStack(ctx, current, f, s.Changes)
	return s, err
}

// change finds what a name means, puts the value into the environment, and refuses what cannot be.
func (t template) change(pair Pair, environment map[string]string) (Change, error) {
	name, known := t.parameterOf(pair.Name)
	switch {
	case !known:
		return Change{}, usage("there is no setting %s; function/README.md lists them", plain(pair.Name))
	case slices.Contains([]string{"Name", "CodeBucket", "CodeObject", "Qualifier", "Started"}, name):
		return Change{}, usage("%s is decided by deploy, pause and rollback", name)
	case strings.HasPrefix(name, "FollowUpKey"):
		return Change{}, usage("%s is a secret: deploy makes it, and deploy --new-key changes it", name)
	}
	if err := t.parameters[name].check(name, pair.Value); err != nil {
		return Change{}, err
	}
	c := Change{Name: name, To: pair.Value, parameter: name}
	if variable := t.variableOf(name); variable != "" {
		c.Name, c.From = variable, environment[variable]
		environment[variable] = t.variables[variable].value(pair.Value)
	}
	return c, nil
}

// check refuses what ROS would refuse, and what the template does not allow.
func (p parameter) check(name, value string) error {
	number, notNumber := strconv.ParseFloat(value, 64)
	switch {
	case len([]rune(value)) > longestValue:
		return usage("%s has %d characters; ROS takes %d", name, len([]rune(value)), longestValue)
	case strings.HasPrefix(value, "acs:"), strings.HasPrefix(value, "aliyun"):
		return usage("%s begins with acs: or aliyun, which ROS refuses; of a role give the name", name)
	case len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value):
		return usage("%s must be one of: %s", name, strings.Join(p.AllowedValues, ", "))
	case len([]rune(value)) < p.MinLength:
		return usage("%s must have at least %d characters", name, p.MinLength)
	case (p.MinValue != nil || p.MaxValue != nil) && notNumber != nil:
		return usage("%s must be a number", name)
	case p.MinValue != nil && number < *p.MinValue, p.MaxValue != nil && number > *p.MaxValue:
		return usage("%s is out of its range", name)
	}
	pattern, err := regexp.Compile(p.AllowedPattern)
	if err != nil {
		return fmt.Errorf("reading the pattern of parameter %s: %w", name, err)
	}
	if !pattern.MatchString(value) {
		return usage("%s does not match %s", name, p.AllowedPattern)
	}
	return nil
}

// checkEnvironment asks the function's own reading of its configuration. What was wrong before is not complained of.
func checkEnvironment(after, before map[string]string) error {
	faults := func(environment map[string]string) []string {
		_, err := app.ReadConfig(func(name string) string { return environment[name] })
		if err == nil {
			return nil
		}
		return strings.Split(err.Error(), "\n")
	}
	old := faults(before)
	fresh := slices.DeleteFunc(faults(after), func(fault string) bool { return slices.Contains(old, fault) })
	if len(fresh) > 0 {
		return usage("the function would not start with this: %s", strings.Join(fresh, "; "))
	}
	return nil
}

// setStack changes parameters of the stack and has the code of the live version run with them.
func (o Operator) setStack(ctx context.Context, s stack, live function, changes []Change) (string, error) {
	versions, err := o.versions(ctx)
	if err != nil {
		return "", err
	}
	pairs := []Pair{}
	source := ""
	for _, v := range versions {
		if v.Live {
			source = v.Source
		}
	}
	if source != "" && s.parameters["CodeObject"] != codeObject(source) {
		pairs = append(pairs, Pair{"CodeObject", codeObject(source)})
	}
	for _, c := range changes {
		pairs = append(pairs, Pair{c.parameter, c.To})
	}
	triggers, err := o.triggers(ctx)
	if err != nil {
		return "", err
	}
	pairs = append(pairs, started(!isPaused(triggers)))
	template, err := ask[struct{ TemplateBody string }](ctx, o, Call{Service: "ros", Action: "GetTemplate",
		Flags: []string{"--RegionId", o.Region, "--StackId", s.id}})
	if err != nil {
		return "", err
	}
	if err := o.updateStack(ctx, s.id, template.TemplateBody, pairs); err != nil {
		return "", err
	}
	if err := o.runs(ctx, live.CodeChecksum); err != nil {
		return "", err
	}
	version, err := o.publish(ctx, source)
	if err != nil {
		return "", err
	}
	return version, o.point(ctx, version)
}

// Text implements Result.
func (s Set) Text() string {
	var text strings.Builder
	for _, c := range s.Changes {
		fmt.Fprintf(&text, "%s: %s → %s\n", c.Name, orDash(plain(c.From)), orDash(plain(c.To)))
	}
	if s.DryRun {
		text.WriteString("nothing was changed (dry run)\n")
	}
	if s.Version != "" {
		fmt.Fprintf(&text, "version %s is live\n", s.Version)
	}
	return text.String()
}
