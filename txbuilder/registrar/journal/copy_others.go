package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"blockstack/txbuilder/registrar/job"
)

// maxOtherCopies bounds how many files of a folder are looked at.
const maxOtherCopies = 100_000

// OtherCopies lists the copies in a folder that this journal, as it is, has not written:
// those of another machine, of a journal that was lost, and of what this one was before an
// older state of it was brought back. A folder that is not there has none.
func (b *File) OtherCopies(ctx context.Context, dir string) (paths []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // nothing is sent without it, unless the user wants that
	}
	if err != nil {
		return nil, err
	}
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
	for _, e := range entries {
		if filepath.Ext(e.Name()) != copyFiles || e.IsDir() {
			continue
		}
		if n++; n > maxOtherCopies {
			return nil, fmt.Errorf("more than %d copies in %s", maxOtherCopies, dir)
		}
		path := filepath.Join(dir, e.Name())
		if mark, ours := marks[e.Name()]; ours {
			raw, err := readBounded(path, maxCopyBytes)
			if err != nil {
				return nil, err
			}
			h := sha256.Sum256(raw)
			if slices.ContainsFunc(mark.Files, func(f []byte) bool { return string(f) == string(h[:]) }) {
				continue
			}
		}
		paths = append(paths, path)
	}
	return paths, ctx.Err()
}

// copyName is the file of a job's copy.
func copyName(journal journalName, id job.ID) string {
	name := sha256.Sum256(fmt.Appendf(journal[:], " %s", id))
	return hex.EncodeToString(name[:16]) + copyFiles
}
