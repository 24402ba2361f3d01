package wallets

import (
	"path"
	"path/filepath"

	"blockstack/commands/session"
	"blockstack/storage/local"
	"blockstack/txbuilder/lastdays"
	"blockstack/wallet/backup"
)

// beginHome notes, before a wallet is made, where its seed is from, so that the home knows later
// whether it may have forgotten what it sent. An empty reason is that of a seed that is made here.
func beginHome(e *session.Session, why lastdays.Why) error {
	origin := lastdays.TypedSeed
	if why == "" {
		origin = lastdays.MadeSeed
	}
	if err := origin(e.Config.Home, e.Config.Network); err != nil {
		return err
	}
	return lastdays.Begin(e.Config.NetworkPath(), why)
}

// beginNetwork is beginHome for one more network of a seed that is there. What a creation that was
// interrupted has noted stays.
func beginNetwork(e *session.Session) error {
	if lastdays.Has(e.Config.NetworkPath()) {
		return nil
	}
	why, err := lastdays.AddNetwork(e.Config.Home, e.Config.Network)
	if err != nil {
		return err
	}
	return lastdays.Begin(e.Config.NetworkPath(), why)
}

// beginRestored is beginHome for all networks of a backup. What is here of the same wallet (mine)
// keeps its own record, in which it stands that labels.db comes back where it was lost.
func beginRestored(e *session.Session, a *backup.Archive, mine bool) error {
	if !mine {
		if err := beginHome(e, lastdays.Backup); err != nil {
			return err
		}
	}
	for _, name := range a.Names() {
		folder, file := path.Split(name)
		if file != "labels.db" || folder == "" {
			continue
		}
		dir := filepath.Join(e.Config.Home, filepath.FromSlash(folder))
		there, err := local.IsThere(filepath.Join(dir, file))
		switch {
		case err != nil:
			return err
		case !mine:
			err = lastdays.Begin(dir, lastdays.Backup)
		case !there:
			err = lastdays.BringBack(dir)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
