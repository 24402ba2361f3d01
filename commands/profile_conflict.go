package commands

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/profile/publish"
	"blockstack/storage/textfile"
)

// noteUnguarded says before anything is written that a place cannot refuse a write over another one's.
func (o placeOptions) noteUnguarded(out *voice.Printer) {
	if config.IsURL(o.To) {
		out.Note("not guarded: a server that takes PUT keeps no condition, so the profile is compared just before and after it is written")
	}
}

// keepIn keeps sides of conflicts as files of a folder.
func keepIn(dir string) publish.Keep {
	return func(_ context.Context, name string, file []byte) (string, error) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		path := filepath.Join(dir, name)
		return path, textfile.Replace(path, file, 0o600)
	}
}

// explainConflict names both sides of a conflict, and what to do about it.
func explainConflict(c *publish.Conflict, f *fault.Fault) {
	f.Details = map[string]any{"mine": c.Mine, "theirs": c.Theirs, "place": c.At.Place, "path": c.At.Path}
	if len(c.Clashes) > 0 {
		f.Details["clashes"] = c.Clashes
		f.Hint("both sides changed %s: take over what you want of yours, then edit what is there now", strings.Join(c.Clashes, ", ")).
			Hint("blockstack profile diff %s %s", c.Theirs, c.Mine)
		return
	}
	f.Hint("see what differs: blockstack profile diff %s %s", c.Theirs, c.Mine).
		Hint("the same command with --merge puts both changes together; profile publish has --replace, too")
}
