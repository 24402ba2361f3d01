package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"blockstack/storage"
	"blockstack/txbuilder/registrar/job"
)

// maxOtherCopies bounds how many files of a folder are looked at.
const maxOtherCopies = 100_000

// OtherCopies lists the copies at a place that this journal, as it is, has not written: those of
// another machine, of a journal that was lost, and of what this one was before an older state of it
// was brought back. A place that is not there has none.
func (b *File) OtherCopies(ctx context.Context, in Place) (names []string, err error) {
	id, err := b.name(false)
	if err != nil {
		return nil, err
	}
	jobs, err := b.signed(ctx)
	if err != nil {
		return nil, err
	}
	marks := make(map[string]copyMark, len(jobs))
	for _, j := range jobs {
		if marks[copyName(id, j.id)], err = b.mark(j.id); err != nil {
			return nil, err
		}
	}
	n := 0
	err = in.List(ctx, storage.Listing{Shallow: true}, func(f storage.Info) error {
		if filepath.Ext(f.Name) != copyFiles {
			return nil
		}
		if n++; n > maxOtherCopies {
			return fmt.Errorf("more than %d copies in %s", maxOtherCopies, in)
		}
		if mark, ours := marks[f.Name]; ours {
			raw, err := storage.Read(ctx, in, f.Name, maxCopyBytes)
			if err != nil {
				return err
			}
			h := sha256.Sum256(raw.Data)
			if slices.ContainsFunc(mark.Files, func(f []byte) bool { return string(f) == string(h[:]) }) {
				return nil
			}
		}
		names = append(names, f.Name)
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil // nothing is sent without it, unless the user wants that
	}
	return names, err
}

// copyName is the file of a job's copy.
func copyName(journal journalName, id job.ID) string {
	name := sha256.Sum256(fmt.Appendf(journal[:], " %s", id))
	return hex.EncodeToString(name[:16]) + copyFiles
}
