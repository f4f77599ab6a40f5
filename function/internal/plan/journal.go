package plan

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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

// KeptIn is where the journal of an account's region is kept when nobody names a file, below the user's folder for what
// can be read again. Endpoints tell another cloud from the service. Journals there that are too old are removed.
func KeptIn(cache, account, region string, endpoints ...string) (path string, err error) {
	folder := filepath.Join(cache, "vpn-attach")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("making the folder of the journal: %w", err)
	}
	old, _ := filepath.Glob(filepath.Join(folder, "plan-*.part")) // its one error is a wrong pattern
	for _, one := range old {
		if info, err := os.Stat(one); err == nil && time.Since(info.ModTime()) > maxAge {
			_ = os.Remove(one) // it is tried again the next time
		}
	}
	name := "plan-" + account + "-" + region
	if where := strings.Join(endpoints, " "); strings.TrimSpace(where) != "" {
		sum := sha256.Sum256([]byte(where))
		name += "-" + hex.EncodeToString(sum[:4])
	}
	return filepath.Join(folder, filepath.Base(name)+".part"), nil
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

// Keep ends a reading that is not over, and says where its pages are kept; "" when there are none.
func (j *Journal) Keep() (path string) {
	if j == nil {
		return ""
	}
	_ = j.out.Close() // every page was written when it was read
	if info, err := os.Stat(j.path); err == nil && info.Size() == 0 {
		_ = os.Remove(j.path)
		return ""
	}
	return j.path
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
