package seen

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"blockstack/profile"
	"blockstack/storage"
)

// Cache keeps token files by their hash, and which one a URL gave last. It may be deleted at any
// time: what it holds is verified again by whoever uses it.
//
//	<sha-256 of the token file>.json        the token file
//	<sha-256 of the URL>.url                hash SP time LF URL LF
type Cache struct {
	In interface {
		storage.Getter
		storage.Putter
	}
}

// Copy is what a URL once gave.
type Copy struct {
	Raw       []byte
	FetchedAt time.Time
}

// Put keeps what a URL gave at a time.
func (c *Cache) Put(ctx context.Context, url string, raw []byte, at time.Time) error {
	if len(raw) > profile.MaxSize {
		return fmt.Errorf("profile cache: larger than %d bytes", profile.MaxSize)
	}
	name := hash(raw)
	if have, err := c.read(ctx, name+".json"); err != nil || !bytes.Equal(have, raw) {
		if err := c.write(ctx, name+".json", raw); err != nil {
			return err
		}
	}
	return c.write(ctx, hash([]byte(url))+".url", fmt.Appendf(nil, "%s %s\n%s\n", name, at.UTC().Format(time.RFC3339Nano), url))
}

// Get gives what a URL gave last, when the cache has it unharmed.
func (c *Cache) Get(ctx context.Context, url string) (Copy, bool) {
	pointer, err := c.read(ctx, hash([]byte(url))+".url")
	if err != nil {
		return Copy{}, false
	}
	first, rest, _ := strings.Cut(string(pointer), "\n")
	name, when, _ := strings.Cut(first, " ")
	at, err := time.Parse(time.RFC3339Nano, when)
	if err != nil || rest != url+"\n" || len(name) != 2*sha256.Size || strings.Trim(name, "0123456789abcdef") != "" {
		return Copy{}, false
	}
	raw, err := c.read(ctx, name+".json")
	if err != nil || hash(raw) != name {
		return Copy{}, false
	}
	return Copy{Raw: raw, FetchedAt: at}, true
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (c *Cache) read(ctx context.Context, name string) ([]byte, error) {
	f, err := storage.Read(ctx, c.In, name, profile.MaxSize)
	return f.Data, err
}

func (c *Cache) write(ctx context.Context, name string, b []byte) error {
	if _, err := storage.Write(ctx, c.In, name, b, storage.Condition{}); err != nil {
		return fmt.Errorf("profile cache: %w", err)
	}
	return nil
}
