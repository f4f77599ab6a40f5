package plan

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Journal keeps the pages that were read, so that a reading that is interrupted goes on where it was. A nil Journal
// keeps nothing. It holds what a cloud file holds, and no key.
type Journal struct {
	path  string
	pages map[string]json.RawMessage
	out   *os.File
}

// entry is a line of a journal.
type entry struct {
	Key  string          `json:"key"`
	Page json.RawMessage `json:"page"`
}

// maxAge is how old the pages of an interrupted reading may be: an estate changes.
const maxAge = time.Hour

// maxLine is far above what a page comes to.
const maxLine = 16 << 20

// OpenJournal opens the journal at path, with the pages of a reading that was interrupted there a short while ago.
func OpenJournal(path string) (*Journal, error) {
	j := &Journal{path: path, pages: map[string]json.RawMessage{}}
	if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > maxAge {
		_ = os.Remove(path) // what cannot be removed is opened below, and said there
	}
	if err := j.read(); err != nil {
		return nil, err
	}
	out, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the journal of the reading: %w", err)
	}
	j.out = out
	return j, nil
}

func (j *Journal) read() error {
	file, err := os.Open(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var one entry
		if json.Unmarshal(lines.Bytes(), &one) == nil { // the last line may be cut off
			j.pages[one.Key] = one.Page
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	return nil
}

// find gives a page that was read before.
func (j *Journal) find(key string, page any) bool {
	if j == nil || j.pages[key] == nil {
		return false
	}
	return json.Unmarshal(j.pages[key], page) == nil
}

// add writes a page down.
func (j *Journal) add(key string, page any) error {
	if j == nil {
		return nil
	}
	text, err := json.Marshal(page)
	if err == nil {
		text, err = json.Marshal(entry{key, text})
	}
	if err == nil {
		_, err = j.out.Write(append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	return nil
}

// Done removes the journal of a reading that is over.
func (j *Journal) Done() error {
	if j == nil {
		return nil
	}
	if err := errors.Join(j.out.Close(), os.Remove(j.path)); err != nil {
		return fmt.Errorf("removing the journal: %w", err)
	}
	return nil
}
