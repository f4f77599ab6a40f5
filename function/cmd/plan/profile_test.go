package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestTheProfileOfTheCLIIsRead in the forms that need no other service.
func TestTheProfileOfTheCLIIsRead(t *testing.T) {
	for name, c := range map[string]struct{ profile, token string }{
		"a key": {`"mode": "AK", "access_key_id": "id", "access_key_secret": "canary"`, ""},
		"a session": {`"mode": "StsToken", "access_key_id": "id", "access_key_secret": "canary", "sts_token": "t"`,
			"t"},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			t.Setenv("HOME", home)
			t.Setenv("USERPROFILE", home)
			t.Setenv("ALIBABA_CLOUD_PROFILE", "night")
			for _, variable := range []string{"ID", "SECRET"} {
				t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_"+variable, "")
			}
			if err := os.Mkdir(filepath.Join(home, ".aliyun"), 0o700); err != nil {
				t.Fatal(err)
			}
			text := `{"current": "other", "profiles": [{"name": "night", ` + c.profile + `}]}`
			if err := os.WriteFile(filepath.Join(home, ".aliyun", "config.json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			a, err := flags{}.access(console{getenv: func(string) string { return "" }})
			if err != nil {
				t.Fatal(err)
			}
			key, err := a.Keys.GetCredential()
			if err != nil {
				t.Fatal(err)
			}
			if *key.AccessKeyId != "id" || *key.AccessKeySecret != "canary" || *key.SecurityToken != c.token {
				t.Error("it is another key")
			}
		})
	}
}
