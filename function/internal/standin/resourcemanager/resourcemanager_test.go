package resourcemanager_test

import (
	"net/url"
	"testing"

	"vpn-attach/function/internal/standin/resourcemanager"
	"vpn-attach/function/internal/standin/rpc"
)

func TestAServiceLinkedRoleIsMadeOnce(t *testing.T) {
	s := resourcemanager.New("1234567890123456", nil)
	for _, c := range []struct{ service, code string }{
		{"cen.aliyuncs.com", ""}, {"cen.aliyuncs.com", "EntityAlreadyExists.Role"}, {"fc.aliyuncs.com", ""},
		{"", "MissingServiceName"},
	} {
		call := rpc.Call{Parameters: url.Values{"ServiceName": {c.service}}}
		answer, refusal := s.Operations["CreateServiceLinkedRole"](call)
		switch {
		case refusal != nil && refusal.Code != c.code, refusal == nil && c.code != "":
			t.Errorf("%s: got %v %v, want %q", c.service, answer, refusal, c.code)
		case refusal == nil && answer["Role"] == nil:
			t.Errorf("%s: the answer is %v", c.service, answer)
		}
	}
}
