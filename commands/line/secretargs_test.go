package line_test

import (
	"context"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/line"
)

// TestRefuseSecrets: what is refused, and what only looks a little like it. The keys and phrases
// are published examples of BIP 32, BIP 39, and of transactions everybody knows.
func TestRefuseSecrets(t *testing.T) {
	const phrase24 = "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless"
	for _, c := range []struct {
		words []string
		want  string // what it looks like; empty: nothing
	}{
		{[]string{phrase24}, "a seed phrase"},
		{[]string{"--bio=" + phrase24}, "a seed phrase"},
		{[]string{strings.ToUpper(phrase24)}, "a seed phrase"},
		{strings.Fields("x " + phrase24), "a seed phrase"},
		{strings.Fields(phrase24)[:11], ""},
		{[]string{"the quick brown fox jumps over the lazy dog and then it sleeps until the next day"}, ""},
		{[]string{"description=I write about bitcoin and names, and how they may be used by people who own them"}, ""},
		{[]string{"KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617"}, "a private key (WIF)"},
		{[]string{"key=KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98618"}, "a private key (WIF)"}, // wrong checksum
		{[]string{"cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA"}, "a private key (WIF)"},
		{[]string{"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"}, ""},
		{[]string{"xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"}, ""},
		{[]string{"xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"}, "an extended private key"},
		{[]string{"--key=tprv8ZgxMBicQKsPeDgjzdC36fs6bMjGApWDNLR9erAXMs5skhMv36j9MV5ecvfavji5khqjWaWSFhN3YcCUUdiKH6isR4Pwy3U5y5egddBr16m"}, "an extended private key"},
		{[]string{"wpkh([73c5da0a/84h]xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi/0/*)"}, "an extended private key"},
		{[]string{"", "-", "--", "="}, ""},
	} {
		err := line.RefuseSecrets(c.words)
		checkRefusal(t, c.words, err, c.want)
	}
}

// checkRefusal compares a refusal with what was expected and looks for the words in what is said.
func checkRefusal(t *testing.T, words []string, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") {
		t.Errorf("%.60q: %v, want %q", words, err, want)
		return
	}
	if err == nil {
		return
	}
	f := faults.Of(context.Background(), err)
	if !strings.Contains(f.Message, "looks like "+want+":") || f.Exit() != fault.ExitUsage || len(f.Hints) == 0 {
		t.Errorf("%.60q: %v, exit %d, hints %q", words, f, f.Exit(), f.Hints)
	}
	for _, w := range words {
		for _, said := range append(f.Hints, f.Message) {
			if len(w) > 20 && strings.Contains(said, w[:20]) {
				t.Errorf("%.60q is repeated: %s", words, said)
			}
		}
	}
}

// TestRefuseBareKeys: 32 bytes of hex are a private key, except where the help names a hash.
func TestRefuseBareKeys(t *testing.T) {
	const key = "e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262"
	const pub = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
	verb := &cli.Command{Name: "x", ArgsUsage: "NAME TXID...", Flags: []cli.Flag{
		&cli.StringFlag{Name: "block", Usage: "from `BLOCKHASH` on"},
		&cli.StringFlag{Name: "to", Usage: "to `ADDRESS`"},
	}}
	for _, c := range []struct {
		flags, args []string
		refused     bool
	}{
		{nil, []string{"alice.id", key, key}, false},
		{nil, []string{key}, true},
		{nil, []string{"0x" + strings.ToUpper(key)}, true},
		{nil, []string{"payment=" + key}, true},
		{nil, []string{key[:62]}, false},
		{nil, []string{key + "00"}, false},
		{nil, []string{key + "01"}, true},
		{nil, []string{pub}, false},
		{[]string{"--block=" + key}, nil, false},
		{[]string{"--to=" + key}, nil, true},
		{[]string{"--to=1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"}, nil, false},
	} {
		want := ""
		if c.refused {
			want = "a private key in hex"
		}
		err := line.RefuseBareKeys(&line.Line{Path: []*cli.Command{verb}, Flags: c.flags, Args: c.args}, append(c.flags, c.args...))
		checkRefusal(t, append(c.flags, c.args...), err, want)
	}
	checkRefusal(t, []string{key}, line.RefuseBareKeys(&line.Line{Globals: []string{"--home=" + key}}, nil), "a private key in hex")
}
