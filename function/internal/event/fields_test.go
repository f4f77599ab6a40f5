package event

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// fill gives every exported field below v a value that is not its zero value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("ä<&>\u2028")
	case reflect.Int:
		v.SetInt(3)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		if v.Type().Elem().Kind() == reflect.String {
			v.SetMapIndex(reflect.ValueOf("key"), reflect.ValueOf("value"))
		}
	case reflect.Struct:
		if _, is := v.Interface().(time.Time); is {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 23, 3, 0, 0, 5000, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

// The fields of an event are written by hand: each one that the type has, by its name there, in canonical form.
func TestAFollowUpHoldsEveryFieldOfItsEvent(t *testing.T) {
	var whole Event
	fill(reflect.ValueOf(&whole).Elem())
	for name, e := range map[string]Event{
		"whole": whole, "empty": {}, "watched for the first time": {Progress: Progress{Watch: &Watch{}}},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			want, err := canonicalJSON(text)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := encodePlain(e.fields()); err != nil || !bytes.Equal(got, want) {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
		})
	}
}
