package operate_test

import (
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/operate"
)

func TestAPlanIsMadeWithTheSettingsThatAreLive(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		s.inAccount()
		p, err := s.Planning(t.Context())
		want := []string{"--region", "cn-hangzhou", "--deployed", "vpn-attach:live"}
		if err != nil || !slices.Equal(p.Arguments, want) || len(p.Environment) != 0 {
			t.Errorf("got %+v, want %q, %v", p, want, err)
		}
	})
}

func TestBeforeTheFirstDeploymentAPlanIsMadeWithTheTemplate(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		s.account()
		var said string
		s.Say = func(text string) { said += text }
		p, err := s.Planning(t.Context())
		want := []string{"--region", "cn-hangzhou", "--template", "../../../template.yml"}
		if err != nil || !slices.Equal(p.Arguments, want) || !strings.Contains(said, "settings of template.yml") {
			t.Errorf("got %+v, want %q, %v; it said %s", p, want, err, said)
		}
	})
}

func TestAPlanOfTheLocalCloudReachesNoAccount(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		p, err := s.Planning(t.Context())
		if err != nil || p.Arguments[1] != "cn-hangzhou" {
			t.Errorf("got %+v, %v", p, err)
		}
		for _, name := range []string{"VPC_ENDPOINT", "CBN_ENDPOINT", "STS_ENDPOINT", "FC_ENDPOINT"} {
			if p.Environment[name] != "http://127.0.0.1:1" {
				t.Errorf("%s is %q", name, p.Environment[name])
			}
		}
		keys, err := operate.LocalKeys()
		token, isSet := p.Environment["ALIBABA_CLOUD_SECURITY_TOKEN"]
		if err != nil || p.Environment["ALIBABA_CLOUD_ACCESS_KEY_ID"] != keys.ID || token != "" || !isSet {
			t.Errorf("the environment is %v, %v", p.Environment, err)
		}
	})
}
