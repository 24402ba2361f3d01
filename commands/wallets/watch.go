package wallets

import (
	"context"
	"fmt"
	"os"
	"time"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/storage/textfile"
	"blockstack/txbuilder/lastdays"
	"blockstack/wallet"
)

// maxDescriptorFile is above what ReadDescriptors takes, so that it is the one that complains.
const maxDescriptorFile = 2 << 20

// watchOptions say what is watched.
type watchOptions struct {
	File     string // descriptors or account keys; - is standard input
	Birthday time.Time
}

// createWatchOnly makes a wallet that looks and cannot sign.
func createWatchOnly(ctx context.Context, env *session.Session, o watchOptions) error {
	cfg := home.WalletConfig(env.Config)
	if _, err := os.Stat(env.Config.LabelsFile()); err == nil {
		return fault.New("conflict", "there is a wallet for %s in %s already", env.Config.Network, env.Config.Home).
			Hint("make another elsewhere: --home DIR")
	}
	text, err := session.ReadAtMost(env, o.File, maxDescriptorFile)
	text = textfile.WithoutMark(text)
	if err != nil {
		return fmt.Errorf("descriptors: %w", err)
	}
	keys, birthday, err := wallet.ReadDescriptors(cfg.Network, text)
	clear(text)
	if err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	if !o.Birthday.IsZero() {
		birthday = o.Birthday
	}
	if err := beginHome(env, lastdays.WatchOnly); err != nil {
		return err
	}
	if err := wallet.CreateWatchOnly(ctx, cfg, wallet.WatchOptions{Keys: keys, Birthday: birthday}); err != nil {
		return err
	}
	return printWatchOnly(ctx, env)
}

// watchOnlyView is what programs see of a fresh watch-only wallet.
type watchOnlyView struct {
	Network     string   `json:"network"`
	Fingerprint string   `json:"fingerprint"`
	WatchOnly   bool     `json:"watch_only"`
	Kinds       []string `json:"kinds"`
	Identities  uint32   `json:"identities"`
	Address     string   `json:"address,omitempty"`
	Owner       string   `json:"owner_address,omitempty"`
}

// printWatchOnly shows what is watched, and an address to compare with the other wallet.
func printWatchOnly(ctx context.Context, env *session.Session) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	v := watchOnlyView{Network: env.Config.Network, Fingerprint: w.Fingerprint(), WatchOnly: true, Kinds: []string{}}
	kinds, err := w.Kinds(ctx)
	if err != nil {
		return err
	}
	for _, k := range kinds {
		v.Kinds = append(v.Kinds, string(k))
	}
	if len(kinds) > 0 {
		a, err := w.ReceiveAddress(ctx, "")
		if err != nil {
			return err
		}
		v.Address = a.Text
	}
	if v.Identities, err = w.Identities(ctx); err != nil {
		return err
	}
	if v.Identities > 0 {
		a, err := w.OwnerAddress(ctx, 0)
		if err != nil {
			return err
		}
		v.Owner = a.Text
	}
	env.Out.Note("compare the address with the one that the wallet with the keys shows, before anybody pays to it")
	return env.Out.Result("wallet.create", v, func(t *voice.Text) {
		t.Field("network", "%s", v.Network)
		t.Field("watches", "%s, %s", voice.Count(len(v.Kinds), "account"), voice.Count(int(v.Identities), "owner key"))
		if v.Address != "" {
			t.Field("address", "%s", v.Address)
		}
		if v.Owner != "" {
			t.Field("owner address", "%s", v.Owner)
		}
	})
}
