// Package bench measures the function against floors: programs that do the least that any function could. Everything is
// measured side by side in one run, in turn, and reported as a ratio; except for sizes no absolute number is a bar.
package bench

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Stat is the measurements of one side.
type Stat struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

func statOf(values []float64) Stat {
	sorted := slices.Sorted(slices.Values(values))
	return Stat{Median: sorted[len(sorted)/2], Min: sorted[0], Max: sorted[len(sorted)-1]}
}

// Row is one comparison. Most is the ratio that must not be exceeded, or the absolute value if Absolute is set; 0 is no
// bar.
type Row struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit"`
	Floor    string  `json:"floor"` // what it is compared with
	Ours     Stat    `json:"ours"`
	Least    *Stat   `json:"least,omitempty"` // the floor's
	Ratio    float64 `json:"ratio,omitempty"`
	Most     float64 `json:"most,omitempty"`
	Absolute bool    `json:"absolute,omitempty"`
	Pass     bool    `json:"pass"`
}

// ratio makes the row of two sides, measured in turn: the median of their ratios.
func ratio(name, unit, floor string, ours, least []float64, most float64) Row {
	r := Row{Name: name, Unit: unit, Floor: floor, Ours: statOf(ours), Most: most}
	other := statOf(least)
	r.Least = &other
	var shares []float64 // of runs side by side: a slow moment of the machine slows both
	for i := range ours {
		if divisor := least[i%len(least)]; divisor > 0 {
			shares = append(shares, ours[i]/divisor)
		}
	}
	if len(shares) > 0 {
		r.Ratio = statOf(shares).Median
	}
	r.Pass = most == 0 || r.Ratio > 0 && r.Ratio <= most
	return r
}

// absolute makes the row of a value by itself.
func absolute(name, unit string, ours []float64, most float64) Row {
	r := Row{Name: name, Unit: unit, Ours: statOf(ours), Most: most, Absolute: true}
	r.Pass = most == 0 || r.Ours.Median > 0 && r.Ours.Median <= most
	return r
}

// exactly makes the row of a count that must be what it is expected to be.
func exactly(name string, ours, want float64) Row {
	return Row{
		Name: name, Unit: "calls", Floor: "the calls that it takes", Ours: Stat{ours, ours, ours},
		Least: &Stat{want, want, want}, Ratio: ours / want, Most: 1, Pass: ours == want,
	}
}

// interleave measures several things in turn, so many times each after one round that is not counted. Another one
// begins each time, because what ran before affects what runs next.
func interleave(runs int, measures ...func() (float64, error)) ([][]float64, error) {
	values := make([][]float64, len(measures))
	for run := range runs + 1 {
		for turn := range measures {
			i := (run + turn) % len(measures)
			value, err := measures[i]()
			if err != nil {
				return nil, err
			}
			if run > 0 {
				values[i] = append(values[i], value)
			}
		}
	}
	return values, nil
}

// Table prints rows.
func Table(out io.Writer, rows []Row) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\tmeasured\tours (min–max)\tfloor (min–max)\tratio\tat most")
	for _, r := range rows {
		verdict, least, share, most := "PASS", "", "", ""
		switch {
		case r.Most == 0:
			verdict = "-"
		case !r.Pass:
			verdict = "FAIL"
		}
		if r.Least != nil {
			least = fmt.Sprintf("%s  %s", r.Least.text(r.Unit), r.Floor)
		}
		if r.Ratio > 0 {
			share = fmt.Sprintf("%.2f", r.Ratio)
		}
		switch {
		case r.Most > 0 && r.Absolute:
			most = fmt.Sprintf("%g %s", r.Most, r.Unit)
		case r.Most > 0:
			most = fmt.Sprintf("%.2f", r.Most)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", verdict, r.Name, r.Ours.text(r.Unit), least, share, most)
	}
	table.Flush()
}

func (s Stat) text(unit string) string {
	if s.Min == s.Max {
		return fmt.Sprintf("%s %s", short(s.Median), unit)
	}
	return fmt.Sprintf("%s %s (%s–%s)", short(s.Median), unit, short(s.Min), short(s.Max))
}

// short keeps three significant digits.
func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
