package local

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/template"
)

// Deployed is the template of which a cloud has a stack, and the parameters that somebody gave for it. The zero value
// is template.yml as it is, read anew.
type Deployed struct {
	Template   *template.Template
	Parameters map[string]string
}

// TemplateFolder names the variable with the folder that has template.yml and s.yaml, where that is not the project's.
const TemplateFolder = "TEMPLATE_FOLDER"

// ReadTemplate reads the template at a path.
func ReadTemplate(path string) (*template.Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	t, err := template.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return t, nil
}

// FindTemplate reads template.yml of the project.
func FindTemplate() (*template.Template, error) {
	path, err := FindInProject("template.yml")
	if err != nil {
		return nil, fmt.Errorf("%w; --template names another", err)
	}
	return ReadTemplate(path)
}

// FindInProject gives the path of a file at the top of the project, in which this process or its program is.
func FindInProject(name string) (string, error) {
	if folder := os.Getenv(TemplateFolder); folder != "" {
		return filepath.Join(folder, name), nil
	}
	here, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", name, err)
	}
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", name, err)
	}
	for _, folder := range []string{here, filepath.Dir(program)} {
		for folder != filepath.Dir(folder) {
			if path := filepath.Join(folder, name); isFile(path) && isFile(filepath.Join(folder, "go.mod")) {
				return path, nil
			}
			folder = filepath.Dir(folder)
		}
	}
	return "", fmt.Errorf("finding %s: it is not in the project around %s", name, here)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// ownParameters are those that a local cloud gives where nobody else does: what a deployment decides, and contacts, so
// that there are alarms.
func ownParameters(followUpKey string) map[string]string {
	return map[string]string{
		"CodeBucket": "local", "CodeObject": "local", "FollowUpKey": followUpKey,
		"AlertActionPolicy": "local", "AlarmContactGroup": "local",
	}
}

// given are the parameters of which a stack of the template is made for a cloud.
func (d Deployed) given(spec Spec, followUpKey string) map[string]string {
	parameters := ownParameters(followUpKey)
	maps.DeleteFunc(parameters, func(name, _ string) bool { return !d.Template.Has(name) })
	maps.Copy(parameters, spec.Parameters)
	maps.Copy(parameters, d.Parameters)
	return parameters
}

// stack is what the template makes for a cloud.
func (d Deployed) stack(spec Spec, followUpKey string) (*template.Stack, error) {
	stack, err := d.Template.Resolve(d.given(spec, followUpKey), placeOf(spec))
	if err != nil {
		return nil, fmt.Errorf("resolving the template: %w", err)
	}
	return stack, nil
}

// Validate says what is wrong with the template and its parameters, before a cloud is made.
func (d Deployed) Validate() error {
	_, err := d.stack(preset(), strings.Repeat("k", 32))
	return err
}

// placeOf is where the stack of a cloud is.
func placeOf(spec Spec) template.Pseudo {
	return template.Pseudo{Account: spec.Account, Region: spec.Region, Stack: FunctionName}
}

// deploy makes the cloud's stack of the template.
func (c *Cloud) deploy(d Deployed) (err error) {
	if d.Template == nil {
		if d.Template, err = FindTemplate(); err != nil {
			return err
		}
	}
	c.place = placeOf(c.Spec)
	given := d.given(c.Spec, c.FollowUpKey)
	if c.Stack, err = d.stack(c.Spec, c.FollowUpKey); err != nil {
		return err
	}
	for output, name := range map[string]*string{
		"Queue": &c.EventQueue, "DeadLetters": &c.DeadLetters, "Topic": &c.outcomeTopic,
	} {
		if *name = c.Stack.Output(output); *name == "" {
			return fmt.Errorf("resolving the template: it has no output %s", output)
		}
	}
	c.outcomeQueue = c.Stack.Output("OutcomeQueueName")
	if c.deployed, err = c.Stack.Function(); err != nil {
		return err
	}
	name := c.deployed.FunctionName // as scripts/vpn-attach calls a stack
	c.now.Store(&deployment{c.Stack, c.deployed, c.Spec.Function.Environment, storeOf(c.Stack)})
	c.stacks = &stacks{cloud: c, read: d.Template, made: map[string]*template.Stack{name: c.Stack}}
	c.adopt = func() { c.ROS.Adopt(name, d.Template.Text, given, planOf(d.Template, c.Stack, given)) }
	return runs(c.Stack, c.deployed)
}

// queues makes the queues, and the topic with its subscribers.
func (c *Cloud) queues() error {
	if err := c.setQueues(nil, c.Stack); err != nil {
		return err
	}
	if err := c.Queues.Restore(mns.Snapshot{Queues: c.Spec.Queues, Topics: c.Spec.Topics}); err != nil {
		return fmt.Errorf("reading the cloud file: %w", err)
	}
	return nil
}

// attributes are those of a queue of the stack. A case may shorten the visibility timeout of the event queue: it then
// delivers again what is still being worked on.
func (c *Cloud) attributes(q template.Queue) mns.QueueAttributes {
	a := mns.QueueAttributes{
		Delay: seconds(q.DelaySeconds), VisibilityTimeout: seconds(q.VisibilityTimeout),
		Retention: seconds(q.MessageRetentionPeriod), PollingWait: seconds(q.PollingWaitSeconds),
		MaximumBody: q.MaximumMessageSize, Logging: q.LoggingEnabled,
		DeadLetters: mns.DeadLetterPolicy{
			Enabled: q.DlqPolicy.Enabled, Target: q.DlqPolicy.DeadLetterTargetQueue,
			MaxReceives: q.DlqPolicy.MaxReceiveCount,
		},
	}
	if shorter := c.Spec.Trigger.VisibilitySeconds; shorter > 0 && q.QueueName == c.EventQueue {
		a.VisibilityTimeout = seconds(shorter)
	}
	if q.QueueName == c.outcomeQueue && c.speed > 1 { // its subscriber is on this machine, and no faster than it
		a.VisibilityTimeout = min(time.Duration(c.speed)*cmp.Or(a.VisibilityTimeout, 30*time.Second), 12*time.Hour)
	}
	return a
}

// timeout is how long an invocation may take.
func (c *Cloud) timeout() time.Duration {
	return time.Duration(cmp.Or(c.Spec.Function.Timeout, c.now.Load().function.Timeout)) * time.Second
}

// nearby gives the address of a service here for the one under which the template has the function reach it. What is
// no service of this account and region becomes an address that nobody has, so that nothing leaves this machine.
func (c *Cloud) nearby(variable, address string) string {
	own := c.Environment()[variable]
	public := map[string]string{
		"MNS_ENDPOINT": "https://" + c.Spec.Account + ".mns." + c.Spec.Region + ".aliyuncs.com",
		"CBN_ENDPOINT": "https://cbn.aliyuncs.com",
		"VPC_ENDPOINT": "https://vpc." + c.Spec.Region + ".aliyuncs.com",
		"STS_ENDPOINT": "https://sts.aliyuncs.com",
	}[variable]
	if own != "" && (strings.TrimSuffix(address, "/") == public || address == "" && variable != "MNS_ENDPOINT") {
		return own
	}
	return strings.Replace(address, ".aliyuncs.com", ".aliyuncs.invalid", 1)
}

// queueIn is the name at the end of an ARN of a queue, such as acs:mns:REGION:ACCOUNT:queues/NAME or …:/queues/NAME; ""
// when the ARN is none of a queue in that place.
func queueIn(p template.Pseudo, arn string) string {
	rest, isHere := strings.CutPrefix(arn, "acs:mns:"+p.Region+":"+p.Account+":")
	name, isQueue := strings.CutPrefix(strings.TrimPrefix(rest, "/"), "queues/")
	if !isHere || !isQueue {
		return ""
	}
	return name
}
