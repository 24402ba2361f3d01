package commands

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/backup"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// walletBackupCommand is `wallet backup`.
func walletBackupCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Usage:     "write an encrypted backup: seed, jobs, labels, settings",
		ArgsUsage: "FILE",
		Description: "It opens with the wallet password of today. The words alone bring back coins and names; the backup also brings\n" +
			"what no chain knows: jobs under way, labels, frozen coins. It is read back before the command ends.\n\n" + examples(
			"blockstack wallet backup ~/usb/wallet.backup",
			"blockstack wallet backup-verify ~/usb/wallet.backup"),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "replace", Usage: "replace FILE if it is there"}},
		Action: verb(func(c *cli.Context) (backupOptions, error) {
			return backupOptions{File: c.Args().First(), Replace: c.Bool("replace")}, nil
		}, runWalletBackup),
	}
}

// walletBackupVerifyCommand is `wallet backup-verify`.
func walletBackupVerifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup-verify",
		Usage:     "prove that a backup restores, without touching the wallet here",
		ArgsUsage: "FILE",
		Description: "It restores the backup into a folder that is removed again, unlocks the keychain in it and compares its keys with the\n" +
			"accounts. Nothing in --home is read or written.\n\n" + examples("blockstack wallet backup-verify ~/usb/wallet.backup"),
		Action: verb(func(c *cli.Context) (backupOptions, error) {
			return backupOptions{File: c.Args().First()}, nil
		}, runWalletBackupVerify),
	}
}

// backupOptions say which file.
type backupOptions struct {
	File    string
	Replace bool
}

// backupDoc describes a backup.
type backupDoc struct {
	File        string              `json:"file"`
	Created     string              `json:"created"`
	Bytes       int                 `json:"bytes"`
	Files       []string            `json:"files"`
	Fingerprint string              `json:"fingerprint"`
	Wallets     []string            `json:"networks"`
	OpenJobs    []map[string]string `json:"open_jobs"`
}

// runWalletBackup writes a backup and proves that it restores.
func runWalletBackup(ctx context.Context, env *Env, o backupOptions) error {
	if _, err := os.Lstat(o.File); err == nil && !o.Replace {
		return fault("conflict", "%s is there already", o.File).hint("choose another name, or replace it with --replace")
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	keys, err := env.keychain(ctx)
	if err != nil {
		return err
	}
	password, err := env.unlockKeys(ctx, keys)
	if err != nil {
		return err
	}
	defer password.Wipe()
	keys.Lock()
	archive, err := backup.Collect(ctx, env.Config.Home, env.Config.File, patience)
	if err != nil {
		return err
	}
	// A slip in the password would be found out when it is too late.
	proof, err := env.rehearse(ctx, archive, password)
	if err != nil {
		return err
	}
	sealed, err := backup.Seal(archive, password, passwordCost())
	if err != nil {
		return err
	}
	if err := backup.WriteFile(o.File, sealed); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	written, err := backup.ReadFile(o.File)
	if err != nil {
		return err
	}
	if string(written) != string(sealed) {
		return fault("damaged", "%s does not hold what was written to it", o.File).hint("write the backup to another disk")
	}
	if err := env.Config.noteBackup(o.File, archive.Created); err != nil {
		env.Out.Warn("doctor will not know of this backup: %v", err)
	}
	proof.File, proof.Bytes = o.File, len(sealed)
	return printBackup(env, "wallet.backup", proof)
}

// runWalletBackupVerify opens a backup and restores it into a folder of its own.
func runWalletBackupVerify(ctx context.Context, env *Env, o backupOptions) error {
	archive, size, password, err := openBackup(ctx, env, o.File)
	if err != nil {
		return err
	}
	defer password.Wipe()
	proof, err := env.rehearse(ctx, archive, password)
	if err != nil {
		return err
	}
	proof.File, proof.Bytes = o.File, size
	return printBackup(env, "wallet.backup-verify", proof)
}

// openBackup reads a backup and asks for its password, which the caller wipes.
func openBackup(ctx context.Context, env *Env, file string) (*backup.Archive, int, *secret.Bytes, error) {
	b, err := backup.ReadFile(file)
	if err != nil {
		return nil, 0, nil, err
	}
	if err := backup.Check(b); err != nil { // before a password is asked for
		return nil, 0, nil, fmt.Errorf("%s: %w", file, err)
	}
	var archive *backup.Archive
	password, err := env.passwordThat(ctx, func(password *secret.Bytes) (err error) {
		archive, err = backup.Open(b, password)
		return err
	})
	return archive, len(b), password, err
}

// rehearse restores an archive into a folder that is removed again, opens every wallet in it with the password, and
// reads its jobs.
func (e *Env) rehearse(ctx context.Context, a *backup.Archive, password *secret.Bytes) (_ *backupDoc, err error) {
	dir, err := os.MkdirTemp("", "blockstack-rehearsal-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	if err := a.Restore(home, filepath.Join(home, backup.Settings)); err != nil {
		return nil, err
	}
	doc := &backupDoc{
		Created: a.Created.UTC().Format(time.RFC3339), Files: a.Names(), Wallets: []string{}, OpenJobs: []map[string]string{},
	}
	for _, name := range doc.Files {
		network, store, inNetwork := strings.Cut(name, "/")
		switch {
		case !inNetwork:
		case store == backup.Labels:
			if doc.Fingerprint, err = rehearseWallet(ctx, home, network, password); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			doc.Wallets = append(doc.Wallets, network)
		case store == backup.Journal:
			open, err := openJobsIn(ctx, filepath.Join(home, network, store))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			for _, j := range open {
				j["network"] = network
				doc.OpenJobs = append(doc.OpenJobs, j)
			}
		}
	}
	if len(doc.Wallets) > 0 {
		return doc, nil
	}
	keys, err := keychain.Open(filepath.Join(home, backup.Keychain))
	if err == nil {
		defer keys.Lock()
		err = keys.Unlock(ctx, password)
	}
	if err != nil {
		return nil, fmt.Errorf("the keychain in the backup: %w", err)
	}
	return doc, nil
}

// rehearseWallet opens a wallet, compares its accounts with the keychain's and returns the fingerprint of its keys.
func rehearseWallet(ctx context.Context, home, network string, password *secret.Bytes) (fingerprint string, err error) {
	if !slices.Contains(Networks(), network) {
		return "", fault("malformed", "no network is called %s", clean(network))
	}
	c := Config{Home: home, Network: network}
	w, err := wallet.Open(c.walletConfig())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.Unlock(ctx, password); err != nil && !errors.Is(err, wallet.ErrNoKeychain) {
		return "", fmt.Errorf("the keychain in the backup: %w", err)
	}
	return w.Fingerprint(), nil
}

// openJobsIn lists the unfinished jobs of a journal.
func openJobsIn(ctx context.Context, path string) (_ []map[string]string, err error) {
	j, err := registrar.OpenJournal(path, patience)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	jobs, err := j.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	var open []map[string]string
	for _, job := range jobs {
		if job.Open() {
			v := job.View()
			open = append(open, map[string]string{"job_id": string(v.JobID), "state": v.State})
		}
	}
	return open, nil
}

// restoreBackup brings a backup back into the home.
func restoreBackup(ctx context.Context, env *Env, file string) error {
	archive, _, password, err := openBackup(ctx, env, file)
	if err != nil {
		return err
	}
	defer password.Wipe()
	proof, err := env.rehearse(ctx, archive, password)
	if err != nil {
		return err
	}
	if err := archive.Restore(env.Config.Home, env.Config.File); err != nil {
		return err
	}
	r := &restored{
		Network: env.Config.Network, Fingerprint: proof.Fingerprint, Accounts: []restoredAccount{}, Identities: []restoredIdentity{}, OpenJobs: proof.OpenJobs,
	}
	if _, err := os.Stat(env.Config.LabelsFile()); err == nil {
		w, err := env.Wallet(ctx)
		if err != nil {
			return err
		}
		if err := w.Unlock(ctx, password); err != nil {
			return err
		}
		if r, err = env.search(ctx, w); err != nil {
			return err
		}
		r.OpenJobs = proof.OpenJobs
	}
	if len(proof.OpenJobs) > 0 {
		env.Out.Warn("%s under way when the backup was made; if the wallet was used after that day, look at the chain before you resume: blockstack job list",
			count(len(proof.OpenJobs), "job"))
	}
	return printRestored(env, r)
}

// printBackup shows what a backup holds.
func printBackup(env *Env, schema string, d *backupDoc) error {
	return env.Out.Result(schema, d, func(t *Text) {
		t.Field("file", "%s", d.File)
		t.Field("made", "%s", d.Created)
		t.Field("fingerprint", "%s", d.Fingerprint)
		t.Field("holds", "%s", strings.Join(d.Files, ", "))
		t.Field("jobs under way", "%d", len(d.OpenJobs))
		t.Line("it restores: every wallet in it opens with the password")
	})
}
