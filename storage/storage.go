package storage

import (
	"context"
	"io"
)

// Version tells one content of an object from another: an ETag, a revision, a hash. Empty: not
// known. A version means something only at the place that gave it.
type Version string

// Info is what a place says of an object.
type Info struct {
	Name    string
	Size    int64   // in bytes; -1: the place does not say
	Version Version // empty where the place does not say, or only a part was asked for
}

// Part is a piece of an object; the zero Part is all of it. It ends with the object where that is
// shorter.
type Part struct {
	Offset, Length int64 // a length of 0: up to the end
}

// Condition says what a writer has seen. The zero Condition is none: whatever is there is replaced.
type Condition struct {
	Absent bool    // there must be no such object; else the error is ErrExists
	Match  Version // the object must still be this one; else the error is ErrChanged
	// Compared settles for a comparison just before the write where a place cannot do better.
	// Without it such a place refuses the write with ErrNoCondition, and has changed nothing.
	Compared bool
}

// Over is the condition of a writer that has read an object of this version, or none (empty).
func Over(v Version) Condition { return Condition{Absent: v == "", Match: v} }

// None reports whether nothing is asked of what is there.
func (c Condition) None() bool { return !c.Absent && c.Match == "" }

// Getter reads objects.
type Getter interface {
	// Get gives a part of an object, and what is known of the whole. Errors wrap ErrNotFound when
	// there is none. The caller closes the reader, and bounds what it reads.
	Get(ctx context.Context, name string, part Part) (io.ReadCloser, Info, error)
}

// Putter writes objects.
type Putter interface {
	// Put puts an object in place in one step: readers see the old one or the new one. It returns
	// when the object lasts, with its version if the place says it. The body may be read several
	// times, also at once. After ErrUncertain the object may be there.
	Put(ctx context.Context, name string, body io.ReaderAt, size int64, c Condition) (Version, error)
}

// Listing says which objects are listed.
type Listing struct {
	Prefix  string // their names begin with it
	Shallow bool   // without names that have a slash behind the prefix
}

// Lister lists objects.
type Lister interface {
	// List calls each for the objects that are asked for, in any order, and ends with its first
	// error. It gives no Version where that costs a request of its own. A place that others put
	// objects into may give names that CheckName refuses; Get reads these as well.
	List(ctx context.Context, what Listing, each func(Info) error) error
}

// Deleter removes objects.
type Deleter interface {
	// Delete removes an object. Errors wrap ErrNotFound when there is none.
	Delete(ctx context.Context, name string, c Condition) error
}

// Keeper says whether a place keeps a condition against others who write at the same moment.
type Keeper interface {
	Keeps(c Condition) bool
}

// Prober says whether a place can be used now, with the reason when it cannot.
type Prober interface {
	Probe(ctx context.Context) error
}

// Publisher gives the address at which anybody reads an object.
type Publisher interface {
	PublicURL(ctx context.Context, name string) (string, error)
}
