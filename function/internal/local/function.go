package local

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/ram"
	"vpn-attach/function/internal/standin/sts"
	"vpn-attach/function/internal/template"
)

// function is what the platform is told: what the template and the spec say, and where the local services are.
func (c *Cloud) function() fc.Function {
	now := c.now.Load()
	f := now.function
	environment := map[string]string{}
	for variable, value := range f.EnvironmentVariables {
		environment[variable] = c.nearby(variable, value)
	}
	maps.Copy(environment, now.environment)
	environment["QUOTAS"] = more(environment["QUOTAS"], c.speed)
	environment["RETRY_HORIZON"] = faster(environment["RETRY_HORIZON"], 24*time.Hour, c.speed)
	environment["CONFIRM_TIMEOUT"] = faster(environment["CONFIRM_TIMEOUT"], time.Hour, c.speed)
	return fc.Function{
		Name: f.FunctionName, Handler: f.Handler, Account: c.Spec.Account, Region: c.Spec.Region,
		Timeout: c.timeout(), MemoryMB: f.MemorySize, Environment: environment,
		Instances: cmp.Or(c.Spec.Function.Instances, f.ConcurrencyConfig.ReservedConcurrency),
	}
}

// packaged is how make package builds the function: for this runtime, and with the binary under this name.
const packagedRuntime, packagedHandler = "go1", "main"

// runs says why the function could not run as the stack has it; nil when it can.
func runs(stack *template.Stack, f template.Function) error {
	var err error
	switch {
	case f.Runtime != packagedRuntime:
		err = fmt.Errorf("its code is for the runtime %s, not for %q", packagedRuntime, f.Runtime)
	case f.Handler != packagedHandler:
		err = fmt.Errorf("its code has the handler %s, not %q", packagedHandler, f.Handler)
	case f.InstanceConcurrency > 1:
		err = fmt.Errorf("the local cloud runs one invocation of an instance at once, not %d", f.InstanceConcurrency)
	case f.InternetAccess != nil && !*f.InternetAccess:
		err = errors.New("without access to the internet it reaches none of the services")
	}
	for _, r := range stack.Resources {
		if err != nil && r.Type == typeFunction {
			return fmt.Errorf("making function %s of line %d: %w", f.FunctionName, r.Line, err)
		}
	}
	return nil
}

// typeFunction is the type of a function in a template.
const typeFunction = "ALIYUN::FC3::Function"

// Variables are the environment of the function, as the template and the spec have it.
func (c *Cloud) Variables() map[string]string { return c.function().Environment }

// coded is the function with what is known of its code. A cloud starts without a binary, too; its invocations then say
// what is wrong.
func (c *Cloud) coded(binary string) fc.Function {
	f := c.function()
	c.code = fc.ReadCode(binary)
	f.Code = c.code
	return f
}

// faster divides a time of the function's configuration by the cloud's speed. What is no
// time is left for the function to refuse.
func faster(value string, preset time.Duration, speed float64) string {
	configured, err := time.ParseDuration(value)
	switch {
	case value == "":
		configured = preset
	case err != nil:
		return value
	}
	return scaled(configured, speed).String()
}

// scaled divides a time of the cloud by its speed.
func scaled(d time.Duration, speed float64) time.Duration { return time.Duration(float64(d) / speed) }

// more multiplies the quotas of the function's configuration by the cloud's speed.
func more(value string, speed float64) string {
	configured, err := ReadQuotas(value)
	if err != nil {
		return value // for the function to refuse
	}
	for action, quota := range cloud.Quotas() {
		if configured[action].Calls == 0 {
			configured[action] = quota
		}
	}
	for action, quota := range configured {
		configured[action] = quota.Times(speed)
	}
	return configured.String()
}

// Environment is the configuration that points the function at this cloud.
func (c *Cloud) Environment() map[string]string {
	_, port, _ := net.SplitHostPort(c.Address)
	queues := fmt.Sprintf("http://localhost:%s/%s.mns.%s.local.test", port, c.Spec.Account, c.Spec.Region)
	return map[string]string{
		"MNS_ENDPOINT":          queues,
		"MNS_QUEUE":             c.EventQueue,
		"MNS_TOPIC":             c.outcomeTopic,
		"MNS_DEAD_LETTER_QUEUE": c.DeadLetters,
		"CBN_ENDPOINT":          "http://" + c.Address,
		"VPC_ENDPOINT":          "http://" + c.Address,
		"STS_ENDPOINT":          "http://" + c.Address,
		"FOLLOW_UP_KEY":         c.FollowUpKey,
	}
}

// toBeSigned is what a message of the function's own has for a signature when it is to be signed here: only the
// function knows its key, and a file cannot.
const toBeSigned = "sign"

// signed gives the text of a message as it is sent, signed when it asks for that.
func (c *Cloud) signed(text []byte) ([]byte, error) {
	var message struct{ Signature string }
	if json.Unmarshal(text, &message) != nil || message.Signature != toBeSigned {
		return text, nil
	}
	return event.NewSigner(c.FollowUpKey, "").Sign(text)
}

// issue makes the credentials of one invocation, which act as the function's role; no two are alike. By some pages the
// platform writes the log of the invocation as that role, too: without the permission, or a store, there is none.
func (c *Cloud) issue() fc.Credentials {
	issued := c.credentials(c.access.role)
	c.silent.Store(!c.store().isMade || c.access.allow(issued.AccessKeyID, c.access.log) != nil)
	return issued
}

func (c *Cloud) credentials(of *caller) fc.Credentials {
	key := fc.Credentials{AccessKeyID: "STS." + rand.Text(), AccessKeySecret: rand.Text(), SecurityToken: rand.Text()}
	c.access.callers.Store(key.AccessKeyID, of)
	c.Keys.Add(key.AccessKeyID, key.AccessKeySecret, key.SecurityToken)
	return key
}

// session makes the key of a session of a role in another account.
func (c *Cloud) session(member sts.Role) sts.Key {
	policy, _ := memberPolicy(member) // it was read before
	of := newCaller(member.Account, ram.Role(member.Account, member.Name), policy)
	if _, may, made := c.access.roles.Role(member.ARN()); made {
		of.identity = may
	}
	of.member = true
	issued := c.credentials(of)
	return sts.Key{ID: issued.AccessKeyID, Secret: issued.AccessKeySecret, Token: issued.SecurityToken}
}

// accountOf is the account for which a key acts.
func (c *Cloud) accountOf(accessKeyID string) string { return c.access.of(accessKeyID).account }
