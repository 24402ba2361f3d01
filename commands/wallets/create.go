package wallets

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/txbuilder/lastdays"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// wordsAsked is how many words of a fresh phrase are asked back.
const wordsAsked = 3

// CreateCommand is `wallet create`.
func CreateCommand() *cli.Command {
	return &cli.Command{
		Name:  "create",
		Usage: "make a wallet from a new phrase, from one you have, or one that only looks",
		Description: "The phrase is the wallet: who has the words has the money and the names. They are shown once, on the terminal\n" +
			"alone, and a few are asked back. Scripts let them be written to a new file with --words-file, or give a phrase with\n" +
			"--import-file. The keychain is encrypted with a password.\n\n" +
			"With --watch-only the wallet has no keys: it shows coins and history, gives addresses and prepares payments that are\n" +
			"signed elsewhere. FILE lists descriptors or account keys (xpub, ypub, zpub), one a line, or JSON as\n" +
			"wallet descriptors --json writes it.\n\n" + line.Examples(
			"blockstack wallet create",
			"blockstack wallet create --import",
			"blockstack wallet create --password-file pw --words-file words.txt",
			"blockstack wallet create --watch-only descriptors.txt --home watching"),
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "words", Value: 12, Usage: "make a phrase of `N` words: 12, 15, 18, 21 or 24"},
			&cli.StringFlag{Name: "words-file", Usage: "write the new phrase to the new file `FILE` instead of showing it"},
			&cli.BoolFlag{Name: "import", Usage: "ask for a phrase instead of making one"},
			&cli.StringFlag{Name: "import-file", Usage: "read the phrase from `FILE`; - is standard input"},
			&cli.StringFlag{Name: "watch-only", Usage: "only watch what the descriptors or account keys in `FILE` describe; - is standard input"},
			&cli.StringFlag{Name: "birthday", Usage: "with --watch-only: nothing was received before the day `YYYY-MM-DD`"},
		},
		Action: line.Verb(func(c *cli.Context) (createOptions, error) {
			o := createOptions{Words: c.Int("words"), WordsFile: c.String("words-file"), Import: c.Bool("import"), ImportFile: c.String("import-file")}
			o.Watch.File = c.String("watch-only")
			switch {
			case o.Watch.File != "" && (o.Import || o.ImportFile != "" || o.WordsFile != "" || c.IsSet("words")):
				return o, fault.Usage("--watch-only is for keys that are elsewhere; it takes no phrase")
			case o.Watch.File == "" && c.IsSet("birthday"):
				return o, fault.Usage("--birthday belongs to --watch-only; for a phrase with a past there is: blockstack wallet restore --birthday")
			case (o.Import || o.ImportFile != "") && (o.WordsFile != "" || c.IsSet("words")):
				return o, fault.Usage("--words and --words-file are for a new phrase, --import and --import-file for one you have")
			case o.Import && o.ImportFile != "":
				return o, fault.Usage("--import asks for the phrase, --import-file reads it; give one of them")
			case !slices.Contains([]int{12, 15, 18, 21, 24}, o.Words):
				return o, fault.Usage("--words is %d, not 12, 15, 18, 21 or 24", o.Words)
			}
			var err error
			o.Watch.Birthday, err = parseBirthday(c.String("birthday"))
			return o, err
		}, runWalletCreate),
	}
}

// createOptions say where the phrase comes from and where a new one goes.
type createOptions struct {
	Words      int
	WordsFile  string
	Import     bool
	ImportFile string
	Watch      watchOptions
}

// runWalletCreate makes the wallet. A new phrase is in the user's hands before anything depends on
// it.
func runWalletCreate(ctx context.Context, env *session.Session, o createOptions) error {
	if o.Watch.File != "" {
		return createWatchOnly(ctx, env, o.Watch)
	}
	cfg := home.WalletConfig(env.Config)
	if _, err := os.Stat(cfg.Keychain); err == nil {
		return addNetwork(ctx, env, cfg, o)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := noWalletWithoutKeychain(env); err != nil {
		return err
	}
	if err := os.MkdirAll(env.Config.Home, 0o700); err != nil {
		return fmt.Errorf("home: %w", err)
	}
	create := wallet.CreateOptions{Cost: session.PasswordCost()}
	var err error
	fresh := !o.Import && o.ImportFile == ""
	if fresh {
		create.Mnemonic, err = keychain.NewMnemonic(o.Words)
		create.Birthday = time.Now()
	} else {
		create.Mnemonic, err = importPhrase(ctx, env, o)
	}
	if err != nil {
		return err
	}
	defer create.Mnemonic.Wipe()
	if create.Password, err = session.NewPassword(ctx, env); err != nil {
		return err
	}
	defer create.Password.Wipe()
	if fresh {
		if err := handOver(ctx, env, create.Mnemonic, o.WordsFile); err != nil {
			return err
		}
	}
	why := lastdays.Why("")
	if !fresh {
		why = lastdays.Words
	}
	if err := beginHome(env, why); err != nil {
		return err
	}
	if err := wallet.Create(ctx, cfg, create); err != nil {
		return err
	}
	return printCreated(ctx, env, o)
}

// noWalletWithoutKeychain refuses a new seed where a wallet of any network is that has lost its
// keychain, or never had one: nobody is to write down words that open nothing, and one home has one
// seed.
func noWalletWithoutKeychain(e *session.Session) error {
	there, err := lookInto(e.Config)
	if err != nil || len(there.wallets) == 0 {
		return err
	}
	return fault.New("conflict", "there is a wallet in %s already (%s), without a keychain", e.Config.Home, strings.Join(there.names, ", ")).
		Hint("if its keychain is lost, make it again from the words: blockstack wallet restore").
		Hint("or make another wallet elsewhere: --home DIR")
}

// addNetwork makes the wallet of another network from the keychain that is there.
func addNetwork(ctx context.Context, env *session.Session, cfg wallet.Config, o createOptions) error {
	if _, err := os.Stat(env.Config.LabelsFile()); err == nil {
		return fault.New("conflict", "there is a wallet for %s in %s already", env.Config.Network, env.Config.Home).
			Hint("show its address: blockstack wallet address").Hint("or make another elsewhere: --home DIR")
	}
	if o != (createOptions{Words: o.Words}) {
		return fault.New("conflict", "there is a keychain in %s already", env.Config.Home).
			Hint("to use it on %s, too: blockstack wallet create, without flags for a phrase", env.Config.Network).
			Hint("or make another elsewhere: --home DIR")
	}
	password, err := env.Keys.Password(ctx, func(password *secret.Bytes) error {
		if err := beginNetwork(env); err != nil {
			return err
		}
		return wallet.Create(ctx, cfg, wallet.CreateOptions{Password: password})
	})
	if err != nil {
		return err
	}
	password.Wipe()
	env.Out.Note("the keychain that is in this home is now used on %s, too", env.Config.Network)
	return printCreated(ctx, env, o)
}

// printCreated shows what was made and an address to begin with.
func printCreated(ctx context.Context, env *session.Session, o createOptions) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	a, err := w.ReceiveAddress(ctx, wallet.DefaultKind)
	if err != nil {
		return err
	}
	owner, err := w.OwnerAddress(ctx, 0)
	if err != nil {
		return err
	}
	doc := map[string]any{
		"keychain": env.Config.KeychainFile(), "network": env.Config.Network, "fingerprint": w.Fingerprint(),
		"address": a.Text, "owner_address": owner.Text,
	}
	if o.WordsFile != "" {
		doc["words_file"] = o.WordsFile
	}
	return env.Out.Result("wallet.create", doc, func(t *voice.Text) {
		t.Field("keychain", "%s", env.Config.KeychainFile())
		t.Field("network", "%s", env.Config.Network)
		t.Field("address", "%s", a.Text)
		t.Field("owner address", "%s", owner.Text)
		if o.WordsFile != "" {
			t.Field("words", "%s", o.WordsFile)
		}
	})
}

// importPhrase takes the user's phrase, and refuses one with a slip in it.
func importPhrase(ctx context.Context, env *session.Session, o createOptions) (*secret.Bytes, error) {
	var text *secret.Bytes
	var err error
	switch {
	case o.ImportFile != "":
		text, err = readWordsFile(o.ImportFile, env.In)
	default:
		text, err = env.Ask.Secret(ctx, prompt.Question{Text: "Your phrase, words separated by spaces", Flag: "--import-file FILE"})
	}
	if err != nil {
		return nil, fmt.Errorf("phrase: %w", err)
	}
	defer text.Wipe()
	return keychain.CleanMnemonic(text)
}

// handOver gives the user the words: into a new file, or on the terminal with a few asked back.
func handOver(ctx context.Context, env *session.Session, phrase *secret.Bytes, file string) error {
	if file != "" {
		if err := writeWords(file, phrase); err != nil {
			return fmt.Errorf("words file: %w", err)
		}
		env.Out.Warn("%s holds your money and your names; move it to a safe place", file)
		return nil
	}
	q := prompt.Question{Text: "Write these words down, in this order. They are shown once.", Flag: "--words-file FILE"}
	shown := numbered(phrase)
	defer shown.Wipe()
	if err := env.Ask.Reveal(ctx, q, shown); err != nil {
		return err
	}
	return askBack(ctx, env, phrase)
}

// numbered writes a phrase in rows of four words with their numbers, for copying by hand.
func numbered(phrase *secret.Bytes) *secret.Bytes {
	const longestWord, row = 8, 4
	var out []byte
	phrase.Use(func(b []byte) {
		words := bytes.Fields(b)
		out = make([]byte, 0, len(words)*(longestWord+8)) // never grown, which would leave copies behind
		for i, w := range words {
			out = fmt.Appendf(out, "  %2d ", i+1)
			out = append(out, w...)
			if i%row == row-1 {
				out = append(out, '\n')
				continue
			}
			for range longestWord + 1 - len(w) {
				out = append(out, ' ')
			}
		}
	})
	return secret.New(out)
}

// askBack asks for a few of the words, so that a phrase that was not written down is noticed now.
func askBack(ctx context.Context, env *session.Session, phrase *secret.Bytes) error {
	n := 0
	phrase.Use(func(b []byte) { n = len(bytes.Fields(b)) })
	places, err := pick(n, wordsAsked)
	if err != nil {
		return err
	}
	for _, place := range places {
		answer, err := env.Ask.Secret(ctx, prompt.Question{Text: fmt.Sprintf("Word number %d", place+1), Flag: "--words-file FILE"})
		if err != nil {
			return err
		}
		same := false
		phrase.Use(func(b []byte) {
			word := secret.Copy(bytes.Fields(b)[place])
			defer word.Wipe()
			same = word.Equal(answer)
		})
		answer.Wipe()
		if !same {
			return fault.New("declined", "that is not word number %d; no wallet was made", place+1).
				Hint("run blockstack wallet create again and write the new words down")
		}
	}
	return nil
}

// pick chooses k of n places at random, ascending.
func pick(n, k int) ([]int, error) {
	var places []int
	for len(places) < min(n, k) {
		r, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
		if err != nil {
			return nil, err
		}
		if p := int(r.Int64()); !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	slices.Sort(places)
	return places, nil
}

// writeWords writes the phrase to a file that must not exist, for its owner alone, and waits until
// it is on disk.
func writeWords(path string, phrase *secret.Bytes) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	phrase.Use(func(b []byte) {
		if _, err = f.Write(b); err == nil {
			_, err = io.WriteString(f, "\n")
		}
	})
	return errors.Join(err, f.Sync(), f.Close())
}
