package scripttest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"blockstack/commands/session"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// scriptKeychain puts a keychain into a home, for `wallet create` to make a wallet from. Its
// password, which is read where the program reads it, costs nothing to try: deriving the key of a
// user's keychain takes longer than all the rest of most commands.
func scriptKeychain(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: keychain WORDSFILE [HOME]")
	}
	home := filepath.Join(ts.Getenv("HOME"), ".local", "share", "blockstack")
	if dir := ts.Getenv("BLOCKSTACK_HOME"); dir != "" {
		home = ts.MkAbs(dir)
	}
	if len(args) == 2 {
		home = ts.MkAbs(args[1])
	}
	phrase, err := session.ReadSecretFile(ts.MkAbs(args[0]))
	if errors.Is(err, fs.ErrNotExist) {
		if phrase, err = keychain.NewMnemonic(12); err == nil {
			phrase.Use(func(b []byte) { err = os.WriteFile(ts.MkAbs(args[0]), []byte(string(b)+"\n"), 0o600) })
		}
	}
	ts.Check(err)
	password := secret.New([]byte(ts.Getenv("BLOCKSTACK_PASSWORD")))
	if file := ts.Getenv("BLOCKSTACK_PASSWORD_FILE"); file != "" {
		if password, err = session.ReadSecretFile(ts.MkAbs(file)); err != nil {
			ts.Fatalf("password: %v", err)
		}
	}
	ts.Check(os.MkdirAll(home, 0o700))
	ts.Check(keychain.Create(filepath.Join(home, "keychain"), phrase, password, keychain.TestCost()))
}
