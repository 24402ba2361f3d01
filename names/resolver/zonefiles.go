package resolver

import (
	"context"
	"fmt"

	"blockstack/names"
	"blockstack/names/zonefile"
)

// ZoneFiles gives the zone file that hashes to h, and where it came from. An error wraps
// ErrNoZoneFile when no source has it, and ErrUnreachable in addition when that may change.
type ZoneFiles interface {
	ZoneFile(ctx context.Context, h names.ZoneFileHash) (text []byte, source string, err error)
}

// Sources asks the cache and then each source in turn, checks the bytes against the hash, and keeps
// in the cache what it got.
type Sources struct {
	Cache *Cache   // nil: none
	From  []Source // asked in order
	// Warn is told what went wrong without making the answer wrong, for instance a cache that
	// cannot be written; nil: nobody is told.
	Warn func(error)
}

// ZoneFile asks until a source has it.
func (s *Sources) ZoneFile(ctx context.Context, h names.ZoneFileHash) ([]byte, string, error) {
	if s.Cache != nil {
		if text, found := s.Cache.get(ctx, h); found {
			return text, "cache", nil
		}
	}
	missing := &NoZoneFileError{Hash: h}
	for _, from := range s.From {
		text, err := from.Get(ctx, h)
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		if err == nil {
			err = checkZoneFile(text, h)
		}
		if err != nil {
			missing.Tried = append(missing.Tried, Attempt{Source: from.String(), Err: err})
			continue
		}
		if s.Cache != nil {
			if err := s.Cache.Put(ctx, text); err != nil && s.Warn != nil {
				s.Warn(err)
			}
		}
		return text, from.String(), nil
	}
	return nil, "", missing
}

func checkZoneFile(text []byte, h names.ZoneFileHash) error {
	if len(text) > zonefile.MaxSize {
		return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, zonefile.MaxSize)
	}
	if got := names.HashZoneFile(text); got != h {
		return fmt.Errorf("%w: they hash to %s", ErrMismatch, got)
	}
	return nil
}
