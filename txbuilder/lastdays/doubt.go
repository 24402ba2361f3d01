package lastdays

import (
	"errors"
	"time"
)

// Why is the reason of a doubt. The values are stored, and shown to programs.
type Why string

// The reasons; the head of the package explains them.
const (
	Words        Why = "words"
	Backup       Why = "backup"
	WatchOnly    Why = "watch_only"
	JournalLost  Why = "journal_lost"
	JournalOlder Why = "journal_older"
	RecordLost   Why = "record_lost"
)

// Text says it in words.
func (w Why) Text() string {
	switch w {
	case Words:
		return "the seed of this home was typed in"
	case Backup:
		return "this home was brought back from a backup"
	case WatchOnly:
		return "this watch-only home was made anew"
	case JournalLost:
		return "the journal of this home was lost"
	case JournalOlder:
		return "an older journal was brought back into this home"
	case RecordLost:
		return "the record of this home's last days was lost"
	}
	return ""
}

// forgets says whether more than the journal may be gone: what was paid for which request, too.
func (w Why) forgets() bool { return w != "" && w != JournalLost }

// Doubt says that a home may have forgotten what it sent.
type Doubt struct {
	Why Why `json:"why"`
	// Since is the height of the chain when the doubt was first looked at; 0: not yet.
	Since int32 `json:"since,omitempty"`
	// At is when it began.
	At time.Time `json:"at"`
}

// ErrBad says that a record cannot be read.
var ErrBad = errors.New("the record of the last days is damaged")
