package publish

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNotFound means that a place answered and has no such file.
	ErrNotFound = errors.New("no such file")
	// ErrConflict means that the file at a place is not the one that the writer has seen.
	ErrConflict = errors.New("the file was changed by somebody else meanwhile")
	// ErrBadPath means that a path cannot be used at a place.
	ErrBadPath = errors.New("not a usable path")
	// ErrNewer means that the place already has a profile of this owner that was issued later.
	ErrNewer = errors.New("a newer profile is already there")
	// ErrReadBack means that a place does not give back what was written to it.
	ErrReadBack = errors.New("storage does not give back what was written")
)

// MaxSize bounds files at places, in bytes. Profiles are much smaller, histories grow.
const MaxSize = 16 << 20

// File is a file at a place.
type File struct {
	Data    []byte
	Version string // changes with the content; an ETag, for instance
}

// Condition says what a writer has seen, so that a place refuses the write with ErrConflict when that is no longer so.
type Condition struct {
	Version string // of the file that is to be replaced; empty: there must be none yet
}

// Place is somewhere files of one owner can be stored and read by others.
type Place interface {
	// Read gives a file of at most MaxSize bytes. Errors wrap ErrNotFound when there is none.
	Read(ctx context.Context, path string) (File, error)
	// Write puts a file in place in one step: readers see the old or the new one, never a part. Errors wrap ErrConflict when the
	// condition does not hold.
	Write(ctx context.Context, path string, data []byte, c Condition) error
	// Guards says whether Write keeps its condition against others who write at the same moment, over the version that was read.
	Guards(version string) bool
	// String names the place to people.
	String() string
}

// checkPath lets through relative paths of plain segments: profile.json, 0/profile.json.
//
//	path    = segment *( "/" segment )
//	segment = 1*64char, not beginning with a dot
//	char    = letter / digit / "-" / "_" / "."
func checkPath(path string) error {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || len(segment) > 64 || segment[0] == '.' || strings.Trim(segment, pathChars) != "" {
			return fmt.Errorf("%w: %q", ErrBadPath, path)
		}
	}
	return nil
}

const pathChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
