// Package verbtest runs one verb in the tests of its package, as the program runs it: words are
// parsed, options refused, rooms opened in a home on disk. There is no network, no terminal and no
// node.
package verbtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/index/scenario"
	"blockstack/txbuilder/lastdays"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// Outcome is how a verb ended.
type Outcome struct {
	Fault *fault.Fault   // nil: it was done
	Out   string         // what stands on standard output
	Said  string         // what stands on standard error
	Doc   map[string]any // with --json, the document
}

// Exit is the exit code of the program.
func (o Outcome) Exit() fault.ExitCode {
	if o.Fault == nil {
		return fault.ExitDone
	}
	return o.Fault.Exit()
}

// Home is a home in a folder of the test's own.
type Home struct {
	Dir   string
	Flags []string // that lead to it
}

// Empty is a home where nothing is.
func Empty(t *testing.T) Home {
	dir := t.TempDir()
	return Home{Dir: dir, Flags: []string{"--home", dir, "--network", "regtest", "--offline", "--no-input"}}
}

// Recorded is a home whose index has read a recorded chain, one of the vectors, by its rules.
func Recorded(t *testing.T, vector []byte) Home {
	t.Helper()
	h := Empty(t)
	chain, err := scenario.Read(bytes.NewReader(vector))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(h.Dir, "regtest")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	x, err := index.Open(filepath.Join(dir, "index.db"), chain.Params, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rules bytes.Buffer
	err = errors.Join(x.Follow(t.Context(), chain, nil), x.Close(), names.WriteRegistry(&rules, chain.Params))
	if err != nil {
		t.Fatal(err)
	}
	h.Flags = append(h.Flags, "--registry", h.File(t, "registry.json", rules.String()))
	return h
}

// Password is that of the wallet of WithWallet.
const Password = "correct horse"

// phrase is that of the wallet of WithWallet, a published test vector.
func phrase() string { return strings.Repeat("abandon ", 11) + "about" }

// WithWallet makes a wallet in the home whose password costs nothing to try, and gives it with
// every command.
func (h Home) WithWallet(t *testing.T) Home {
	t.Helper()
	session.LinkedCost = "1 8 1" // keychain.TestCost, which no unlock raises then
	cfg := &config.Config{Home: h.Dir, Network: "regtest"}
	err := errors.Join(lastdays.MadeSeed(h.Dir, cfg.Network), lastdays.Begin(cfg.NetworkPath(), ""), wallet.Create(t.Context(), home.WalletConfig(cfg), wallet.CreateOptions{
		Mnemonic: secret.New([]byte(phrase())), Password: secret.New([]byte(Password)), Cost: keychain.TestCost(),
	}))
	if err != nil {
		t.Fatal(err)
	}
	h.Flags = append(slices.Clone(h.Flags), "--password-file", h.File(t, "password", Password+"\n"))
	return h
}

// File writes a file into the home, for this user alone.
func (h Home) File(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(h.Dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Run types words after the words of a command.
func (h Home) Run(t *testing.T, command *cli.Command, words ...string) Outcome {
	t.Helper()
	for _, key := range config.Keys() { // no variable of whoever tests decides anything
		if key.Variable() != "" {
			t.Setenv(key.Variable(), "") // to be what it was after the test
			os.Unsetenv(key.Variable())
		}
	}
	var out, said bytes.Buffer
	env := &session.Session{In: strings.NewReader(""), Out: voice.New(&out, &said)}
	app := &cli.App{
		Name: "blockstack", HelpName: "blockstack", Flags: line.Flags(), Commands: []*cli.Command{command},
		Metadata: map[string]any{line.EnvKey: env}, HideHelp: true, HideVersion: true, HideHelpCommand: true,
		Writer: io.Discard, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {}, DisableSliceFlagSeparator: true,
	}
	app.Setup()
	line.Each(app.Commands, app.HelpName, func(c *cli.Command, name string) { c.HelpName, c.HideHelp = name, true })
	typed, err := line.Split(app, append([]string{command.Name}, append(words, h.Flags...)...))
	if err == nil {
		err = app.RunContext(t.Context(), typed.Argv(app.Name))
	}
	err = errors.Join(err, env.Close())
	o := Outcome{}
	if err != nil {
		o.Fault = faults.Of(t.Context(), err)
	}
	if o.Fault == nil || o.Fault.KeepResult {
		if err := env.Out.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	o.Out, o.Said = out.String(), said.String()
	if slices.Contains(words, "--json") && o.Out != "" {
		if err := json.Unmarshal(out.Bytes(), &o.Doc); err != nil {
			t.Fatalf("%q: %v: %s", words, err, o.Out)
		}
	}
	return o
}

// Refused types words that a command must refuse, in a home where nothing is, each with a part of
// what it says. Nothing may come into the home and nothing be printed.
func Refused(t *testing.T, command *cli.Command, says map[string]string) {
	t.Helper()
	for _, words := range slices.Sorted(maps.Keys(says)) {
		h := Empty(t)
		o := h.Run(t, command, strings.Fields(words)...)
		left, err := os.ReadDir(h.Dir)
		if o.Exit() != fault.ExitUsage || !strings.Contains(o.Fault.Message, says[words]) || o.Out != "" || err != nil || len(left) > 0 {
			t.Errorf("%s %s: exit %d, %v, want what says %q; printed %q, left %v %v", command.Name, words, o.Exit(), o.Fault, says[words], o.Out, left, err)
		}
	}
}
