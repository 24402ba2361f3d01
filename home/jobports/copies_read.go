package jobports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"blockstack/storage/local"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
)

// maxCopies bounds how many copies are read.
const maxCopies = 100_000

// NoCopies says that a folder has no copies of jobs.
type NoCopies struct{ Dir string }

// Error names the folder.
func (e *NoCopies) Error() string { return "there are no copies of jobs in " + e.Dir }

// TooManyCopies says that there are more copies than are read.
type TooManyCopies struct{ Have, Most int }

// Error says how many.
func (e *TooManyCopies) Error() string {
	return fmt.Sprintf("%d copies are more than %d", e.Have, e.Most)
}

// FindCopies lists the copies in folders, and files that are named themselves.
func FindCopies(ctx context.Context, places []string) (files []string, err error) {
	for _, place := range places {
		st, err := os.Stat(place)
		if err != nil {
			return nil, fmt.Errorf("copies: %w", err)
		}
		if !st.IsDir() {
			files = append(files, place)
			continue
		}
		found, err := filepath.Glob(filepath.Join(local.EscapeGlob(place), "*.job"))
		if err != nil {
			return nil, fmt.Errorf("copies in %s: %w", place, err)
		}
		if len(found) == 0 {
			return nil, &NoCopies{Dir: place}
		}
		files = append(files, found...)
	}
	if len(files) > maxCopies {
		return nil, &TooManyCopies{Have: len(files), Most: maxCopies}
	}
	return files, ctx.Err()
}

// ReadCopies opens copies of jobs, oldest job first. One that cannot be read is left out, which
// leftOut is told, unless none can.
func ReadCopies(ctx context.Context, w *wallet.Wallet, network string, files []string, leftOut func(file string, err error)) ([]*registrar.Job, error) {
	return readEach(ctx, files, leftOut, func(file string) (*registrar.Job, error) { return ReadCopy(w, network, file) })
}

// readEach reads files one by one.
func readEach(ctx context.Context, files []string, leftOut func(string, error), read func(string) (*registrar.Job, error)) (jobs []*registrar.Job, err error) {
	var bad error
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		j, err := read(file)
		if err != nil {
			bad = errors.Join(bad, fmt.Errorf("%s: %w", file, err))
			leftOut(file, err)
			continue
		}
		jobs = append(jobs, j)
	}
	if len(jobs) == 0 {
		return nil, bad
	}
	slices.SortStableFunc(jobs, func(a, b *registrar.Job) int { return a.Created.Compare(b.Created) })
	return jobs, nil
}
