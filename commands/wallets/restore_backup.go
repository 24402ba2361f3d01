package wallets

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/owned"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/storage/local"
	"blockstack/wallet"
	"blockstack/wallet/backup"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// restoreBackup brings a backup back into the home. What the same wallet has there already is kept.
func restoreBackup(ctx context.Context, env *session.Session, file string) error {
	archive, _, password, err := openBackup(ctx, env, file)
	if err != nil {
		return err
	}
	defer password.Wipe()
	proof, err := proveBackup(ctx, env, archive, password)
	if err != nil {
		return err
	}
	mine, err := sameWallet(ctx, env, archive, password)
	if err != nil {
		return err
	}
	if err := beginRestored(env, archive, mine); err != nil {
		return err
	}
	kept, err := archive.Restore(env.Config.Home, func(string) bool { return mine })
	if err != nil {
		return err
	}
	settings, err := takeSettings(env.Config.File, archive.Files[backup.Settings])
	if err != nil { // the keys are what matters
		env.Out.Warn("no setting of the backup came back: %v", err)
		settings = &restoredSettings{}
	}
	r := &restored{
		Network: env.Config.Network, Fingerprint: proof.Fingerprint, Accounts: []restoredAccount{}, Identities: []restoredIdentity{}, Preorders: []owned.SentView{},
	}
	if there, err := local.IsThere(env.Config.LabelsFile()); err != nil {
		return err
	} else if there {
		if r, err = searchRestored(ctx, env, password, settings); err != nil {
			return err
		}
	}
	r.OpenJobs, r.Kept, r.restoredSettings = proof.OpenJobs, kept, *settings
	if len(proof.OpenJobs) > 0 {
		env.Out.Warn("%s under way when the backup was made; if the wallet was used after that day, look at the chain before you resume: blockstack job list",
			voice.Count(len(proof.OpenJobs), "job"))
	}
	settings.say(env)
	for i := range settings.Left { // and so in JSON
		settings.Left[i].Command = env.Out.Here(settings.Left[i].Command)
	}
	return printRestored(env, r)
}

// searchRestored looks for what the chain has, unless that would be on another way than the
// backup's settings wanted.
func searchRestored(ctx context.Context, e *session.Session, password *secret.Bytes, s *restoredSettings) (*restored, error) {
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.Unlock(ctx, password); errors.Is(err, keychain.ErrWrongPassword) { // the keychain that was here has another
		err = e.Keys.Unlock(ctx, w)
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	if s.wanted("proxy") && e.Config.Proxy == "" || s.wanted("offline") {
		e.Out.Note("nothing was searched: this wallet used to make its connections through a proxy, or none; choose, then run: blockstack balance")
		offline := *e.Config
		offline.Offline = true
		defer func(h *home.Home) { e.Home = h }(e.Home)
		e.Use(&offline)
	}
	return searchWallet(ctx, e, w)
}

// sameWallet reports whether what is in the home belongs to the wallet of a backup: every wallet
// there was made with the backup's keychain, and so was the keychain that is there.
func sameWallet(ctx context.Context, e *session.Session, a *backup.Archive, password *secret.Bytes) (bool, error) {
	there, err := lookInto(e.Config)
	if err != nil {
		return false, err
	}
	keys, err := keychain.Parse(a.Files[backup.Keychain])
	if err != nil {
		return false, err
	}
	if err := keys.Unlock(ctx, password); err != nil {
		return false, err
	}
	defer keys.Lock()
	if there.keychain {
		if here, err := keychain.Open(e.Config.KeychainFile()); err != nil || here.ID() != keys.ID() {
			return false, err
		}
	}
	for _, at := range there.wallets {
		id, _, err := wallet.SeedOf(ctx, at, keys)
		if errors.Is(err, wallet.ErrOtherKeychain) || err == nil && id != keys.ID() {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return there.keychain || len(there.wallets) > 0, nil
}

// restoredSettings are the settings of a backup: those that came back, and those that are for a
// person to choose again.
type restoredSettings struct {
	Taken []setting `json:"settings,omitempty"`
	Left  []setting `json:"settings_left,omitempty"`
}

// setting is one key of the configuration file.
type setting struct {
	Key     string   `json:"key"`
	Values  []string `json:"values"`
	Command string   `json:"command,omitempty"` // sets it again
}

// harmlessSetting reports whether a setting of a backup may come back by itself. A backup may be
// somebody else's work: what runs a command, names a place or a machine, or makes less of what is
// checked is only shown.
func harmlessSetting(c *config.Values, key string) bool {
	switch key {
	case "network", "offline":
		return true
	case "confirmations":
		return c.Confirmations != nil && int32(*c.Confirmations) >= (&config.Config{Network: "mainnet"}).DoneConfirmations()
	}
	return false
}

// takeSettings writes the harmless settings of a backup into the configuration file, where there is
// none yet.
func takeSettings(path string, b []byte) (*restoredSettings, error) {
	r := &restoredSettings{}
	if len(b) == 0 {
		return r, nil
	}
	file, err := config.Parse(b)
	if err != nil {
		return nil, fault.New("malformed", "the settings in the backup: %v", err).Because(err)
	}
	_, err = os.Lstat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	there, write := err == nil, &config.Values{}
	for _, k := range config.Keys() {
		values := k.Get(file)
		switch {
		case values == nil:
		case harmlessSetting(file, k.Name) && !there:
			if err := k.Set(write, values); err != nil {
				return nil, err
			}
			r.Taken = append(r.Taken, setting{Key: k.Name, Values: values})
		default:
			r.Left = append(r.Left, setting{k.Name, values, setCommand(k.Name, values)})
		}
	}
	if len(r.Taken) == 0 {
		return r, nil
	}
	return r, config.Write(path, write)
}

// setCommand is the command line that sets a key.
func setCommand(key string, values []string) string {
	words := []string{"blockstack config set", key}
	for _, v := range values {
		words = append(words, voice.ShellWord(v))
	}
	return strings.Join(words, " ")
}

// wanted reports whether a setting is among those that were left.
func (r *restoredSettings) wanted(key string) bool {
	for _, s := range slices.Concat(r.Left, r.Taken) {
		if s.Key == key && (key != "offline" || len(s.Values) == 1 && s.Values[0] == "true") {
			return true
		}
	}
	return false
}

// say shows what became of the settings.
func (r *restoredSettings) say(env *session.Session) {
	for _, s := range r.Taken {
		env.Out.Note("setting that came back: %s = %s", s.Key, voice.Clean(strings.Join(s.Values, " ")))
	}
	if len(r.Left) == 0 {
		return
	}
	env.Out.Warn("these settings of the backup did not come back, because they run commands, or name machines and files; set those that are yours:")
	for _, s := range r.Left {
		env.Out.Warn("  %s", voice.Clean(s.Command))
	}
}
