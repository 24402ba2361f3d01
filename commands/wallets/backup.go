package wallets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/home/lastbackup"
	"blockstack/storage/local"
	"blockstack/wallet/backup"
	"blockstack/wallet/secret"
)

// BackupCommand is `wallet backup`.
func BackupCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Usage:     "write an encrypted backup: seed, jobs, labels, zone files, settings",
		ArgsUsage: "FILE",
		Description: "It opens with the wallet password of today. The words alone bring back coins and names; the backup also brings\n" +
			"what no chain knows: jobs under way, labels, frozen coins, zone files, the newest profiles seen. It is read back\n" +
			"before the command ends.\n\n" + line.Examples(
			"blockstack wallet backup ~/usb/wallet.backup",
			"blockstack wallet backup-verify ~/usb/wallet.backup"),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "replace", Usage: "replace FILE if it is there"}},
		Action: line.Verb(func(c *cli.Context) (backupOptions, error) {
			return backupOptions{File: c.Args().First(), Replace: c.Bool("replace")}, nil
		}, runWalletBackup),
	}
}

// BackupVerifyCommand is `wallet backup-verify`.
func BackupVerifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup-verify",
		Usage:     "prove that a backup restores, without touching the wallet here",
		ArgsUsage: "FILE",
		Description: "It unlocks the keychain of the backup in memory, compares its keys with the accounts, and reads labels and jobs in a\n" +
			"folder that is removed again. The wallet in --home is neither read nor written.\n\n" + line.Examples("blockstack wallet backup-verify ~/usb/wallet.backup"),
		Action: line.Verb(func(c *cli.Context) (backupOptions, error) {
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
	ZoneFiles   int                 `json:"zonefiles"`
	OpenJobs    []map[string]string `json:"open_jobs"`
}

// runWalletBackup writes a backup and proves that it restores.
func runWalletBackup(ctx context.Context, env *session.Session, o backupOptions) error {
	if _, err := os.Lstat(o.File); err == nil && !o.Replace {
		return fault.New("conflict", "%s is there already", o.File).Hint("choose another name, or replace it with --replace")
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(filepath.Dir(o.File)); errors.Is(err, fs.ErrNotExist) { // before a password is asked for
		return fault.Usage("there is no folder %s for the backup", filepath.Dir(o.File)).Hint("make the folder, or connect the disk that has it")
	}
	keys, err := session.OpenKeychain(ctx, env)
	if err != nil {
		return err
	}
	password, err := env.Keys.UnlockKeychain(ctx, keys)
	if err != nil {
		return err
	}
	defer password.Wipe()
	keys.Lock()
	archive, err := backup.Collect(ctx, env.Config.Home, env.Config.File, config.Networks(), home.Patience)
	if err != nil {
		return err
	}
	// A slip in the password would be found out when it is too late.
	proof, err := proveOpening(ctx, env, archive, password)
	if err != nil {
		return err
	}
	sealed, err := backup.Seal(archive, password, session.PasswordCost())
	if err != nil {
		return err
	}
	if err := local.WriteFile(o.File, sealed, 0o600); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	written, err := backup.ReadFile(o.File)
	if err != nil {
		return err
	}
	if string(written) != string(sealed) {
		return fault.New("damaged", "%s does not hold what was written to it", o.File).Hint("write the backup to another disk")
	}
	if err := lastbackup.NoteBackup(env.Config, o.File, archive.Created, lastbackup.PasswordIDs(proof.keys), proof.contents); err != nil {
		env.Out.Warn("doctor will not know of this backup: %v", err)
	}
	proof.doc.File, proof.doc.Bytes = o.File, len(sealed)
	return printBackup(env, "wallet.backup", proof.doc)
}

// runWalletBackupVerify opens a backup and restores it into a folder of its own.
func runWalletBackupVerify(ctx context.Context, env *session.Session, o backupOptions) error {
	archive, size, password, err := openBackup(ctx, env, o.File)
	if err != nil {
		return err
	}
	defer password.Wipe()
	proof, err := proveBackup(ctx, env, archive, password)
	if err != nil {
		return err
	}
	proof.File, proof.Bytes = o.File, size
	return printBackup(env, "wallet.backup-verify", proof)
}

// openBackup reads a backup and asks for its password, which the caller wipes.
func openBackup(ctx context.Context, env *session.Session, file string) (*backup.Archive, int, *secret.Bytes, error) {
	b, err := backup.ReadFile(file)
	if err != nil {
		return nil, 0, nil, err
	}
	if err := backup.Check(b); err != nil { // before a password is asked for
		return nil, 0, nil, fmt.Errorf("%s: %w", file, err)
	}
	var archive *backup.Archive
	password, err := env.Keys.Password(ctx, func(password *secret.Bytes) (err error) {
		archive, err = backup.Open(b, password)
		return err
	})
	return archive, len(b), password, err
}

// printBackup shows what a backup holds.
func printBackup(env *session.Session, schema string, d *backupDoc) error {
	return env.Out.Result(schema, d, func(t *voice.Text) {
		t.Field("file", "%s", d.File)
		t.Field("made", "%s", d.Created)
		t.Field("fingerprint", "%s", d.Fingerprint)
		t.Field("holds", "%s", strings.Join(d.Files, ", "))
		t.Field("jobs under way", "%d", len(d.OpenJobs))
		t.Line("it restores: every wallet in it opens with the password")
	})
}
