package profiles

import (
	"context"
	"os"
	"path/filepath"

	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/profile/publish"
	"blockstack/storage/textfile"
)

// noteUnguarded says before anything is written that a place cannot refuse a write over another
// one's.
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
