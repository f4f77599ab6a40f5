package operate

import (
	"context"
	"errors"
	"path/filepath"
)

// Planning is how scripts/plan is run for the stack.
type Planning struct {
	Arguments   []string
	Environment map[string]string // in the place of what the caller has
}

// Planning finds the function of the stack: a plan is made with the settings that its alias runs. Before the first
// deployment those are the template's.
func (o Operator) Planning(ctx context.Context) (Planning, error) {
	p := Planning{Environment: map[string]string{}}
	region := o.Region
	f, err := o.function(ctx)
	var none *MissingError
	switch {
	case errors.As(err, &none) && none.Code == noFunction:
		o.say("%s: planning with the settings of template.yml", none.What)
		p.Arguments = []string{"--region", region, "--template", filepath.Join(o.Folder, "template.yml")}
		return p, nil
	case err != nil:
		return p, err
	}
	if l, isLocal := o.Console.(Local); isLocal {
		region = f.region()
		p.Environment = l.environment()
	}
	p.Arguments = []string{"--region", region, "--deployed", o.Stack + ":" + alias}
	return p, nil
}

// environment leads the vendor's clients to the local cloud, and keeps the account out of it.
func (l Local) environment() map[string]string {
	keys, _ := LocalKeys() // they are constant
	all := map[string]string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID": keys.ID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": keys.Secret,
		"ALIBABA_CLOUD_SECURITY_TOKEN": "", "ALIBABA_CLOUD_PROFILE": "", "ALIBABA_CLOUD_ROLE_ARN": "",
	}
	for _, service := range []string{"VPC", "CBN", "STS", "FC"} {
		all[service+"_ENDPOINT"] = "http://" + l.Address
	}
	return all
}
