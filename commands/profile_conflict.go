package commands

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/profile"
	"blockstack/profile/publish"
	"blockstack/storage/textfile"
	"blockstack/wallet"
)

// maxMerges bounds how often a profile that keeps changing is merged anew.
const maxMerges = 5

// noteUnguarded says before anything is written that a place cannot refuse a write over another one's.
func (o placeOptions) noteUnguarded(out *voice.Printer) {
	if config.IsURL(o.To) {
		out.Note("not guarded: a server that takes PUT keeps no condition, so the profile is compared just before and after it is written")
	}
}

// publishDraft signs an edited profile and publishes it over the one that was read. When another one has been published meanwhile, both are
// kept; with --merge both sides' changes are put together, shown, and signed anew.
func (e *Env) publishDraft(ctx context.Context, o placeOptions, d *draft) (*publishedToken, error) {
	for merges := 0; ; merges++ {
		token, err := e.signProfile(ctx, d.Old, d.New, d.Owner)
		if err != nil {
			return nil, err
		}
		done, err := e.publishToken(ctx, o, token, d.Base, d.Owner)
		var conflict *publish.EditConflict
		if !errors.As(err, &conflict) {
			return done, err
		}
		if !o.Merge || merges == maxMerges {
			return nil, e.keepBoth(d.Owner, token, conflict, nil)
		}
		theirs := conflict.Theirs.Unverified() // Publish has verified it
		merged, clashes := profile.Merge(d.Old, d.New, theirs)
		if len(clashes) > 0 {
			return nil, e.keepBoth(d.Owner, token, conflict, clashes)
		}
		e.Out.Note("%s was changed elsewhere meanwhile; both changes are put together", conflict.Path)
		d.Old, d.New, d.Base = theirs, merged, conflict.Theirs
	}
}

// publishOver goes on with a signed profile that met another one at its place.
func (e *Env) publishOver(ctx context.Context, o placeOptions, mine *profile.Token, a wallet.Address, conflict *publish.EditConflict) (*publishedToken, error) {
	if o.Replace {
		path, err := e.keepSide(a, "theirs", conflict.Theirs, conflict.File)
		if err != nil {
			return nil, err
		}
		e.Out.Note("what was at %s is kept in %s", conflict.Path, path)
		return e.publishToken(ctx, o, mine, conflict.Theirs, a)
	}
	if !o.Merge {
		return nil, e.keepBoth(a, mine, conflict, nil)
	}
	owner, err := profile.OwnerAddress(a.Text, e.addressVersions())
	if err != nil {
		return nil, err
	}
	last, err := e.SeenProfiles().Base(ctx, (&profile.Verifier{Owner: owner}).SeenAs())
	if err != nil {
		return nil, err
	}
	base := &profile.Profile{} // nothing was read: what differs was changed by both
	if t, err := profile.ParseToken([]byte(last)); last != "" && err == nil {
		base = t.Unverified()
	}
	theirs := conflict.Theirs.Unverified()
	merged, clashes := profile.Merge(base, mine.Unverified(), theirs)
	if len(clashes) > 0 {
		return nil, e.keepBoth(a, mine, conflict, clashes)
	}
	e.Out.Note("%s was changed elsewhere meanwhile; both changes are put together", conflict.Path)
	return e.publishDraft(ctx, o, &draft{Old: theirs, New: merged, Owner: a, Signed: true, Base: conflict.Theirs})
}

// keepBoth writes both sides of a conflict into files and is the fault that names them.
func (e *Env) keepBoth(a wallet.Address, mine *profile.Token, conflict *publish.EditConflict, clashes []string) error {
	yours, err := e.keepSide(a, "mine", mine, mine.File())
	if err != nil {
		return err
	}
	other, err := e.keepSide(a, "theirs", conflict.Theirs, conflict.File)
	if err != nil {
		return err
	}
	f := fault.New("edit_conflict", "%v; it stays, and yours is kept in %s", conflict, yours).Because(conflict)
	f.Details = map[string]any{"mine": yours, "theirs": other, "place": conflict.Place, "path": conflict.Path}
	if len(clashes) > 0 {
		f.Details["clashes"] = clashes
		return f.Hint("both sides changed %s: take over what you want of yours, then edit what is there now", strings.Join(clashes, ", ")).
			Hint("blockstack profile diff %s %s", other, yours)
	}
	return f.Hint("see what differs: blockstack profile diff %s %s", other, yours).
		Hint("the same command with --merge puts both changes together; profile publish has --replace, too")
}

// keepSide writes one side of a conflict into a file of the home.
func (e *Env) keepSide(a wallet.Address, side string, t *profile.Token, file []byte) (string, error) {
	dir := e.Config.Path("conflicts")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(t.String()))
	path := filepath.Join(dir, a.Text+"-"+hex.EncodeToString(sum[:4])+"-"+side+".json")
	return path, textfile.Replace(path, file, 0o600)
}
