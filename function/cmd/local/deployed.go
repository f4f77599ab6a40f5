package main

import (
	"errors"
	"flag"
	"runtime/debug"
	"strings"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/template"
)

// deployedFlags name the template of which a cloud has a stack, and its parameters.
type deployedFlags struct {
	template   string
	parameters map[string]string
}

func (d *deployedFlags) define(flags *flag.FlagSet) {
	d.parameters = map[string]string{}
	flags.StringVar(&d.template, "template", "", "`file` of the template that is deployed (default: template.yml)")
	flags.Func("parameter", "a parameter of the template, as `NAME=VALUE`; as often as there are parameters",
		func(text string) error {
			name, value, found := strings.Cut(text, "=")
			if !found || name == "" {
				return errors.New("it must be NAME=VALUE, such as LogLevel=debug")
			}
			d.parameters[name] = value
			return nil
		})
}

// read reads the template. What it does not take is a wrong argument.
func (d *deployedFlags) read() (local.Deployed, error) {
	// What reading leaves behind is collected once it is over: while it goes on, that would be a third of its time.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	read := local.FindTemplate
	if d.template != "" {
		read = func() (*template.Template, error) { return local.ReadTemplate(d.template) }
	}
	found, err := read()
	if err != nil {
		return local.Deployed{}, err
	}
	deployed := local.Deployed{Template: found, Parameters: d.parameters}
	if err := deployed.Validate(); err != nil {
		return deployed, &usageError{err.Error()}
	}
	return deployed, nil
}
