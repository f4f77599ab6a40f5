package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// Sample is a replay with a known end.
type Sample struct {
	Name        string
	Input       Input
	Spec        Spec
	Expectation Expectation
}

// sampleSpeed and sampleTimeout are those of every sample: fast, and far longer than
// any of them takes.
const (
	sampleSpeed   = 100
	sampleTimeout = 2 * time.Minute
)

// ReadSamples reads every NAME.json of folder with its NAME.cloud.yaml (else
// cloud.yaml) and NAME.expect.json. A sample without an expectation is an error: it
// would prove nothing.
func ReadSamples(folder fs.FS) ([]Sample, error) {
	files, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, fmt.Errorf("listing the samples: %w", err)
	}
	var samples []Sample
	var faults []error
	for _, file := range files {
		if strings.HasSuffix(file, ".expect.json") {
			continue
		}
		sample, err := readSample(folder, strings.TrimSuffix(file, ".json"))
		if err != nil {
			faults = append(faults, fmt.Errorf("sample %s: %w", file, err))
		}
		samples = append(samples, sample)
	}
	return samples, errors.Join(faults...)
}

func readSample(folder fs.FS, name string) (Sample, error) {
	event, err := fs.ReadFile(folder, name+".json")
	if err != nil {
		return Sample{}, err
	}
	cloud, err := fs.ReadFile(folder, name+".cloud.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		cloud, err = fs.ReadFile(folder, "cloud.yaml")
	}
	if err != nil {
		return Sample{}, err
	}
	spec, err := ReadSpec(cloud)
	if err != nil {
		return Sample{}, err
	}
	expected, err := fs.ReadFile(folder, name+".expect.json")
	if err != nil {
		return Sample{}, err
	}
	expectation, err := ReadExpectation(expected)
	return Sample{Name: name, Input: NewInput(name, event), Spec: spec, Expectation: expectation}, err
}

// Run replays the sample on a cloud of its own and names every difference from what
// it should have come to, and every fault of its spec that never struck.
func (s Sample) Run(ctx context.Context, binary string) (Document, []string) {
	var races texts
	cloud, err := Start(s.Spec, Options{Speed: sampleSpeed, Binary: binary, Watch: Watch{Output: func(_, _, line string) {
		if strings.Contains(line, "DATA RACE") {
			races.add(line)
		}
	}}})
	if err != nil {
		return Document{}, []string{err.Error()}
	}
	defer cloud.Close()
	document, err := cloud.Replay(ctx, []Input{s.Input}, sampleTimeout, nil)
	if err != nil {
		return document, []string{err.Error()}
	}
	differences := append(s.Expectation.Compare(document), races.all()...)
	for _, fault := range cloud.Faults.Remaining() {
		differences = append(differences, fmt.Sprintf("the fault on %s never struck", fault.Action))
	}
	return document, differences
}

// parallelSamples is how many clouds run at once.
const parallelSamples = 4

// Check runs the samples, several at once, and prints each as soon as it and all
// before it have ended. It gives the number of those that failed.
func (t *Terminal) Check(ctx context.Context, samples []Sample, binary string) (failed int) {
	results := make([]chan sampleResult, len(samples))
	slots := make(chan struct{}, parallelSamples)
	for i, sample := range samples {
		results[i] = make(chan sampleResult, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			document, differences := sample.Run(ctx, binary)
			results[i] <- sampleResult{document, differences}
		}()
	}
	for i, sample := range samples {
		result := <-results[i]
		t.sample(sample.Name, result)
		if len(result.differences) > 0 {
			failed++
		}
	}
	fmt.Fprintf(t.Out, "%d passed, %d failed\n", len(samples)-failed, failed)
	return failed
}

type sampleResult struct {
	document    Document
	differences []string
}

func (t *Terminal) sample(name string, r sampleResult) {
	verdict := t.paint(green, "ok  ")
	if len(r.differences) > 0 {
		verdict = t.paint(red, "FAIL")
	}
	fmt.Fprintf(t.Out, "%s  %-34s %s  %s\n", verdict, name, t.paint(grey, fmt.Sprintf("%5.2f s", r.document.Took.Seconds())), r.document.tally())
	for _, difference := range r.differences {
		fmt.Fprintf(t.Out, "        %s\n", difference)
	}
}

// tally says in a phrase what a replay came to: its outcomes and attachments.
func (d Document) tally() string {
	var parts []string
	for _, fields := range flattened(d.Outcomes) {
		part, _ := fields["status"].(string)
		if code, _ := fields["code"].(string); code != "" {
			part += " " + code
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		parts = []string{"no outcome"}
	}
	if len(parts) > 3 {
		parts = append(parts[:3], fmt.Sprintf("… %d more", len(parts)-3))
	}
	if len(d.Attachments) > 0 {
		parts = append(parts, fmt.Sprintf("→ %d %s", len(d.Attachments), d.Attachments[0].Status))
	}
	return strings.Join(parts, ", ")
}
