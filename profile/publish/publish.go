package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"blockstack/profile"
)

// Published says what publishing did.
type Published struct {
	Place     string
	Path      string
	Size      int
	Unchanged bool            // the very same file was already there
	Replaced  bool            // another file was there
	Report    *profile.Report // the judgement about what the place gives back
}

// Publish puts a token file at a path of a place. The token must be valid for the owner that v knows; a profile of this owner that was
// issued later is not overwritten (ErrNewer). Afterwards the file is read back, compared and verified. Running it again is harmless.
func Publish(ctx context.Context, where Place, path string, t *profile.Token, v *profile.Verifier) (*Published, error) {
	at := fmt.Sprintf("publish to %s, %s", where, path)
	data := t.File()
	report, err := v.VerifyBytes(ctx, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	if err := report.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	p := &Published{Place: where.String(), Path: path, Size: len(data)}
	old, err := where.Read(ctx, path)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return nil, fmt.Errorf("%s: read what is there: %w", at, err)
	case bytes.Equal(old.Data, data):
		p.Unchanged = true
	default:
		p.Replaced = true
		if err := checkOlder(ctx, old.Data, t, v); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	if !p.Unchanged {
		if err := where.Write(ctx, path, data, Condition{Version: old.Version}); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	if p.Report, err = readBack(ctx, where, path, data, v); err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return p, nil
}

// checkOlder refuses to replace a later profile of the same owner. What is not by the owner may be replaced.
func checkOlder(ctx context.Context, old []byte, t *profile.Token, v *profile.Verifier) error {
	report, err := v.VerifyBytes(ctx, old)
	if err != nil {
		return err
	}
	if !report.Valid && report.Reason != profile.Expired && report.Reason != profile.NotYetValid {
		return nil
	}
	there, known := report.Token().IssuedAt()
	mine, _ := t.IssuedAt()
	if known && there.After(mine) {
		return fmt.Errorf("%w: issued at %s", ErrNewer, there.Format("2006-01-02 15:04:05Z07:00"))
	}
	return nil
}

func readBack(ctx context.Context, where Place, path string, data []byte, v *profile.Verifier) (*profile.Report, error) {
	back, err := where.Read(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	if !bytes.Equal(back.Data, data) {
		return nil, ErrReadBack
	}
	report, err := v.VerifyBytes(ctx, back.Data)
	if err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	if err := report.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReadBack, err)
	}
	return report, nil
}
