package config

import (
	"fmt"
	"path/filepath"
)

// Exposure is what is wrong with a file or folder.
type Exposure int

// The exposures.
const (
	OthersOwn     Exposure = iota + 1 // it belongs to another user
	OthersWrite                       // others may write it
	OwnerReplaces                     // another user, who owns it, may replace what is in it
	OthersReplace                     // others may replace what is in it
)

// Exposed says that somebody else could have written a file or folder that decides what this
// program runs, whom it asks or which keys it uses. Nothing of it is run.
type Exposed struct {
	Path string
	What Exposure
	// User is the number of the other user; 0 where anybody may.
	User uint32
}

// Error names the path and the reason.
func (e *Exposed) Error() string {
	why := map[Exposure]string{
		OthersOwn:     fmt.Sprintf("it belongs to another user (%d)", e.User),
		OthersWrite:   "others may write it",
		OwnerReplaces: fmt.Sprintf("another user (%d) may replace what is in it", e.User),
		OthersReplace: "others may replace what is in it",
	}[e.What]
	return fmt.Sprintf("%s is not safe to use: %s", e.Path, why)
}

// CheckOwned looks at the home, the configuration and what decides about money: only their owner
// may write them, and he is the one who runs this program, or root. Nobody else may write a folder
// above them, which could be swapped; in one where everybody may write and only remove what is his
// own, such as /tmp, this cannot happen. A file that is not there is fine.
func (c *Config) CheckOwned() error {
	for _, path := range []string{c.Home, filepath.Dir(c.File)} {
		if err := ownedAbove(path); err != nil {
			return err
		}
	}
	for _, path := range []string{c.Home, filepath.Dir(c.File), c.File, c.KeychainFile(), c.NetworkPath(), c.LabelsFile(), c.JournalFile()} {
		if err := owned(path); err != nil {
			return err
		}
	}
	return nil
}
