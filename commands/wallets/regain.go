package wallets

import (
	"context"
	"path/filepath"

	"blockstack/commands/session"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/storage/local"
	"blockstack/txbuilder/lastdays"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// homeContents says what of a wallet is in a home.
type homeContents struct {
	keychain bool
	wallets  []wallet.Config // of each network that has labels.db
	names    []string        // of those networks
}

// lookInto looks into the home.
func lookInto(c *config.Config) (there homeContents, err error) {
	if there.keychain, err = local.IsThere(c.KeychainFile()); err != nil {
		return there, err
	}
	for _, network := range config.Networks() {
		of := config.Config{Home: c.Home, Network: network}
		if yes, err := local.IsThere(of.LabelsFile()); err != nil {
			return there, err
		} else if yes {
			there.wallets, there.names = append(there.wallets, home.WalletConfig(&of)), append(there.names, network)
		}
	}
	return there, nil
}

// regaining is a restore from words into a home that may have a part of a wallet already.
type regaining struct {
	env   *session.Session
	there homeContents
	o     restoreOptions

	kept  bool   // the wallet of the network was there
	moved string // where the old keychain is; "": there was none
}

// run makes what is missing, and returns the password of the keychain, which the caller wipes.
func (r *regaining) run(ctx context.Context, phrase *secret.Bytes) (*secret.Bytes, error) {
	cfg := home.WalletConfig(r.env.Config)
	create := wallet.CreateOptions{Mnemonic: phrase, Cost: session.PasswordCost(), Birthday: r.o.Birthday, Gap: r.o.Search}
	kept, err := local.IsThere(r.env.Config.LabelsFile())
	if err == nil && !kept { // what is there keeps its own record
		err = beginHome(r.env, lastdays.Words)
	}
	if err != nil {
		return nil, err
	}
	if r.there.keychain && len(r.there.wallets) == 0 && !r.o.NewPassword { // an earlier restore ended between its two files
		r.env.Out.Note("the keychain of a restore that was interrupted is here: its password is asked for, and it goes on")
		return r.env.Keys.Password(ctx, func(password *secret.Bytes) error {
			create.Password = password
			return wallet.FinishCreate(ctx, cfg, create)
		})
	}
	if create.Password, err = session.NewPassword(ctx, r.env); err != nil {
		return nil, err
	}
	if err := r.make(ctx, cfg, create); err != nil {
		create.Password.Wipe()
		return nil, err
	}
	return create.Password, nil
}

// make makes the keychain, and the wallet of the network where there is none.
func (r *regaining) make(ctx context.Context, cfg wallet.Config, create wallet.CreateOptions) (err error) {
	if len(r.there.wallets) > 0 {
		if r.moved, err = wallet.RegainKeychain(ctx, cfg.Keychain, r.there.wallets, create.Mnemonic, create.Password, create.Cost); err != nil {
			return err
		}
		create.Mnemonic = nil // it is in the keychain now
	} else if r.there.keychain {
		if r.moved, err = keychain.MoveAside(cfg.Keychain); err != nil {
			return err
		}
	}
	if r.kept, err = local.IsThere(r.env.Config.LabelsFile()); r.kept || err != nil {
		return err
	}
	return wallet.Create(ctx, cfg, create)
}

// keptFiles are the files of the home that hold what no words bring back, as they were.
func (r *regaining) keptFiles() []string {
	c := r.env.Config
	var kept []string
	for _, network := range r.there.names {
		of := config.Config{Home: c.Home, Network: network}
		for _, path := range []string{of.LabelsFile(), of.JournalFile(), of.ProfilesFile()} {
			if yes, err := local.IsThere(path); yes && err == nil {
				kept = append(kept, filepath.Join(network, filepath.Base(path)))
			}
		}
	}
	if yes, err := local.IsThere(c.File); len(kept) > 0 && yes && err == nil {
		kept = append(kept, filepath.Base(c.File))
	}
	return kept
}
