package wallets

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/storage/textfile"
	"blockstack/wallet/keychain"
	"blockstack/wallet/legacy"
	"blockstack/wallet/secret"
	"blockstack/wallet/watched"
)

// defaultSearch is how many unused addresses in a row a restore looks past. It is larger than the
// gap of daily use, so that coins beyond other wallets' gaps are found as well.
const defaultSearch = 60

// RestoreCommand is `wallet restore`.
func RestoreCommand() *cli.Command {
	return &cli.Command{
		Name:  "restore",
		Usage: "bring a wallet back from its words, from a backup, or from an old client's encrypted phrase",
		Description: "From words it looks through the chain for every coin of every account and every identity that owns or owned a name:\n" +
			"from the start, or from --birthday. --search says how many unused addresses in a row it looks past. A backup\n" +
			"brings labels, jobs and more as well; its password is the wallet's. Interrupting is safe: any later command goes\n" +
			"on with the search. In a home whose keychain file is lost, or whose password is (--new-password), the words make\n" +
			"the keychain again, and labels, jobs and settings stay; the words of another wallet are refused.\n\n" + line.Examples(
			"blockstack wallet restore",
			"blockstack wallet restore --words-file words.txt --birthday 2019-05-01",
			"blockstack wallet restore --backup wallet.backup",
			"blockstack wallet restore --new-password",
			"blockstack wallet restore --encrypted-file recovery-code.txt"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "words-file", Usage: "read the words from `FILE` instead of asking; - is standard input"},
			&cli.StringFlag{Name: "backup", Usage: "restore the backup in `FILE`"},
			&cli.StringFlag{Name: "encrypted-file", Usage: "read the encrypted phrase of an old client (hex or base64) from `FILE`"},
			&cli.StringFlag{Name: "old-password-file", Usage: "read the password of the encrypted phrase from the first line of `FILE`"},
			&cli.BoolFlag{Name: "new-password", Usage: "the password of the wallet here is lost: set a new one, and keep everything else"},
			&cli.StringFlag{Name: "birthday", Usage: "nothing was received before the day `YYYY-MM-DD`"},
			&cli.UintFlag{Name: "search", Value: defaultSearch, Usage: "look past `N` unused addresses in a row"},
		},
		Action: line.Verb(parseRestore, runWalletRestore),
	}
}

// restoreOptions say what is restored and how far is searched.
type restoreOptions struct {
	WordsFile, Backup, EncryptedFile, OldPasswordFile string

	Birthday time.Time
	Search   uint32

	// NewPassword makes the keychain that is there anew, from the words.
	NewPassword bool
}

// parseRestore reads the flags; one source at most.
func parseRestore(c *cli.Context) (restoreOptions, error) {
	o := restoreOptions{
		WordsFile: c.String("words-file"), Backup: c.String("backup"), EncryptedFile: c.String("encrypted-file"),
		OldPasswordFile: c.String("old-password-file"), NewPassword: c.Bool("new-password"), Search: uint32(min(c.Uint("search"), watched.MaxGap+1)),
	}
	sources := 0
	for _, s := range []string{o.WordsFile, o.Backup, o.EncryptedFile} {
		if s != "" {
			sources++
		}
	}
	switch {
	case sources > 1:
		return o, fault.Usage("give one of --words-file, --backup and --encrypted-file")
	case o.OldPasswordFile != "" && o.EncryptedFile == "":
		return o, fault.Usage("--old-password-file is the password of --encrypted-file")
	case o.Backup != "" && (c.IsSet("birthday") || c.IsSet("search")):
		return o, fault.Usage("a backup knows its birthday and what to search for")
	case o.Backup != "" && o.NewPassword:
		return o, fault.Usage("a backup opens with its own password; a new one is set from the words")
	case o.Search < 1 || o.Search > watched.MaxGap:
		return o, fault.Usage("--search is not in 1..%d", watched.MaxGap)
	}
	var err error
	o.Birthday, err = parseBirthday(c.String("birthday"))
	return o, err
}

// parseBirthday reads a day before which nothing was received; empty: unknown.
func parseBirthday(day string) (time.Time, error) {
	if day == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, day)
	switch {
	case err != nil:
		return t, fault.Usage("--birthday is %.40q, not a day like 2019-05-01", day)
	case t.After(time.Now()):
		return t, fault.Usage("--birthday %s lies in the future", day)
	}
	return t.Add(-24 * time.Hour), nil // the day is the user's, block times are nobody's
}

// runWalletRestore restores from one source, then searches.
func runWalletRestore(ctx context.Context, env *session.Session, o restoreOptions) error {
	if o.Backup != "" {
		if err := os.MkdirAll(env.Config.Home, 0o700); err != nil {
			return fmt.Errorf("home: %w", err)
		}
		return restoreBackup(ctx, env, o.Backup)
	}
	there, err := lookInto(env.Config)
	if err != nil {
		return err
	}
	if there.keychain && len(there.wallets) > 0 && !o.NewPassword {
		return fault.New("conflict", "there is a wallet in %s already", env.Config.Home).
			Hint("a search that was interrupted goes on with any command: blockstack balance").
			Hint("if its password is lost: blockstack wallet restore --new-password").
			Hint("restore into another folder: --home DIR")
	}
	if err := os.MkdirAll(env.Config.Home, 0o700); err != nil {
		return fmt.Errorf("home: %w", err)
	}
	phrase, err := restorePhrase(ctx, env, o)
	if err != nil {
		return err
	}
	defer phrase.Wipe()
	into := &regaining{env: env, there: there, o: o}
	password, err := into.run(ctx, phrase)
	if err != nil {
		return err
	}
	defer password.Wipe()
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	if err := w.Unlock(ctx, password); err != nil {
		return err
	}
	found, err := searchWallet(ctx, env, w)
	if err != nil {
		return err
	}
	if found.Height != nil && !into.kept { // what was beyond the usual gap is known now
		if err := w.SetGap(ctx, watched.DefaultGap); err != nil {
			return err
		}
	}
	found.Kept, found.OldKeychain = into.keptFiles(), into.moved
	return printRestored(env, found)
}

// restorePhrase gets the words.
func restorePhrase(ctx context.Context, env *session.Session, o restoreOptions) (*secret.Bytes, error) {
	if o.EncryptedFile != "" {
		return oldPhrase(ctx, env, o)
	}
	var text *secret.Bytes
	var err error
	switch o.WordsFile {
	case "":
		text, err = env.Ask.Secret(ctx, prompt.Question{Text: "Your phrase, words separated by spaces", Flag: "--words-file FILE"})
	default:
		text, err = readWordsFile(o.WordsFile, env.In)
	}
	if err != nil {
		return nil, fmt.Errorf("phrase: %w", err)
	}
	defer text.Wipe()
	return keychain.CleanMnemonic(text)
}

// oldPhrase decrypts what an old client kept or sent by mail.
func oldPhrase(ctx context.Context, env *session.Session, o restoreOptions) (*secret.Bytes, error) {
	const largest = 8 << 10
	text, err := session.ReadAtMost(env, o.EncryptedFile, largest)
	if err != nil {
		return nil, fmt.Errorf("encrypted phrase: %w", err)
	}
	box, err := legacy.ParseCiphertext(textfile.WithoutMark(text))
	if err != nil {
		return nil, err
	}
	var phrase *secret.Bytes
	open := func(password *secret.Bytes) (err error) {
		phrase, err = legacy.DecryptPhrase(box, password)
		return err
	}
	password, err := session.OldPassword(ctx, env, o.OldPasswordFile, "Password of the encrypted phrase", open)
	password.Wipe()
	return phrase, err
}
