package operate

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// upload puts the code into a bucket that belongs to this account: another's code would run otherwise.
func (r rollout) upload(ctx context.Context, bucket string) error {
	address := "oss://" + bucket
	_, err := r.Console.Call(ctx, Call{Service: "oss", Action: "mb", Path: address})
	if err != nil && !strings.Contains(err.Error(), "AlreadyExist") {
		return err
	}
	about, err := r.Console.Call(ctx, Call{Service: "oss", Action: "stat", Path: address})
	owner := regexp.MustCompile(`(?m)^Owner\s*:\s*(\S+)`).FindSubmatch(about)
	if err != nil || owner == nil || string(owner[1]) != r.account {
		return fmt.Errorf("bucket %s does not belong to account %s; name another by --bucket", bucket, r.account)
	}
	object := address + "/" + codeObject(r.code.SHA256)
	r.say("code: %s", object)
	flags := []string{object, "--force"}
	_, err = r.Console.Call(ctx, Call{Service: "oss", Action: "cp", Path: r.code.File, Flags: flags})
	return err
}

// linkedRoles makes the roles by which the services reach each other. The function's own role need not make any.
func (r rollout) linkedRoles(ctx context.Context) error {
	var calls []Call
	for _, product := range []string{"SourceActionTrail", "SourceMNS", "SendToMNS", "SendToFC"} {
		calls = append(calls, Call{Service: "eventbridge", Action: "CreateServiceLinkedRoleForProduct",
			Flags: []string{"--ProductName", "AliyunServiceRoleForEventBridge" + product}})
	}
	for _, service := range []string{"cen.aliyuncs.com", "fc.aliyuncs.com"} {
		// The CLI would ask a location service for the endpoint, and find none.
		calls = append(calls, Call{Service: "resourcemanager", Action: "CreateServiceLinkedRole",
			Flags: []string{"--ServiceName", service, "--endpoint", "resourcemanager.aliyuncs.com"}})
	}
	for _, c := range calls {
		if _, err := r.Console.Call(ctx, c); err != nil && !strings.Contains(err.Error(), "AlreadyExist") {
			if refused(err, "ServiceNotEnable") {
				return &MissingError{What: err.Error(), Fix: "activate EventBridge in its console, once an account"}
			}
			return err
		}
	}
	return nil
}

// runs holds the checksum that Function Compute has of the newest code against one.
func (o Operator) runs(ctx context.Context, checksum string) error {
	f, err := ask[function](ctx, o, o.fc("GET", "", ""))
	if err != nil {
		return err
	}
	if f.CodeChecksum != checksum {
		return fmt.Errorf("the function in %s has the code %s (crc64), but %s was meant",
			o.Region, orDash(f.CodeChecksum), checksum)
	}
	return nil
}
