package line

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/voice"
)

// typed are the words of a command line of the small program.
func typed(words ...string) *Typed { return NewTyped(small(nil, nil), words) }

// TestHarmless: what may be repeated in a message, and what may be a secret.
func TestHarmless(t *testing.T) {
	w := typed()
	for _, word := range []string{
		"abc", "show", "shwo", "--netwrok", "alice.id", "node.example.com:8333", "1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk", "bcrt1qcr8te4kr609gcawutmrza0j4xv80jy8zeqchgx",
		strings.Repeat("0f", 32), strings.Repeat("0f", 32) + ":1", "02" + strings.Repeat("ab", 32), "0.001", "2019-05-01", "1h30m", "60d", "/etc/passwd", "./words.txt", "names.csv",
		"https://a.example/profile.json", "bitcoin:1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk?amount=0.5", "name=alice.id", "alice.id,bob.id", "127.0.0.1:9050",
	} {
		if !w.harmless(word) {
			t.Errorf("%q is hidden", word)
		}
	}
	for _, word := range []string{
		"hunter2hunter2", "Tr0ub4dor&3", "correct horse battery", "https://me:pass@a.example/", "https://a.example/?token=abcdef", "xK9mQ2vL8pR4w", "abandon", "zoo zoo zoo",
		"name=Hunter2!Hunter2", "alice.id,Tr0ub4dor&3", "L1aW4aubDFB7yfras2S1mN3bqg9nwySY8nkoLmJebSLD5BWv3ENZ", strings.Repeat("a", longestTyped+1),
	} {
		if w.harmless(word) {
			t.Errorf("%q is repeated", word)
		}
	}
}

// TestHide: a word that may be a secret is told by its place, however a message quotes it and
// whatever part of it stands there.
func TestHide(t *testing.T) {
	const secret = `hun"ter2 Über/swordfish-77`
	w := typed("name", "show", secret, "--at", "Sw0rdfish!!", "--home=Tr0ub4dor&3xyz")
	for message, want := range map[string]string{
		"open " + secret + ": no":                       "open argument 3: no",
		"open " + strconv.Quote(secret) + ": no":        "open argument 3: no",
		"open " + strconv.QuoteToASCII(secret) + ": no": "open argument 3: no",
		"open " + strings.ToUpper("swordfish-77"):       "open argument 3",
		"--at is \"Sw0rdfish!!\"":                       "--at is the value of --at",
		"mkdir Tr0ub4dor&3xyz/regtest: not a directory": "mkdir the value of --home/regtest: not a directory",
		"no such name": "no such name",
		"":             "",
	} {
		if got := w.Hide(message); got != want {
			t.Errorf("%q:\n%q, want\n%q", message, got, want)
		}
	}
	if got := (*Typed)(nil).Hide("as it is"); got != "as it is" {
		t.Error(got)
	}
}

// TestHideLeavesPaths: what was there as a file when the command began is no secret.
func TestHideLeavesPaths(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Sw0rdfish!! of mine")
	message := "open " + path + ": is malformed"
	if got := typed("name", "show", path).Hide(message); strings.Contains(got, "Sw0rdfish!!") {
		t.Errorf("of no file: %s", got)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := typed("name", "show", path).Hide(message); got != message {
		t.Errorf("of a file: %s", got)
	}
}

// TestHidePaymentURI: of a payment URI its amount is said and its label is not.
func TestHidePaymentURI(t *testing.T) {
	const uri = "bitcoin:1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk?amount=0.5&label=rent%20for%20Sw0rdfish"
	got := typed("pay", uri).Hide("the amount of " + uri + " (rent for Sw0rdfish) is 0.5")
	if strings.Contains(got, "Sw0rdfish") || !strings.Contains(got, "amount=0.5") || !strings.Contains(got, "1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk") {
		t.Error(got)
	}
}

// TestHideVariables: the value of a variable of ours is told by the variable's name.
func TestHideVariables(t *testing.T) {
	for _, f := range Flags() {
		for _, name := range Doc(f).GetEnvVars() {
			t.Setenv(name, "Tr0ub4dor&3xyz")
			if got := typed().Hide("bad: Tr0ub4dor&3xyz"); got != "bad: the value of "+name {
				t.Errorf("%s: %s", name, got)
			}
			os.Unsetenv(name)
		}
	}
}

// TestTroff: what troff takes for its own becomes text.
func TestTroff(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", ".SH": `\&.SH`, `a\b`: `a\eb`, "--all": `\-\-all`, "it's": `it\(aqs`, "`x`": `\(gax\(ga`, `"q"`: `\(dqq\(dq`, "é": `\[u00E9]`,
	} {
		if got := Troff(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestHelpFits: no line of a page is wider than a terminal, a word that is longer stands alone, and
// examples stay as they are.
func TestHelpFits(t *testing.T) {
	long := strings.Repeat("many words of a sentence ", 12)
	c := &cli.Command{Name: "show", HelpName: "blockstack name show", ArgsUsage: "NAME", Usage: "look at it", Description: long + "\n\n  an   example\n",
		Flags: []cli.Flag{&cli.StringFlag{Name: "a-flag-whose-name-is-long", Value: "x", Usage: "takes `SOMETHING` and " + long}, &cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "all"}}}
	var b bytes.Buffer
	CommandHelp(&b, c)
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSuffix(line, "\n"); len([]rune(line)) > voice.TerminalWidth {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	for _, want := range []string{"blockstack name show: look at it\n", "\n  an   example\n", "  --a-flag-whose-name-is-long SOMETHING\n", "(default: x)", "--all, -a"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	app := small(nil, nil)
	app.Usage = long
	page := ManualPage(app)
	for _, want := range []string{".TH BLOCKSTACK 1", ".SS \"blockstack name show NAME [TXID...]\"", ".B \\-\\-at HEIGHT\n", ".SH EXIT STATUS\n", ".B 13\n"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the manual page", want)
		}
	}
}
