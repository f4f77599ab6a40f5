package template

import (
	"fmt"
	"os"
	"testing"
)

func TestX(t *testing.T) {
	text, _ := os.ReadFile("../../../template.yml")
	s, err := Read(text, map[string]string{"CodeBucket": "local", "CodeObject": "x", "FollowUpKey": "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "AllowedAccounts": "1234567890, 1234567899"}, Pseudo{"1234567890123456", "cn-hangzhou", "x"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Function()
	fmt.Printf("%+v %v\n", f, err)
	fmt.Printf("%+v\n", s.Roles())
	fmt.Printf("%+v\n", s.Rules())
	fmt.Printf("%+v\n", s.Queues())
	fmt.Printf("%+v\n", s.Subscriptions())
	fmt.Printf("%+v\n", s.Outputs)
}
func BenchmarkX(b *testing.B) {
	text, _ := os.ReadFile("../../../template.yml")
	tt, _ := Parse(text)
	for b.Loop() {
		tt.Resolve(map[string]string{"CodeBucket": "local", "CodeObject": "x", "FollowUpKey": "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"}, Pseudo{"1234567890123456", "cn-hangzhou", "x"})
	}
}
func BenchmarkP(b *testing.B) {
	text, _ := os.ReadFile("../../../template.yml")
	for b.Loop() {
		Parse(text)
	}
}
