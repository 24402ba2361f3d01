package resolver

import (
	"bytes"
	"context"
	"fmt"

	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/storage"
)

// Place is where zone files are kept by their hash, as <hash>.txt.
type Place interface {
	storage.Getter
	storage.Putter
}

// Cache keeps zone files by their hash. It may be deleted at any time, and what it holds is checked
// when it is read, so nothing depends on it being right.
type Cache struct{ In Place }

// get gives the zone file with this hash when the cache has it unharmed.
func (c *Cache) get(ctx context.Context, h names.ZoneFileHash) ([]byte, bool) {
	have, err := storage.Read(ctx, c.In, fileName(h), zonefile.MaxSize)
	if err != nil || checkZoneFile(have.Data, h) != nil {
		return nil, false
	}
	return have.Data, true
}

// Put keeps a zone file under its hash.
func (c *Cache) Put(ctx context.Context, text []byte) error {
	h := names.HashZoneFile(text)
	err := checkZoneFile(text, h)
	if err == nil {
		_, err = storage.Write(ctx, c.In, fileName(h), text, storage.Condition{})
	}
	if err != nil {
		return fmt.Errorf("zone-file cache: %w", err)
	}
	return nil
}

// PublishZoneFile puts a zone file at a place as <hash>.txt, which a web server or another reader's
// --zonefiles can then serve, and reads it back. It gives the name there. A file that is already
// right is left alone; another one under this name is damaged, and replaced.
func PublishZoneFile(ctx context.Context, in Place, text []byte) (string, error) {
	h := names.HashZoneFile(text)
	if err := checkZoneFile(text, h); err != nil {
		return "", fmt.Errorf("publish zone file: %w", err)
	}
	name := fileName(h)
	if have, err := storage.Read(ctx, in, name, zonefile.MaxSize); err == nil && bytes.Equal(have.Data, text) {
		return name, nil
	}
	if _, err := storage.Write(ctx, in, name, text, storage.Condition{}); err != nil {
		return "", fmt.Errorf("publish zone file: %w", err)
	}
	back, err := storage.Read(ctx, in, name, zonefile.MaxSize)
	if err == nil {
		err = checkZoneFile(back.Data, h)
	}
	if err != nil {
		return "", fmt.Errorf("publish zone file: read back %s: %w", name, err)
	}
	return name, nil
}
