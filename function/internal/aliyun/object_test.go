package aliyun

import (
	"fmt"
	"testing"
)

func TestOneObjectIsAnAnswerAndNothingElseIs(t *testing.T) {
	for body, want := range map[string]bool{
		`{"A":1}`: true, ` {} `: true, ``: false, `null`: false, `[]`: false, `"text"`: false, `{"A":1}{}`: false,
		`{"A":1} x`: false, `{"A":`: false, `<html>`: false,
	} {
		if _, err := readObject(body); (err == nil) != want {
			t.Errorf("%q: got %v", body, err)
		}
	}
}

func TestAFieldIsReadForWhatItMeans(t *testing.T) {
	o, err := readObject(`{"Text":"x","Number":12345678901234567890,"Yes":true,"Null":null,"List":[1],
		"In":{"Text":"y"},"Seven":"7","Many":"many","Half":0.5}`)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Text": "x", "Number": "12345678901234567890", "Yes": "true", "Null": "", "List": "", "In": "", "Missing": "",
	} {
		if got := o.Text(name); got != want {
			t.Errorf("%s: got text %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"Seven": "7 true", "Missing": "0 true", "Null": "0 true", "Many": "0 false", "Half": "0 false",
		"List": "0 false",
		"In":   "0 false", "Yes": "0 false",
		"Number": "0 false",
	} {
		n, err := o.Number(name)
		if got := fmt.Sprint(n, err == nil); got != want {
			t.Errorf("%s: got number %s, want %s", name, got, want)
		}
	}
	if o.Within("In").Text("Text") != "y" || o.Within("List").Text("Text") != "" ||
		o.Within("Missing").Within("Text").Text("Text") != "" {
		t.Errorf("objects within are read wrong: %v", o)
	}
}

func TestAListIsReadInEveryFormAndAnythingElseIsNoList(t *testing.T) {
	for field, want := range map[string]int{
		`{"Tag":[{},{}]}`: 2, `[{}]`: 1, `[]`: 0, `{"Tag":{"Key":"k"}}`: 1, `{"Tag":[]}`: 0, `{"Tag":""}`: 0, `{}`: 0,
		`{"Other":1}`: 0, `""`: 0, `null`: 0,
		`7`: -1, `"k=v"`: -1, `{"Tag":"k=v"}`: -1, `["k=v"]`: -1, `[{},1]`: -1, `true`: -1, `{"Tag":7}`: -1,
	} {
		o, err := readObject(`{"Tags":` + field + `}`)
		if err != nil {
			t.Fatal(err)
		}
		all, err := o.List("Tags", "Tag")
		if (err == nil) != (want >= 0) || len(all) != max(want, 0) {
			t.Errorf("%s: got %v, %v, want %d", field, all, err, want)
		}
	}
}
