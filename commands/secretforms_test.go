package commands

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tyler-smith/go-bip39"
	"github.com/tyler-smith/go-bip39/wordlists"
	"golang.org/x/text/unicode/norm"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/wallet/secretform"
)

const (
	publicPhrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	publicWIF    = "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617"
	publicXprv   = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
	publicHex    = "e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262"
)

// secretForms are the ways in which people write secrets into one argument. All are published
// examples.
func secretForms() map[string]string {
	words := strings.Fields(publicPhrase)
	join := func(f func(i int, w string) string) string {
		var out []string
		for i, w := range words {
			out = append(out, f(i, w))
		}
		return strings.Join(out, "")
	}
	short := func(w string) string { return w[:min(4, len(w))] }
	forms := map[string]string{
		"numbered":           join(func(i int, w string) string { return fmt.Sprintf("%d. %s ", i+1, w) }),
		"numbered, joined":   join(func(i int, w string) string { return fmt.Sprintf("%d%s", i+1, w) }),
		"numbered, in parts": join(func(i int, w string) string { return fmt.Sprintf("%d)%s,", i+1, w) }),
		"humps":              join(func(_ int, w string) string { return strings.ToUpper(w[:1]) + w[1:] }),
		"no separator":       strings.Join(words, ""),
		"capitals":           strings.ToUpper(publicPhrase),
		"mixed case":         "lEgAl WINNer tHaNk yEAr wAvE sAUSage wORTh useFUL lEGal winNER THANK yelLOW",
		"four letters":       join(func(_ int, w string) string { return short(w) + " " }),
		"quoted list":        `["` + strings.Join(words, `","`) + `"]`,
		"behind words":       "these are my words: " + publicPhrase + " keep them",
		"behind a prefix":    "seed:" + strings.Join(words, "-"),
		"in a field":         "description=" + strings.Join(words, "_"),
		"24 words":           "letter-advice-cage-absurd-amount-doctor-acoustic-avoid-letter-advice-cage-absurd-amount-doctor-acoustic-avoid-letter-advice-cage-absurd-amount-doctor-acoustic-bless",
		"another wallet's":   "academic acid acrobat romp change injury painting safari drug browser trash fridge busy finger standard angry similar overall prune ladle",
		"WIF":                publicWIF,
		"WIF, script kind":   "p2wpkh:" + publicWIF,
		"WIF, nested kind":   "p2wpkh-p2sh:" + publicWIF,
		"WIF in a URI":       "bitcoin:" + publicWIF + "?amount=1",
		"WIF quoted":         "'" + publicWIF + "'",
		"WIF in a field":     "payment.bitcoin=" + publicWIF,
		"WIF uncompressed":   "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
		"WIF in a function":  "pkh(" + publicWIF + ")#abcdefgh",
		"BIP 38":             "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
		"BIP 38, prefix":     "key:6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
		"xprv":               publicXprv,
		"xprv in a path":     "[73c5da0a/84h]" + publicXprv + "/0/*",
		"yprv":               "yprv" + publicXprv[4:],
		"zprv":               "zprv" + publicXprv[4:],
		"hex":                publicHex,
		"hex, 0x":            "0x" + strings.ToUpper(publicHex),
		"hex, prefix":        "bitcoin:" + publicHex,
		"hex, script kind":   "p2pkh:" + publicHex,
		"hex, compressed":    publicHex + "01",
		"hex entropy 16":     "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
		"hex entropy 20":     "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
		"hex entropy 24":     "808080808080808080808080808080808080808080808080",
		"hex entropy 28":     "80808080808080808080808080808080808080808080808080808080",
		"hex seed":           strings.Repeat("9f", 64),
		"hex with colons":    "e9:87:3d:79:c6:d8:7d:c0:fb:6a:57:78:63:33:89:f4:45:32:13:30:3d:a6:1f:20:bd:67:fc:23:3a:a3:32:62",
		"base64":             "6Yc9ecbYfcD7aldYYzOJ9EUyEzA9ph8gvWf8IzqjMmI=",
		"base64, URL form":   "6Yc9ecbYfcD7aldYYzOJ9EUyEzA9ph8gvWf8IzqjMmI",
		"base64 entropy":     "f39/f39/f39/f39/f39/fQ==",
		"age":                "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33",
		"nostr":              "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5",
		"codex32":            "ms10testsxxxxxxxxxxxxxxxxxxxxxxxxxx4nzvca9cmczlw",
		"mini":               "S6c56bnXQiBjk9mqSYE7ykVQ7NzrRy",
		"another coin's key": "6uGFQ4DSW7zh1viHZi6iiVT17CncvoaV4MHvGvJKPDaLCdymj87",
		"PEM":                "-----BEGIN EC PRIVATE KEY-----MHQCAQEEIOmHPXnGx8",
	}
	for _, sep := range []string{" ", "-", "_", ".", ",", ";", ":", "/", "|", "+", "  ", "\t", "\n", ", ", "\u3000", "\u00a0", "=", "~", "*"} {
		forms[fmt.Sprintf("joined by %q", sep)] = strings.Join(words, sep)
	}
	return forms
}

// languagePhrases are phrases in the other languages of BIP 39.
func languagePhrases(t *testing.T) map[string]string {
	t.Helper()
	entropy := bytes.Repeat([]byte{0x3a, 0x91}, 8)
	t.Cleanup(func() { bip39.SetWordList(wordlists.English) })
	out := map[string]string{}
	for name, list := range map[string][]string{
		"Czech": wordlists.Czech, "French": wordlists.French, "Italian": wordlists.Italian, "Spanish": wordlists.Spanish,
		"Japanese": wordlists.Japanese, "Korean": wordlists.Korean, "Chinese": wordlists.ChineseSimplified, "Chinese, traditional": wordlists.ChineseTraditional,
	} {
		bip39.SetWordList(list)
		phrase, err := bip39.NewMnemonic(entropy)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = phrase
		out[name+", composed"] = norm.NFC.String(phrase)
		out[name+", without accents"] = secretform.Fold(phrase)
		out[name+", dashes"] = strings.ReplaceAll(phrase, " ", "-")
		if strings.HasPrefix(name, "Chinese") {
			out[name+", joined"] = strings.ReplaceAll(phrase, " ", "")
		}
	}
	return out
}

// TestSecretForms: every form is found, and what only looks like one is not.
func TestSecretForms(t *testing.T) {
	forms := secretForms()
	maps.Copy(forms, languagePhrases(t))
	for name, form := range forms {
		err := line.RefuseSecrets([]string{"version", form})
		if err == nil {
			err = line.RefuseBareKeys(&line.Line{Args: []string{form}}, []string{"version", form})
		}
		if err == nil {
			t.Errorf("%s is not found: %s", name, form)
			continue
		}
		if f := faults.Of(context.Background(), err); !strings.HasPrefix(f.Message, "argument 2 looks like a") {
			t.Errorf("%s: %s", name, f.Message)
		}
	}
	words := strings.Fields(publicPhrase)
	for name, words := range map[string][]string{
		"one each":        append([]string{"version"}, words...),
		"two halves":      {"version", strings.Join(words[:6], " "), strings.Join(words[6:], " ")},
		"pairs":           {"version", "legal winner", "thank year", "wave sausage", "worth useful", "legal winner", "thank yellow"},
		"dotted pairs":    {"version", "legal.winner", "thank.year", "wave.sausage", "worth.useful", "legal.winner", "thank.yellow"},
		"numbers between": strings.Fields("version 1 legal 2 winner 3 thank 4 year 5 wave 6 sausage 7 worth 8 useful 9 legal 10 winner 11 thank 12 yellow"),
		"flags between":   strings.Fields("version legal winner thank year wave --json sausage worth useful legal winner thank yellow"),
		"flag values":     strings.Fields("version --a=legal --b=winner --c=thank --d=year --e=wave --f=sausage --g=worth --h=useful --i=legal --j=winner --k=thank --l=yellow"),
		"typing errors":   strings.Fields("version legal winner thank yeer wave sausage worth useful legal winner thnk yellow"),
	} {
		if err := line.RefuseSecrets(words); err == nil {
			t.Errorf("%s is not found", name)
		}
	}
	for _, words := range [][]string{
		{"name", "check", "legal.club", "winner.club", "thank.club", "year.club", "wave.club", "sausage.club", "worth.club", "useful.club", "yellow.club", "zoo.club"},
		{"profile", "create", "description=I build software for people who like open networks, good coffee and long walks by the sea with my dog"},
		{"profile", "create", "description=我们在这里写一些关于自己的文字，介绍工作和生活，还有喜欢的音乐和电影"},
		{"wallet", "label", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "rent for the flat in May, paid to Anna and her brother by bank"},
		{"profile", "verify", "https://hub.example/hub/1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2/e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262.json"},
		{"config", "set", "zonefiles", "/home/alice/Projects2024/Blockstack/zone-files"},
		{"profile", "verify", "a.json", "--key", "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"},
		{"wallet", "verify-message", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "IDuoXXR6qWvdY8XIuHDWoXEJaQNcGyYHvY8TzgGpGdFNdUMUdg0Ei4ZkwAhyG3sAZbMmQf8rKuQp5i0rIyQtxyY=", "hello"},
		{"wallet", "psbt", "show", "cHNidP8BAFICAAAAAZ38ZijCbFiZ/hvT3DOGZb/VXXraEPYiCXPfLTht7BJ2AQAAAAD/////AfA9zR0AAAAAFgAUezoAv9wU0neVwrdJAdCdpu8TNXkAAAAATwEENYfP"},
		{"request", "0.1", "--label", "SHA256:uNiVztksCsDhcc0u9e8BrXqrfpRUcmNyQJwrMcFJ7nE"},
		{"proof", "add", "alice.json", "ssh", "SHA256:uNiVztksCsDhcc0u9e8BrXqrfpRUcmNyQJwrMcFJ7nE"},
		{"x", "123e4567-e89b-12d3-a456-426614174000", "2026-01-01", "12.5", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"},
	} {
		err := line.RefuseSecrets(words)
		if err == nil {
			err = line.RefuseBareKeys(&line.Line{Args: words}, words)
		}
		if err != nil {
			t.Errorf("%q: %v", words, err)
		}
	}
}

// TestSecretsEverywhere puts secrets into every place of every command: those that are recognized
// are refused before anything is done, and nothing that is said repeats them.
func TestSecretsEverywhere(t *testing.T) {
	inEmptyFolder(t)
	forms := secretForms()
	names := slices.Sorted(maps.Keys(forms))
	env, _, _ := testEnv()
	all := verbs(newApp(env))
	turn := 0
	for _, verb := range slices.Sorted(maps.Keys(all)) {
		for position := range 5 {
			for range max(1, len(names)/60) {
				name := names[turn%len(names)]
				turn++
				secret := forms[name]
				words := strings.Fields(verb)
				switch position {
				case 0:
					words = append(words, secret)
				case 1:
					words = append([]string{secret}, words...)
				case 2:
					words = append(words, "--", secret)
				case 3:
					words = append(words, "--home="+secret)
				case 4:
					words = append(words, "--home", secret)
				}
				if turn%2 == 0 {
					words = append([]string{"--json"}, words...)
				}
				checkUnsaid(t, name, words, secret, all[verb].ArgsUsage)
			}
		}
	}
}

// inEmptyFolder keeps what commands write out of the source.
func inEmptyFolder(t *testing.T) {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("EDITOR", "false")
	t.Chdir(home)
}

// checkUnsaid runs a line that has a secret, and looks for it in what is said. An end at once keeps
// what is not refused from doing anything.
func checkUnsaid(t *testing.T, name string, words []string, secret, usage string) {
	t.Helper()
	env, out, errOut := testEnv()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	code := Run(ctx, env, append([]string{"blockstack"}, words...))
	said := strings.ToLower(out.String() + errOut.String())
	if code != int(fault.ExitUsage) && !line.TakesHash(usage) && !strings.Contains(usage, "FIELD=VALUE") && !strings.Contains(usage, "IDENTIFIER") {
		t.Errorf("%s, %.100q: exit %d, %s", name, words, code, said)
	}
	for _, piece := range pieces(secret) {
		if strings.Contains(said, piece) {
			t.Errorf("%s: %q is repeated: %s", name, piece, said)
		}
	}
}

// pieces are the parts of a secret that nobody may repeat: eight characters in a row at a few
// places.
func pieces(secret string) []string {
	var out []string
	for i := 0; i+8 <= len(secret); i += max(1, len(secret)/6) {
		if p := strings.ToLower(secret[i : i+8]); !strings.ContainsAny(p, "\t\n:") && !strings.Contains("begin ec private key", strings.Trim(p, "-")) {
			out = append(out, p)
		}
	}
	return out
}

// TestUnknownSecretsEverywhere: passwords, which nothing recognizes, typed in the wrong place, are
// not repeated either.
func TestUnknownSecretsEverywhere(t *testing.T) {
	inEmptyFolder(t)
	env, _, _ := testEnv()
	app := newApp(env)
	all := verbs(app)
	secrets := []string{"correct-horse-battery", "Tr0ub4dor&3xyzzy", "my secret \"quoted\" pass", "xkcd:936!Staple", "pässwörter\u202egeheim", "Qq7_vB2mXzP4w9TkRt8LhC3nYs6DfG1jUaEoIb5K"}
	turn := 0
	for _, verb := range slices.Sorted(maps.Keys(all)) {
		lines := [][]string{}
		c := all[verb]
		s := func() string { turn++; return secrets[turn%len(secrets)] }
		base := strings.Fields(verb)
		a := line.ParseArity(c.ArgsUsage)
		n := a.Max
		if n < 0 {
			n = a.Min + 1
		}
		for i := range n {
			words := slices.Clone(base)
			for j := range max(a.Min, i+1) {
				if j == i {
					words = append(words, s())
				} else {
					words = append(words, "alice.id")
				}
			}
			lines = append(lines, words)
		}
		lines = append(lines, append(slices.Clone(base), "a.id", "b.id", "c.id", s()), append([]string{s()}, base...), append(slices.Clone(base), "--"+s()), append(slices.Clone(base), "--proxy="+s()))
		for _, f := range c.Flags {
			if line.TakesValue(f) {
				words := slices.Clone(base)
				for range a.Min {
					words = append(words, "alice.id")
				}
				lines = append(lines, append(words, "--"+f.Names()[0]+"="+s()))
			}
		}
		for _, words := range lines {
			checkNotRepeated(t, append(words, "--no-input", "--network=regtest", "--offline"), secrets)
		}
	}
}

// checkNotRepeated runs a line that ends at once, and looks for secrets in its errors.
func checkNotRepeated(t *testing.T, words, secrets []string) {
	t.Helper()
	env, _, errOut := testEnv()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	for _, secret := range secrets { // a file of that name is a path
		if err := os.RemoveAll(secret); err != nil {
			t.Fatal(err)
		}
	}
	Run(ctx, env, append([]string{"blockstack"}, words...))
	for _, secret := range secrets {
		for _, form := range []string{secret, strings.ToLower(secret), fmt.Sprintf("%q", secret), fmt.Sprintf("%+q", secret), voice.Clean(secret)} {
			form = strings.Trim(form, `"`)
			if strings.Contains(errOut.String(), form[:min(9, len(form))]) {
				t.Errorf("%q: %s", words, errOut)
				return
			}
		}
	}
}

// TestHide: what is repeated, what is told by its place, and what stays readable.
func TestHide(t *testing.T) {
	env, _, _ := testEnv()
	app := newApp(env)
	for _, c := range []struct {
		words         []string
		message, want string
	}{
		{[]string{"name", "show", "alice.id"}, "alice.id: no such name", "alice.id: no such name"},
		{[]string{"nosuch"}, "no such command: nosuch", "no such command: argument 1"},
		{[]string{"pay", "correct horse", "0.1"}, `"correct horse" is neither a name nor an address`, "argument 2 is neither a name nor an address"},
		{[]string{"balance", "--password-file", "hunter2"}, "open hunter2: no such file or directory", "open the value of --password-file: no such file or directory"},
		{[]string{"balance", "--password-file=hunter2"}, "open hunter2: no such file or directory", "open the value of --password-file: no such file or directory"},
		{[]string{"pay", "alice.id", "abc"}, `invalid amount "abc"`, `invalid amount "abc"`},
		{[]string{"pay", "CORRECTHORSE", "1"}, "correcthorse: bad", "argument 2: bad"},
		{[]string{"pay", strings.Repeat("secret7x", 100), "1"}, `bad target "secret7xsecret7x"…`, "bad target argument 2…"},
		{[]string{"pay", "/tmp/x/wallet.json", "1"}, "open /tmp/x/wallet.json: no such file", "open /tmp/x/wallet.json: no such file"},
		{[]string{"config", "set", "node", "https://al:pw7words@127.0.0.1"}, "node: bad user al:pw7words", "node: bad user argument 4"},
		{[]string{"config", "set", "node", "http://127.0.0.1:8334"}, "http://127.0.0.1:8334 does not answer", "http://127.0.0.1:8334 does not answer"},
		{[]string{"profile", "create", "description=bitcoin and names"}, "names and bitcoin: profile names", "names and bitcoin: profile names"},
		{[]string{"unlock", "my wallet name"}, "no such verb: my wallet name; a wallet", "no such verb: argument 2; a wallet"},
		{[]string{"pay", "bitcoin:1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3?amount=0.25000000&req-x=1&label=hidden%20words", "1"},
			"it requires req-x and asks for 0.25000000 for hidden words", "it requires req-x and asks for 0.25000000 for argument 2"},
		{[]string{"mybackup"}, "open mybackup: no such file", "open argument 1: no such file"},
		{[]string{"pay", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "1"}, "bad address 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "bad address 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3"},
	} {
		if got := line.NewTyped(app, c.words).Hide(c.message); got != c.want {
			t.Errorf("%q: %s, want %s", c.words, got, c.want)
		}
	}
	var nobody *line.Typed
	if nobody.Hide("x") != "x" {
		t.Error("without a command line nothing is hidden")
	}
}
