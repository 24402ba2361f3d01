package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"blockstack/profile"
	"blockstack/storage"
)

// Published says what publishing did.
type Published struct {
	Place     string
	Path      string
	Size      int
	Unchanged bool            // the very same file was already there
	Replaced  bool            // another file was there
	Guarded   bool            // the place let nobody else write meanwhile; else it was compared just before and after
	Report    *profile.Report // the judgement about what the place gives back
}

// EditConflict says that the owner has published something else than what the new profile was made
// from, on another machine for instance. It stays at the place.
type EditConflict struct {
	Place, Path string
	Theirs      *profile.Token
	File        []byte // as it is at the place
}

// Error says where.
func (e *EditConflict) Error() string {
	return fmt.Sprintf("%s, %s: the profile there was changed since it was read for this edit", e.Place, e.Path)
}

// Publish puts a token file at a path of a place. The token must be valid for the owner that v
// knows. Of the owner's own profiles only the one that the new one was made from is replaced, which
// from recognizes (nil: none was read); anything else of the owner's is an *EditConflict, and a
// profile that was issued later is not overwritten (ErrNewer). Afterwards the file is read back,
// compared and verified. Running it again is harmless.
func Publish(ctx context.Context, where Place, path string, t *profile.Token, v *profile.Verifier, from func(*profile.Token) bool) (*Published, error) {
	p := &publication{where: where, path: path, t: t, v: v, from: from, data: t.File()}
	done, err := p.run(ctx)
	if conflict := (*EditConflict)(nil); err != nil && !errors.As(err, &conflict) {
		return nil, fmt.Errorf("publish to %s, %s: %w", where, path, err)
	}
	return done, err
}

// publication is one run of Publish.
type publication struct {
	where Place
	path  string
	t     *profile.Token
	v     *profile.Verifier
	from  func(*profile.Token) bool
	data  []byte
}

func (p *publication) run(ctx context.Context) (*Published, error) {
	report, err := p.v.VerifyBytes(ctx, p.data)
	if err != nil {
		return nil, err
	}
	if err := report.Err(); err != nil {
		return nil, err
	}
	done := &Published{Place: p.where.String(), Path: p.path, Size: len(p.data)}
	old, err := read(ctx, p.where, p.path)
	switch {
	case errors.Is(err, storage.ErrNotFound):
	case err != nil:
		return nil, fmt.Errorf("read what is there: %w", err)
	case bytes.Equal(old.Data, p.data):
		done.Unchanged = true
	default:
		done.Replaced = true
		if err := p.mayReplace(ctx, old.Data); err != nil {
			return nil, err
		}
	}
	done.Guarded = p.where.Keeps(over(old.Version))
	if !done.Unchanged {
		_, err := storage.Write(ctx, p.where, p.path, p.data, over(old.Version))
		if errors.Is(err, storage.ErrChanged) {
			return nil, p.conflict(ctx, err)
		}
		if err != nil {
			return nil, err
		}
	}
	done.Report, err = p.readBack(ctx)
	return done, err
}

// conflict says by what is at the place now why a write was refused.
func (p *publication) conflict(ctx context.Context, cause error) error {
	now, err := read(ctx, p.where, p.path)
	if err != nil {
		return errors.Join(cause, err)
	}
	if err := p.mayReplace(ctx, now.Data); err != nil {
		return err
	}
	return cause
}

// theirs gives the owner's profile that a file at the place is; nil: it is not one, so that it may
// be replaced.
func (p *publication) theirs(ctx context.Context, file []byte) (*profile.Token, error) {
	report, err := p.v.VerifyBytes(ctx, file)
	if err != nil {
		return nil, err
	}
	if !report.Valid && report.Reason != profile.Expired && report.Reason != profile.NotYetValid {
		return nil, nil
	}
	return report.Token(), nil
}

// mayReplace refuses to replace a profile of the owner that was not read for this one, or that was
// issued later.
func (p *publication) mayReplace(ctx context.Context, file []byte) error {
	theirs, err := p.theirs(ctx, file)
	switch {
	case err != nil || theirs == nil:
		return err
	case theirs.String() == p.t.String(): // in another file
		return nil
	case p.from == nil || !p.from(theirs):
		return &EditConflict{Place: p.where.String(), Path: p.path, Theirs: theirs, File: file}
	}
	there, known := theirs.IssuedAt()
	mine, _ := p.t.IssuedAt()
	if known && there.After(mine) {
		return fmt.Errorf("%w: issued at %s", ErrNewer, there.Format("2006-01-02 15:04:05Z07:00"))
	}
	return nil
}

// readBack reads what the place gives now. Another profile of the owner is one that was written at
// the same time.
func (p *publication) readBack(ctx context.Context) (*profile.Report, error) {
	back, err := read(ctx, p.where, p.path)
	if err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	if !bytes.Equal(back.Data, p.data) {
		theirs, err := p.theirs(ctx, back.Data)
		if err == nil && theirs != nil && theirs.String() != p.t.String() && (p.from == nil || !p.from(theirs)) {
			return nil, &EditConflict{Place: p.where.String(), Path: p.path, Theirs: theirs, File: back.Data}
		}
		return nil, errors.Join(ErrReadBack, err)
	}
	report, err := p.v.VerifyBytes(ctx, back.Data)
	if err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	if err := report.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReadBack, err)
	}
	return report, nil
}
