package lastdays

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// OriginFile is the name of the file that says where the seed of a home is from.
const OriginFile = "seed-origin.json"

const originSchema = "blockstack/seed-origin/v1"

// origin is its content.
type origin struct {
	Schema   string   `json:"schema"`
	MadeHere bool     `json:"made_here"`
	Networks []string `json:"networks"`
}

// MadeSeed notes that a home is about to make its seed itself, for its first network.
func MadeSeed(home, network string) error {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return fmt.Errorf("last days: %w", err)
	}
	return writeFile(filepath.Join(home, OriginFile), origin{originSchema, true, []string{network}})
}

// TypedSeed notes that the seed of a home is about to come from elsewhere.
func TypedSeed(home, network string) error {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return fmt.Errorf("last days: %w", err)
	}
	return writeFile(filepath.Join(home, OriginFile), origin{originSchema, false, []string{network}})
}

// AddNetwork notes that a home with a seed is about to be made for one more network, and says why
// it cannot know its last days there; empty: it can, as its seed was made here and was never used
// on that network, or nothing says otherwise.
func AddNetwork(home, network string) (Why, error) {
	path := filepath.Join(home, OriginFile)
	o, err := readOrigin(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrBad) {
		return "", fmt.Errorf("last days: %w", err)
	}
	why := Why("")
	switch {
	case errors.Is(err, fs.ErrNotExist): // of an earlier version of the program: nothing says that anything is lost
	case err != nil:
		why = RecordLost
	case slices.Contains(o.Networks, network):
		why = JournalLost
	case !o.MadeHere:
		why = Words
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if !slices.Contains(o.Networks, network) {
		o.Networks = append(o.Networks, network)
	}
	o.Schema = originSchema
	return why, writeFile(path, o)
}

// wasMade says whether the home of a network's folder was ever made for it, so that the folder must
// have a record. A file that cannot be read shows as much: homes of earlier versions have none.
func wasMade(dir string) bool {
	o, err := readOrigin(filepath.Join(filepath.Dir(dir), OriginFile))
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return slices.Contains(o.Networks, filepath.Base(dir))
}

// readOrigin reads the file.
func readOrigin(path string) (origin, error) {
	raw, err := readFile(path)
	if err != nil {
		return origin{}, err
	}
	return parseOrigin(raw)
}

// parseOrigin reads its bytes.
func parseOrigin(raw []byte) (o origin, err error) {
	if err := decode(raw, &o); err != nil {
		return origin{}, err
	}
	if o.Schema != originSchema {
		return origin{}, fmt.Errorf("%w: schema %.40q", ErrBad, o.Schema)
	}
	return o, nil
}
