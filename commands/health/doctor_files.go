package health

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"blockstack/commands/jobrun"
	"blockstack/commands/voice"
	"blockstack/home/lastbackup"
	"blockstack/profile/seen"
	"blockstack/storage/dbfile"
	"blockstack/storage/local"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/agent"
	"blockstack/wallet/backup"
	"blockstack/wallet/keychain"
)

const (
	lowDisk   = 1 << 30             // bytes; an index and its transactions need some room
	oldBackup = 90 * 24 * time.Hour // a backup older than that is worth a word
)

// checkFiles looks at who may read and write the files of the home.
func (d *doctor) checkFiles() {
	c := d.env.Config
	if _, err := os.Stat(c.Home); errors.Is(err, fs.ErrNotExist) {
		d.add("files", checkSkipped, "there is no %s yet", c.Home).hint("make a wallet: blockstack wallet create")
		return
	}
	if err := c.CheckOwned(); err != nil {
		d.fail(context.Background(), "files", err)
		return
	}
	secret := []string{c.KeychainFile(), c.LabelsFile(), c.JournalFile(), filepath.Join(c.WalletDir(), "wallet.db"), agent.Socket(c.Home), c.PasswordFile, c.NodeAuthFile}
	var open, missing []string
	for _, path := range secret {
		if path == "" || path == "-" {
			continue
		}
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && (path == c.PasswordFile || path == c.NodeAuthFile):
			missing = append(missing, path)
		case err != nil:
		case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
			open = append(open, path)
		}
	}
	if info, err := os.Stat(c.Home); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		open = append(open, c.Home)
	}
	switch {
	case len(open) > 0:
		f := d.add("files", checkFail, "others can get at %s", strings.Join(open, ", "))
		f.Code = "file_access"
		for _, p := range open {
			f.hint("chmod go= %s", p)
		}
	case len(missing) > 0:
		d.add("files", checkFail, "%s is named and not there", strings.Join(missing, ", ")).Code = "not_found"
	case !writable(c.Home):
		d.add("files", checkWarn, "%s cannot be written: what only reads works, nothing can be paid or registered", c.Home)
	default:
		d.add("files", checkOK, "nobody else can read what is secret")
	}
}

// writable reports whether a file can be made in a folder.
func writable(dir string) bool {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return false
	}
	return errors.Join(f.Close(), os.Remove(f.Name())) == nil
}

// checkDisk looks at the room that is left.
func (d *doctor) checkDisk() {
	free, ok := dbfile.Free(d.env.Config.Home)
	switch {
	case !ok:
		d.add("disk", checkSkipped, "how much room is left cannot be told")
	case free < lowDisk:
		d.add("disk", checkWarn, "%d MiB are left", free>>20).hint("free some space, or move the home: --home DIR")
	default:
		d.add("disk", checkOK, "%d GiB are left", free>>30)
	}
}

// checkCoreDumps looks at whether this program could leave its memory behind.
func (d *doctor) checkCoreDumps() {
	if agent.CoreDumps() {
		d.add("core dumps", checkWarn, "they are on: after a crash the memory of this program, with keys in it, could end up in a file").
			hint("turn them off in the shell: ulimit -c 0")
		return
	}
	d.add("core dumps", checkOK, "off")
}

// checkWallet opens the wallet.
func (d *doctor) checkWallet(ctx context.Context) {
	c := d.env.Config
	if _, err := os.Stat(c.LabelsFile()); errors.Is(err, fs.ErrNotExist) {
		d.add("wallet", checkSkipped, "there is none for %s", c.Network).hint("make one: blockstack wallet create")
		return
	}
	w, err := d.env.Wallet(ctx)
	if err != nil {
		d.fail(ctx, "wallet", err)
		return
	}
	tip, err := w.Tip(ctx)
	if err != nil {
		d.fail(ctx, "wallet", err)
		return
	}
	kind, height := "with keys", "coins never looked for"
	if w.WatchOnly() {
		kind = "watch-only"
	}
	if tip.Synced {
		height = "coins known up to block " + voice.Itoa(tip.Height)
	}
	d.add("wallet", checkOK, "%s, %s", kind, height)
}

// checkScripts looks at what the wallet goes by when it calls scripts its own, and at rows that say
// something else.
func (d *doctor) checkScripts(ctx context.Context) {
	if there, err := local.IsThere(d.env.Config.LabelsFile()); err != nil || !there {
		return // checkWallet says so
	}
	w, err := d.env.Wallet(ctx)
	if err != nil {
		return
	}
	wrong, err := w.CheckRows(ctx)
	prove := "derive them from the seed: blockstack wallet address --check"
	switch {
	case err != nil:
		d.fail(ctx, "scripts", err)
	case wrong > 0 && w.WatchOnly():
		d.add("scripts", checkWarn, "%s of labels.db do not say what the descriptors say; they have no effect", voice.Count(wrong, "row")).
			hint("make the home again where nobody else writes: blockstack wallet create --watch-only FILE --home DIR")
	case wrong > 0:
		d.add("scripts", checkWarn, "%s of labels.db do not say what your keys say; they have no effect", voice.Count(wrong, "row")).hint("%s", prove)
	case w.WatchOnly():
		d.add("scripts", checkOK, "not proved: watch-only, there are no keys here to hold them to")
	case w.Proof() == wallet.ProofNone:
		d.add("scripts", checkWarn, "not proved: the keychain file has no list of them, so labels.db is believed until the next unlock").hint("%s", prove)
	default:
		d.add("scripts", checkOK, "labels.db says what the keychain file lists; each unlock proves that list")
	}
}

// checkAgent looks for an agent that holds keys.
func (d *doctor) checkAgent(ctx context.Context) {
	c := d.env.Config
	status, err := agent.Of(c.Home).Status(ctx)
	switch {
	case err == nil:
		d.add("agent", checkOK, "unlocked until %s, at %s", status.Until.Local().Format(time.DateTime), agent.Socket(c.Home))
	case errors.Is(err, agent.ErrNoAgent):
		if _, err := os.Lstat(agent.Socket(c.Home)); err == nil {
			d.add("agent", checkWarn, "its socket is left, and nobody answers").hint("blockstack wallet lock")
			return
		}
		d.add("agent", checkOK, "none runs: every signature asks for the password")
	default:
		d.fail(ctx, "agent", err)
	}
}

// checkBackup looks at how old the last backup is, and at what changed since.
func (d *doctor) checkBackup() {
	c := d.env.Config
	if _, err := os.Stat(c.KeychainFile()); err != nil {
		d.add("backup", checkSkipped, "there are no keys here")
		return
	}
	last, err := lastbackup.ReadLastBackup(c)
	switch {
	case err != nil:
		d.add("backup", checkWarn, "when the last one was written is unknown: %v", err).hint("write one: blockstack wallet backup FILE")
		return
	case last == nil:
		d.add("backup", checkWarn, "none was written from here; the words bring back coins and names, not labels and jobs").
			hint("write one to another disk: blockstack wallet backup FILE")
		return
	}
	age := d.now.Sub(last.Created)
	password, journal, labels := d.sinceBackup(last)
	switch {
	case password:
		d.add("backup", checkWarn, "the password was changed after the last one (%s)", about(age)).hint("blockstack wallet backup --replace %s", last.File)
	case journal:
		d.add("backup", checkWarn, "jobs went on after the last one (%s)", about(age)).hint("blockstack wallet backup --replace %s", last.File)
	case age > oldBackup && labels:
		d.add("backup", checkWarn, "the last one is %s old", about(age)).hint("blockstack wallet backup --replace %s", last.File)
	default:
		d.add("backup", checkOK, "written %s ago to %s", about(age), last.File)
	}
}

// sinceBackup compares the home with what the last backup holds. What cannot be compared, such as a
// store that another command is using or a backup of an older program, counts as changed only for
// its age. The time of a file says nothing.
func (d *doctor) sinceBackup(last *lastbackup.LastBackup) (password, journal, labels bool) {
	c := d.env.Config
	if keys, err := keychain.Open(c.KeychainFile()); err == nil && last.Passwords != nil {
		password = !slices.Equal(lastbackup.PasswordIDs(keys), last.Passwords)
	}
	changed := func(path string, unknown bool) bool {
		now, err := backup.Contents(path, time.Second)
		if errors.Is(err, dbfile.ErrNotFound) {
			return false
		}
		was, known := last.Contents[c.Network+"/"+filepath.Base(path)]
		if err != nil || !known && last.Contents == nil {
			return unknown
		}
		return now != was
	}
	return password, changed(c.JournalFile(), false), changed(c.LabelsFile(), true)
}

// about says how long something is, in its largest unit.
func about(age time.Duration) string {
	switch {
	case age < time.Minute:
		return "less than a minute"
	case age < time.Hour:
		return voice.Count(int(age/time.Minute), "minute")
	case age < 48*time.Hour:
		return voice.Count(int(age/time.Hour), "hour")
	}
	return voice.Count(int(age/(24*time.Hour)), "day")
}

// checkProfiles looks whether the memory of profiles can be read.
func (d *doctor) checkProfiles(ctx context.Context) {
	switch _, _, err := d.env.SeenProfiles().Newest(ctx, "nobody"); {
	case errors.Is(err, seen.ErrBusy):
		d.add("profiles seen", checkSkipped, "another command is using the file")
	case err != nil:
		d.fail(ctx, "profiles seen", err)
	default:
		d.add("profiles seen", checkOK, "readable")
	}
}

// checkJobs looks at what is under way.
func (d *doctor) checkJobs(ctx context.Context) {
	path := d.env.Config.JournalFile()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		d.add("jobs", checkOK, "none")
		return
	}
	j, err := registrar.OpenJournal(path, time.Second)
	if errors.Is(err, registrar.ErrJournalBusy) {
		d.add("jobs", checkSkipped, "another command is using the journal")
		return
	}
	if err != nil {
		d.fail(ctx, "jobs", err)
		return
	}
	jobs, err := j.Jobs(ctx)
	if err = errors.Join(err, j.Close()); err != nil {
		d.fail(ctx, "jobs", err)
		return
	}
	var open []string
	for _, job := range jobs {
		if job.Open() {
			open = append(open, job.Request.Subject()+" ("+jobrun.Words(job.State)+")")
		}
	}
	if len(open) > 0 {
		d.add("jobs", checkWarn, "not finished: %s", strings.Join(open, ", ")).hint("go on: blockstack job resume; by itself with every block: blockstack watch")
		return
	}
	d.add("jobs", checkOK, "none is open, of %d", len(jobs))
}
