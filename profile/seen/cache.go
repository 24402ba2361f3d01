package seen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"blockstack/profile"
)

// Cache keeps token files by their hash, and which one a URL gave last. It may be deleted at any time: what it holds is verified again
// by whoever uses it.
//
//	<dir>/<sha-256 of the token file>.json        the token file
//	<dir>/<sha-256 of the URL>.url                hash SP time LF URL LF
type Cache struct{ Dir string }

// Copy is what a URL once gave.
type Copy struct {
	Raw       []byte
	FetchedAt time.Time
}

// Put keeps what a URL gave at a time.
func (c *Cache) Put(url string, raw []byte, at time.Time) error {
	if len(raw) > profile.MaxSize {
		return fmt.Errorf("profile cache: larger than %d bytes", profile.MaxSize)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("profile cache: %w", err)
	}
	name := hash(raw)
	if have, err := readFile(c.path(name, ".json")); err != nil || !bytes.Equal(have, raw) {
		if err := replace(c.path(name, ".json"), raw); err != nil {
			return fmt.Errorf("profile cache: %w", err)
		}
	}
	pointer := fmt.Sprintf("%s %s\n%s\n", name, at.UTC().Format(time.RFC3339Nano), url)
	if err := replace(c.path(hash([]byte(url)), ".url"), []byte(pointer)); err != nil {
		return fmt.Errorf("profile cache: %w", err)
	}
	return nil
}

// Get gives what a URL gave last, when the cache has it unharmed.
func (c *Cache) Get(url string) (Copy, bool) {
	pointer, err := readFile(c.path(hash([]byte(url)), ".url"))
	if err != nil {
		return Copy{}, false
	}
	first, rest, _ := strings.Cut(string(pointer), "\n")
	name, when, _ := strings.Cut(first, " ")
	at, err := time.Parse(time.RFC3339Nano, when)
	if err != nil || rest != url+"\n" || len(name) != 2*sha256.Size || strings.Trim(name, "0123456789abcdef") != "" {
		return Copy{}, false
	}
	raw, err := readFile(c.path(name, ".json"))
	if err != nil || hash(raw) != name {
		return Copy{}, false
	}
	return Copy{Raw: raw, FetchedAt: at}, true
}

func (c *Cache) path(name, ext string) string { return filepath.Join(c.Dir, name+ext) }

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// readFile reads at most a byte more than a token file may have.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, profile.MaxSize+1))
}

// replace puts a file in place in one step. A cache need not outlive a power failure, and a torn file fails its hash.
func replace(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if closing := tmp.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
