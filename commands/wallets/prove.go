package wallets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"blockstack/commands/fault"
	"blockstack/commands/process"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/storage/local"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/backup"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// proveBackup shows that an archive restores: its keychain opens with the password and belongs to
// every wallet in it, and its stores can be read. The keychain is opened in memory and never
// written anywhere.
func proveBackup(ctx context.Context, e *session.Session, a *backup.Archive, password *secret.Bytes) (*backupDoc, error) {
	p, err := proveOpening(ctx, e, a, password)
	if err != nil {
		return nil, err
	}
	return p.doc, nil
}

// proveOpening is proveBackup with all that was found.
func proveOpening(ctx context.Context, e *session.Session, a *backup.Archive, password *secret.Bytes) (_ *backupProof, err error) {
	keys, err := keychain.Parse(a.Files[backup.Keychain])
	if err == nil {
		err = keys.Unlock(ctx, password)
	}
	if err != nil {
		return nil, fmt.Errorf("the keychain in the backup: %w", err)
	}
	defer keys.Lock()
	dir, err := proofFolder(e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p := &backupProof{dir: dir, keys: keys, wrote: e.Wrote, contents: map[string]string{}, doc: &backupDoc{
		Created: a.Created.UTC().Format(time.RFC3339), Files: a.Names(), Wallets: []string{}, OpenJobs: []map[string]string{},
	}}
	if p.doc.ZoneFiles, err = a.ZoneFileCount(); err != nil {
		return nil, err
	}
	for _, name := range p.doc.Files {
		network, store, inNetwork := strings.Cut(name, "/")
		if inNetwork {
			if err := p.store(ctx, network, store, a.Files[name]); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return p, nil
}

// backupProof is a proof under way.
type backupProof struct {
	dir  string
	keys *keychain.Keychain
	doc  *backupDoc

	contents map[string]string // store → hash over what it holds
	wrote    func()            // called after each write
}

// store proves one store of a network.
func (p *backupProof) store(ctx context.Context, network, store string, b []byte) error {
	if !slices.Contains(config.Networks(), network) {
		return fault.New("malformed", "no network is called %s", voice.Clean(network))
	}
	if store == backup.ZoneFiles {
		return nil // they were counted
	}
	of := config.Config{Home: p.dir, Network: network}
	path := of.NetworkPath(store)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return err
	}
	p.wrote()
	switch store {
	case backup.Labels:
		id, fingerprint, err := wallet.SeedOf(ctx, home.WalletConfig(&of), p.keys)
		switch {
		case err != nil:
			return err
		case id != "" && id != p.keys.ID():
			return fmt.Errorf("%w: the one in the backup", wallet.ErrOtherKeychain)
		case id != "":
			p.doc.Fingerprint = fingerprint
		}
		p.doc.Wallets = append(p.doc.Wallets, network)
	case backup.Journal:
		open, err := openJobsIn(ctx, path)
		if err != nil {
			return err
		}
		for _, j := range open {
			j["network"] = network
			p.doc.OpenJobs = append(p.doc.OpenJobs, j)
		}
	}
	contents, err := backup.Contents(path, home.Patience)
	p.contents[network+"/"+store] = contents
	return err
}

// proofPrefix is how the folders of proofs begin, before the number of the process.
const proofPrefix = ".proof-"

// proofFolder makes a folder for the stores of a backup that is proved: in the home, or where there
// is none with the system's temporary files. Folders that killed proofs left behind are removed
// first.
func proofFolder(e *session.Session) (string, error) {
	parent := e.Config.Home
	if _, err := os.Stat(parent); errors.Is(err, fs.ErrNotExist) {
		parent = os.TempDir()
	}
	left, err := filepath.Glob(filepath.Join(local.EscapeGlob(parent), proofPrefix+"*-*"))
	if err != nil {
		return "", err
	}
	for _, dir := range left {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), proofPrefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && pid > 0 && !process.Running(pid) {
			_ = os.RemoveAll(dir) // another user's cannot be removed
		}
	}
	return os.MkdirTemp(parent, fmt.Sprintf("%s%d-*", proofPrefix, os.Getpid()))
}

// openJobsIn lists the unfinished jobs of a journal.
func openJobsIn(ctx context.Context, path string) (_ []map[string]string, err error) {
	j, err := registrar.OpenJournal(path, home.Patience)
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
