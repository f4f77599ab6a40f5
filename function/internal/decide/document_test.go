package decide

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// fill gives every field of a value something, texts with what JSON must escape.
func fill(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 11, 27, 9, 8, 7, 654321, time.UTC)))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case v.Kind() == reflect.Struct:
		for _, field := range reflect.VisibleFields(v.Type()) {
			if field.IsExported() && len(field.Index) == 1 {
				fill(v.FieldByIndex(field.Index))
			}
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
	case v.Kind() == reflect.String:
		v.SetString("<\"转发\\\x01\u2028\xff&>")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(-7)
	}
}

// leaves gives every field of an outcome that is no struct of its own, with its name.
func leaves(v reflect.Value, name string, yield func(reflect.Value, string)) {
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
		yield(v, name)
		return
	}
	for i := range v.NumField() {
		leaves(v.Field(i), name+"."+v.Type().Field(i).Name, yield)
	}
}

// TestAnOutcomeIsWrittenAsItsTypeSays: full, empty, and with each field alone.
func TestAnOutcomeIsWrittenAsItsTypeSays(t *testing.T) {
	same := func(name string, o Outcome) {
		t.Helper()
		want, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.Encode(); err != nil || string(got) != string(want) {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, want)
		}
	}
	var full Outcome
	fill(reflect.ValueOf(&full).Elem())
	same("full", full)
	same("empty", Outcome{})
	var one Outcome
	fields := 0
	leaves(reflect.ValueOf(&one).Elem(), "Outcome", func(field reflect.Value, name string) {
		fill(field)
		same(name, one)
		field.SetZero()
		fields++
	})
	if fields < 30 {
		t.Errorf("only %d fields were tried", fields)
	}
}

func TestAnOutcomeThatCannotBeWrittenIsAnError(t *testing.T) {
	for _, o := range []Outcome{
		{CloudEvent: CloudEvent{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
		{Data: OutcomeData{Event: EventBrief{FirstSeen: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}}},
	} {
		if body, err := o.Encode(); err == nil || body != nil {
			t.Errorf("got %s, %v", body, err)
		}
	}
}
