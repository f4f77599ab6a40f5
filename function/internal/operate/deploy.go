package operate

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// DeployOptions are how a stack is deployed.
type DeployOptions struct {
	Bucket string // for the code; "" is NAME-code-ACCOUNT-REGION
	Pairs  []Pair // parameters, by their own names or those of their variables
	NewKey bool
	DryRun bool
}

// Deployed is what a deployment came to.
type Deployed struct {
	Version string   `json:"version,omitempty"`
	Source  string   `json:"source,omitempty"` // the sha256 of the code
	DryRun  bool     `json:"dryRun"`
	Paused  bool     `json:"paused"`
	Told    []string `json:"told"`
	Steps   []string `json:"steps,omitempty"` // that would be taken
	Proof   string   `json:"proof,omitempty"` // what a dry run by hand came to
	next    string
}

// Deploy builds the function, uploads it, makes or updates the stack, publishes a version and has the alias point at
// it. Run again with nothing changed, it changes nothing but the version. A pause stays.
func (o Operator) Deploy(ctx context.Context, d DeployOptions) (Deployed, error) {
	t, err := o.readTemplate()
	if err != nil {
		return Deployed{}, err
	}
	pairs, err := t.named(d.Pairs)
	if err != nil {
		return Deployed{}, err
	}
	if d.DryRun {
		return o.wouldDeploy(d, pairs), nil
	}
	account, err := o.account(ctx)
	if err != nil {
		return Deployed{}, err
	}
	r := rollout{Operator: o, template: t, pairs: pairs, options: d, account: account}
	if r.code, err = o.Make(ctx); err != nil {
		return Deployed{}, err
	}
	return r.run(ctx)
}

// named gives parameters for the names of parameters or variables.
func (t template) named(pairs []Pair) (all []Pair, err error) {
	for _, pair := range pairs {
		change, err := t.change(pair, map[string]string{})
		if err != nil {
			return nil, err
		}
		all = append(all, Pair{change.parameter, pair.Value})
	}
	return all, nil
}

func (o Operator) wouldDeploy(d DeployOptions, pairs []Pair) Deployed {
	names := []string{}
	for _, p := range pairs {
		names = append(names, p.Name+"="+p.Value)
	}
	if d.NewKey {
		names = append(names, "a new key")
	}
	if len(names) == 0 {
		names = append(names, "the parameters as they are")
	}
	steps := []string{
		"build the code (make package)", "upload it to an OSS bucket of " + o.Region,
		"make the service-linked roles that are missing",
		"make or update stack " + o.Stack + " with " + strings.Join(names, " "),
		"publish a version, and have the alias " + alias + " point at it",
		"wait for the trigger to have started", "prove it by a dry run through the alias",
	}
	return Deployed{DryRun: true, Steps: steps, Told: toldBy(pairs)}
}

// account asks who the CLI is.
func (o Operator) account(ctx context.Context) (string, error) {
	identity, err := ask[struct{ AccountId string }](ctx, o, Call{Service: "sts", Action: "GetCallerIdentity"})
	switch {
	case err != nil && !isMissing(err):
		return "", &MissingError{What: "the aliyun CLI has no credentials that work: " + plain(err.Error()),
			Fix: "aliyun configure"}
	case err != nil:
		return "", err
	case identity.AccountId == "":
		return "", &MissingError{What: "the aliyun CLI did not say which account this is", Fix: "aliyun configure"}
	}
	return identity.AccountId, nil
}

// rollout is one deployment under way.
type rollout struct {
	Operator
	template template
	pairs    []Pair
	options  DeployOptions
	account  string
	code     Package
	paused   bool // before it began
}

func (r rollout) run(ctx context.Context) (Deployed, error) {
	triggers, err := r.triggers(ctx)
	if err != nil && !refused(err, "NotFound") {
		return Deployed{}, err
	}
	r.paused = isPaused(triggers)
	bucket := r.options.Bucket
	if bucket == "" {
		bucket = fmt.Sprintf("%s-code-%s-%s", r.Stack, r.account, r.Region)
	}
	if err := r.upload(ctx, bucket); err != nil {
		return Deployed{}, err
	}
	if err := r.linkedRoles(ctx); err != nil {
		return Deployed{}, err
	}
	// The alias can only be made once the function is there, and the trigger once the alias is.
	_, err = r.live(ctx)
	first := refused(err, "NotFound")
	if err != nil && !first {
		return Deployed{}, err
	}
	qualifier := alias
	if first {
		qualifier = "none"
	}
	if err := r.toStack(ctx, bucket, qualifier, true); err != nil {
		return Deployed{}, err
	}
	if err := r.runs(ctx, r.code.CRC64); err != nil {
		return Deployed{}, err
	}
	version, err := r.publish(ctx, r.code.SHA256)
	if err == nil {
		err = r.point(ctx, version)
	}
	if err == nil && first {
		err = r.toStack(ctx, bucket, alias, false)
	}
	if err != nil {
		return Deployed{}, err
	}
	return r.proved(ctx, version)
}

// toStack makes or updates the stack.
func (r rollout) toStack(ctx context.Context, bucket, qualifier string, withKey bool) error {
	id, err := r.stackID(ctx)
	if err != nil {
		return err
	}
	pairs := []Pair{{"Name", r.Stack}, {"CodeBucket", bucket}, {"CodeObject", codeObject(r.code.SHA256)},
		{"Qualifier", qualifier}, started(!r.paused)}
	pairs = append(pairs, r.pairs...)
	if withKey {
		keys, err := r.followUpKeys(ctx, id)
		if err != nil {
			return err
		}
		pairs = append(pairs, keys...)
	}
	if id == "" {
		r.say("making stack %s", r.Stack)
		_, err = r.createStack(ctx, r.template.text, pairs)
		return err
	}
	r.say("updating stack %s", r.Stack)
	return r.updateStack(ctx, id, r.template.text, pairs)
}

// started is the parameter by which ROS, when it writes the triggers anew, does not start what was stopped.
func started(are bool) Pair { return Pair{"Started", strconv.FormatBool(are)} }

// followUpKeys are the parameters that make or change the key.
func (r rollout) followUpKeys(ctx context.Context, id string) ([]Pair, error) {
	hasKey := false
	if id != "" {
		s, err := r.stackOf(ctx, id)
		if err != nil {
			return nil, err
		}
		_, hasKey = s.parameters["FollowUpKey"]
	}
	if hasKey && !r.options.NewKey {
		return nil, nil
	}
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	keys := []Pair{{"FollowUpKey", hex.EncodeToString(fresh)}}
	if !hasKey {
		return keys, nil
	}
	f, err := r.function(ctx)
	if err != nil {
		return nil, err
	}
	old := f.EnvironmentVariables["FOLLOW_UP_KEY"]
	if len(old) < 32 {
		return nil, fmt.Errorf("the function in %s did not tell its present key: it cannot be changed", r.Region)
	}
	return append(keys, Pair{"FollowUpKeyPrevious", old}), nil
}

// Text implements Result.
func (d Deployed) Text() string {
	var text strings.Builder
	for _, step := range d.Steps {
		fmt.Fprintf(&text, "would %s\n", step)
	}
	for _, who := range d.Told {
		if d.DryRun {
			fmt.Fprintf(&text, "told of alarms: %s\n", plain(who))
		}
	}
	if d.DryRun {
		return text.String()
	}
	fmt.Fprintf(&text, "version %s is live (sha256 %s)\n", d.Version, d.Source)
	if d.Paused {
		text.WriteString("it is paused, as it was before\n")
	}
	for _, who := range d.Told {
		fmt.Fprintf(&text, "told: %s\n", plain(who))
	}
	fmt.Fprintf(&text, "proof: %s\nnext: %s\n", plain(d.Proof), d.next)
	return text.String()
}
