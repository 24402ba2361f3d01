package lastdays

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"blockstack/storage/local"
)

// File is the name of a record, in the folder of a network.
const File = "last-days.json"

const (
	recordSchema = "blockstack/last-days/v1"
	maxRecord    = 4096
)

// Journal says of itself what an older state of it cannot say.
type Journal interface {
	// Age is the number that the journal was given when it was made, all zero before the first
	// write, and how often it was written.
	Age() (made [16]byte, writes uint64, err error)
}

// record is the content of the file.
type record struct {
	Schema  string `json:"schema"`
	Journal string `json:"journal,omitempty"`
	Writes  uint64 `json:"writes,omitempty"`
	Doubt   *Doubt `json:"doubt,omitempty"`
	// Restored is when older knowledge took the place of newer; zero: never.
	Restored time.Time `json:"restored,omitzero"`
}

// Record is the record of one network's home. One process at a time has its journal open, and only
// who has it open writes the record.
type Record struct {
	path    string
	journal Journal
	now     func() time.Time
	noted   record // what is in the file, as far as this process wrote it
}

// Open takes the record in a folder for the journal that is open, and compares the two. A journal
// that is not what it was is doubted from now on.
func Open(dir string, journal Journal) (*Record, error) {
	r := &Record{path: filepath.Join(dir, File), journal: journal, now: time.Now}
	return r, r.compare()
}

// compare holds the journal to the record.
func (r *Record) compare() error {
	made, writes, err := r.journal.Age()
	if err != nil {
		return err
	}
	has := hex.EncodeToString(made[:])
	old, err := read(r.path)
	var why Why
	switch {
	case errors.Is(err, fs.ErrNotExist) && made == [16]byte{} && !wasMade(filepath.Dir(r.path)):
		return r.write(record{}) // of an earlier version of the program
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrBad):
		why = RecordLost
	case err != nil:
		return fmt.Errorf("last days: %w", err)
	case old.Journal == "":
	case old.Journal != has:
		why = JournalLost
	case writes < old.Writes:
		why = JournalOlder
	}
	r.noted = old
	if why == "" {
		return nil
	}
	next := record{Doubt: &Doubt{Why: why, At: r.now().UTC()}, Restored: old.Restored}
	if why.forgets() {
		next.Restored = next.Doubt.At
	}
	if made != [16]byte{} {
		next.Journal, next.Writes = has, writes
	}
	return r.write(next)
}

// Note says that something is about to be sent with the journal as it is. It returns when that is
// on disk.
func (r *Record) Note(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	made, writes, err := r.journal.Age()
	if err != nil {
		return err
	}
	next := r.noted
	next.Journal, next.Writes = hex.EncodeToString(made[:]), writes
	if next == r.noted {
		return nil
	}
	return r.write(next)
}

// Doubt is why this home cannot know its last days, at a height of the chain; nil: it can.
func (r *Record) Doubt(_ context.Context, tip int32) (*Doubt, error) {
	d := r.noted.Doubt
	if d == nil || d.Since > 0 {
		return d, nil
	}
	return r.Again(tip)
}

// Again lets the doubt begin at a height of the chain.
func (r *Record) Again(tip int32) (*Doubt, error) {
	d := *r.noted.Doubt
	d.Since = max(tip, 1)
	next := r.noted
	next.Doubt = &d
	if err := r.write(next); err != nil {
		return nil, err
	}
	return &d, nil
}

// Settle ends the doubt: what was forgotten was read from a newer copy.
func (r *Record) Settle() error {
	if r.noted.Doubt == nil {
		return nil
	}
	next := r.noted
	next.Doubt = nil
	return r.write(next)
}

// write replaces the file and remembers what is in it.
func (r *Record) write(next record) error {
	if err := write(r.path, next); err != nil {
		return err
	}
	r.noted = next
	return nil
}

// Begin makes the record of a network's home that is about to be made, in its folder. An empty
// reason is that of a home which makes its seed itself. A record that is there already stays: it
// knows more.
func Begin(dir string, why Why) error {
	path := filepath.Join(dir, File)
	switch old, err := read(path); {
	case err == nil && (old.Doubt != nil || old.Journal != ""):
		if why.forgets() {
			return BringBack(dir)
		}
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil // one that cannot be read is doubted when the journal is opened
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("last days: %w", err)
	}
	var next record
	if why != "" {
		next.Doubt = &Doubt{Why: why, At: time.Now().UTC()}
	}
	if why.forgets() {
		next.Restored = next.Doubt.At
	}
	return write(path, next)
}

// BringBack notes that an older state of a network's home is about to be put into its folder. What
// else the record says stays.
func BringBack(dir string) error {
	path := filepath.Join(dir, File)
	old, err := read(path)
	switch {
	case errors.Is(err, ErrBad):
		return nil // Restored says so, and the journal's next opening
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("last days: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("last days: %w", err)
	}
	old.Restored = time.Now().UTC()
	return write(path, old)
}

// Restored is when older knowledge last took the place of newer in a network's home. is is false
// when that never happened. A record that cannot be read may have said so at any time.
func Restored(dir string) (at time.Time, is bool, err error) {
	old, err := read(filepath.Join(dir, File))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return at, false, nil
	case errors.Is(err, ErrBad):
		return time.Now().UTC(), true, nil
	}
	return old.Restored, !old.Restored.IsZero(), err
}

// Has says whether there is a record in a folder.
func Has(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, File))
	return err == nil
}

// Look reads the doubt of a network's home without its journal; nil: there is none on record.
func Look(dir string) (*Doubt, error) {
	old, err := read(filepath.Join(dir, File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return old.Doubt, err
}

// read reads a record.
func read(path string) (record, error) {
	raw, err := readFile(path)
	if err != nil {
		return record{}, err
	}
	return parse(raw)
}

// parse reads the bytes of a record.
func parse(raw []byte) (r record, err error) {
	if err := decode(raw, &r); err != nil {
		return record{}, err
	}
	number, err := hex.DecodeString(r.Journal)
	switch {
	case r.Schema != recordSchema:
		return record{}, fmt.Errorf("%w: schema %.40q", ErrBad, r.Schema)
	case err != nil || len(number) != 0 && len(number) != 16:
		return record{}, fmt.Errorf("%w: number of the journal", ErrBad)
	case r.Doubt != nil && (r.Doubt.Why.Text() == "" || r.Doubt.Since < 0):
		return record{}, fmt.Errorf("%w: doubt", ErrBad)
	}
	return r, nil
}

// write replaces a record.
func write(path string, r record) error {
	r.Schema = recordSchema
	return writeFile(path, r)
}

// readFile reads a small file.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxRecord+1))
}

// decode reads one JSON value and nothing else.
func decode(raw []byte, into any) error {
	if len(raw) > maxRecord {
		return fmt.Errorf("%w: more than %d bytes", ErrBad, maxRecord)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", ErrBad, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more than one value", ErrBad)
	}
	return nil
}

// writeFile writes JSON in one step, and waits for the disk.
func writeFile(path string, content any) error {
	raw, err := json.Marshal(content)
	if err == nil {
		err = local.WriteFile(path, append(raw, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("last days: %w", err)
	}
	return nil
}
