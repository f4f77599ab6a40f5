package fc

import (
	"slices"
	"testing"
)

func TestLinesAreEmittedWhole(t *testing.T) {
	for _, c := range []struct {
		name   string
		writes []string
		want   []string
	}{
		{"one write of two lines", []string{"a\nb\n"}, []string{"a", "b"}},
		{"one line in three writes", []string{"a", "b", "c\n"}, []string{"abc"}},
		{"an empty line", []string{"a\n\nb\n"}, []string{"a", "", "b"}},
		{"a carriage return", []string{"a\r\nb\n"}, []string{"a", "b"}},
		{"a last line without its end", []string{"a\nb"}, []string{"a", "b"}},
		{"nothing", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			l := &lines{emit: func(line string) { got = append(got, line) }}
			for _, text := range c.writes {
				if n, err := l.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatalf("Write(%q) = %d, %v", text, n, err)
				}
			}
			l.flush()
			l.flush()
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
