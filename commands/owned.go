package commands

import (
	"fmt"
	"path/filepath"
)

// Exposed says that somebody else could have written a file or folder that decides what this program runs, whom it asks or
// which keys it uses. Nothing of it is run.
type Exposed struct {
	Path string
	// Why is what is wrong with it.
	Why string
	// Mend is the command that puts it right.
	Mend string
}

// Error names the path and the reason.
func (e *Exposed) Error() string { return fmt.Sprintf("%s is not safe to use: %s", e.Path, e.Why) }

// checkOwned looks at the home, the configuration and what decides about money: only their owner may write them, and he is
// the one who runs this program, or root. Nobody else may write a folder above them, which could be swapped; in one where
// everybody may write and only remove what is his own, such as /tmp, this cannot happen. A file that is not there is fine.
func (c *Config) checkOwned() error {
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

// exposedErrors are the rows for what others may write.
func exposedErrors() []rule {
	return []rule{onType("file_access", func(e *Exposed, f *Fault) {
		f.hint("look whether it is as you left it, then: %s", e.Mend).detail("path", e.Path)
	})}
}
