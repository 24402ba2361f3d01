package session_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/line"
	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/commands/verbtest"
	"blockstack/names"
	"blockstack/testdata"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/coins"
	"blockstack/wallet/labels"
	"blockstack/wallet/secret"
)

// codeOf is the code of an error as the user sees it, empty for none.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	return faults.Of(t.Context(), err).Code
}

// done fails the test when f, run as a verb, fails.
func done(t *testing.T, h verbtest.Home, p *verbtest.Person, f func(e *session.Session) error, words ...string) verbtest.Outcome {
	t.Helper()
	o := h.Inside(t, p, f, words...)
	if o.Fault != nil {
		t.Fatal(o.Fault)
	}
	return o
}

// TestInputBounds: what is as large as it may be is read whole, one byte more is refused, from a
// file as from standard input. The mark of an editor is left out of a text, and kept in bytes.
func TestInputBounds(t *testing.T) {
	h := verbtest.Empty(t)
	fits, long, marked := h.File(t, "fits", "12345"), h.File(t, "long", "123456"), h.File(t, "marked", "\ufeff12")
	done(t, h, nil, func(e *session.Session) error {
		for name, read := range map[string]func(*session.Session, string, int64) ([]byte, error){"bytes": session.ReadAtMost, "text": session.ReadFileOrStdin} {
			for _, c := range []struct{ path, in, want, code string }{
				{fits, "", "12345", ""},
				{long, "", "", "malformed"},
				{"-", "abcde", "abcde", ""},
				{"-", "abcdef", "", "malformed"},
				{"-", "", "", ""},
				{marked, "", map[string]string{"bytes": "\ufeff12", "text": "12"}[name], ""},
			} {
				e.In = strings.NewReader(c.in)
				got, err := read(e, c.path, 5)
				if code := codeOf(t, err); code != c.code || err == nil && string(got) != c.want {
					t.Errorf("%s of %s %q: %q %v", name, filepath.Base(c.path), c.in, got, err)
				}
				if err != nil && err.Error() != c.path+" has more than 5 bytes" {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := read(e, filepath.Join(h.Dir, "none"), 5); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s of no file: %v", name, err)
			}
		}
		return nil
	})
}

// TestAddresses: an address of the network is its script and back; one of another network, and what
// is none, is refused.
func TestAddresses(t *testing.T) {
	const ours = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8"
	done(t, verbtest.Empty(t), nil, func(e *session.Session) error {
		script, err := session.AddressScript(e, ours)
		if err != nil || fmt.Sprintf("%x", script) != "76a914"+strings.Repeat("00", 20)+"88ac" {
			t.Errorf("%x %v", script, err)
		}
		if got := session.AddressOf(e, script); got != ours {
			t.Errorf("%q", got)
		}
		for _, none := range [][]byte{nil, {0x6a}, {0x51}} {
			if got := session.AddressOf(e, none); got != "" {
				t.Errorf("%x is %q", none, got)
			}
		}
		for _, bad := range []string{"", "alice", "1BitcoinEaterAddressDontSendf59kuE", ours[1:], ours + "x", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"} {
			if _, err := session.AddressScript(e, bad); codeOf(t, err) != "bad_address" {
				t.Errorf("%q: %v", bad, err)
			}
		}
		return nil
	})
}

// TestOwnerScript: a number is an identity of the wallet, above the highest one it is taken for an
// address with a slip in it, and an address is itself.
func TestOwnerScript(t *testing.T) {
	done(t, verbtest.Empty(t).WithWallet(t), nil, func(e *session.Session) error {
		w, err := e.Wallet(t.Context())
		if err != nil {
			return err
		}
		want, err := w.OwnerScript(t.Context(), 0)
		if err != nil {
			return err
		}
		for _, text := range []string{"0", "00", session.AddressOf(e, want)} {
			if got, err := session.OwnerScript(t.Context(), e, text); err != nil || string(got) != string(want) {
				t.Errorf("%s: %x %v", text, got, err)
			}
		}
		for _, text := range []string{fmt.Sprint(line.MaxIdentity + 1), "-1", "4294967296", "0x0"} {
			if _, err := session.OwnerScript(t.Context(), e, text); codeOf(t, err) != "bad_address" {
				t.Errorf("%s: %v", text, err)
			}
		}
		if _, err := session.OwnerScript(t.Context(), e, fmt.Sprint(line.MaxIdentity)); err == nil || codeOf(t, err) == "bad_address" {
			t.Errorf("the highest identity of a locked wallet: %v", err)
		}
		return nil
	})
	done(t, verbtest.Empty(t), nil, func(e *session.Session) error {
		if _, err := session.OwnerScript(t.Context(), e, "0"); faults.Of(t.Context(), err).Exit() != fault.ExitNotFound {
			t.Errorf("an identity without a wallet: %v", err)
		}
		return nil
	})
}

// TestGivenRate: a rate that was given is taken as it is without a node; what is none is refused,
// and without one a node is wanted.
func TestGivenRate(t *testing.T) {
	done(t, verbtest.Empty(t), nil, func(e *session.Session) error {
		for _, c := range []struct {
			given string
			rate  txbuilder.FeeRate
			code  string
		}{
			{"5", 5000, ""}, {"1.25", 1250, ""}, {"1", 1000, ""},
			{"0.5", 0, "usage"}, {"x", 0, "usage"}, {"5sat", 0, "usage"}, {"1.2345", 0, "usage"}, {"1000000", 0, "usage"}, {"-1", 0, "usage"},
		} {
			rate, err := session.ChosenRate(t.Context(), e, c.given, 3)
			if c.code == "" && (err != nil || rate != c.rate) || c.code != "" && faults.Of(t.Context(), err).Exit() != fault.ExitUsage {
				t.Errorf("%s: %v %v", c.given, rate, err)
			}
		}
		if _, err := session.ChosenRate(t.Context(), e, "", 3); err == nil {
			t.Error("offline there is nothing to learn a rate from")
		}
		return nil
	})
}

// TestAgreeToFee: a fee out of proportion is asked about unless the rate was given; what is typed
// must be the word.
func TestAgreeToFee(t *testing.T) {
	odd, odder := txbuilder.Cost{Fee: 60_000}, txbuilder.Cost{Fee: 60_000, Moved: 100_000}
	for _, c := range []struct {
		what    string
		given   bool
		words   []string
		answers []string
		op      txbuilder.Cost
		code    string
		asked   string
	}{
		{"modest", false, nil, nil, txbuilder.Cost{Fee: 1000}, "", ""},
		{"rate given", true, nil, nil, odd, "", ""},
		{"agreed", false, nil, []string{"fee"}, odd, "", "pay a fee of 0.00060000 BTC for what moves no bitcoin; type fee to agree"},
		{"agreed, of an amount", false, nil, []string{"fee"}, odder, "", "pay a fee of 0.00060000 BTC to move 0.00100000 BTC; type fee to agree"},
		{"yes is not the word", false, nil, []string{"yes"}, odd, "declined", "pay a fee of 0.00060000 BTC for what moves no bitcoin; type fee to agree"},
		{"nobody", false, nil, nil, odd, "needs_input", "pay a fee of 0.00060000 BTC for what moves no bitcoin; type fee to agree"},
		{"--yes is no answer", false, []string{"--yes"}, nil, odd, "needs_input", "pay a fee of 0.00060000 BTC for what moves no bitcoin; type fee to agree"},
		{"--confirm fee", false, []string{"--confirm", "fee"}, nil, odd, "", ""},
	} {
		p := &verbtest.Person{Answers: c.answers}
		done(t, verbtest.Empty(t), p, func(e *session.Session) error {
			if err := session.AgreeToFee(t.Context(), e, c.given, c.op); codeOf(t, err) != c.code {
				t.Errorf("%s: %v", c.what, err)
			}
			return nil
		}, c.words...)
		asked := ""
		if len(p.Asked) == 1 {
			asked = p.Asked[0].Text
		}
		if asked != c.asked || len(p.Asked) > 1 {
			t.Errorf("%s: asked %q", c.what, p.Asked)
		}
	}
}

// TestOrdinaryQuestion: yes goes on, anything else is declined, and nobody names the flag.
func TestOrdinaryQuestion(t *testing.T) {
	for _, c := range []struct {
		answers []string
		code    string
	}{{[]string{"yes"}, ""}, {[]string{"no"}, "declined"}, {[]string{""}, "declined"}, {nil, "needs_input"}} {
		p := &verbtest.Person{Answers: c.answers}
		o := verbtest.Empty(t).Inside(t, p, func(e *session.Session) error { return e.Confirm(t.Context(), "Go on") })
		if got := codeOf(t, asError(o.Fault)); got != c.code || len(p.Asked) != 1 || p.Asked[0] != (prompt.Question{Text: "Go on", Flag: "--yes"}) {
			t.Errorf("%q: %v, asked %v", c.answers, o.Fault, p.Asked)
		}
	}
}

// asError is a fault as an error.
func asError(f *fault.Fault) error {
	if f == nil {
		return nil
	}
	return f
}

// TestNewPassword: it is typed twice; an empty one, and two that differ, are asked for again; a
// weak one is called weak.
func TestNewPassword(t *testing.T) {
	const strong = "orbit velvet candle thunder mosaic pickle"
	for _, c := range []struct {
		answers []string
		want    string
		asked   int
		said    []string
	}{
		{[]string{strong, strong}, strong, 2, nil},
		{[]string{"", strong, strong}, strong, 3, []string{"an empty password protects nothing"}},
		{[]string{strong, "other", strong, strong}, strong, 4, []string{"the two passwords differ; once more"}},
		{[]string{"abc", "abc"}, "abc", 2, []string{"this password is weak: a thief of the file finds it within seconds"}},
		{nil, "", 1, nil},
		{[]string{strong}, "", 2, nil},
		{[]string{strong, "other"}, "", 3, []string{"the two passwords differ; once more"}},
	} {
		p := &verbtest.Person{Answers: c.answers}
		o := done(t, verbtest.Empty(t), p, func(e *session.Session) error {
			got, err := session.NewPassword(t.Context(), e)
			if c.want == "" {
				if codeOf(t, err) != "needs_input" || got != nil {
					t.Errorf("%q: %v", c.answers, err)
				}
				return nil
			}
			if err != nil || !got.Equal(secret.New([]byte(c.want))) {
				t.Errorf("%q: another password, %v", c.answers, err)
			}
			return nil
		})
		var texts []string
		for _, q := range p.Asked {
			texts = append(texts, q.Text)
			if q.Flag != prompt.PasswordFlags {
				t.Errorf("%q: answered with %q", c.answers, q.Flag)
			}
		}
		if len(texts) != c.asked || texts[0] != "New wallet password" || len(texts) > 1 && !slices.Contains(texts, "The same password again") {
			t.Errorf("%q: asked %q", c.answers, texts)
		}
		if len(c.said) == 0 && o.Said != "" {
			t.Errorf("%q: said %q", c.answers, o.Said)
		}
		for _, said := range c.said {
			if strings.Count(o.Said, said) != 1 {
				t.Errorf("%q: said %q, not %q", c.answers, o.Said, said)
			}
		}
	}
}

// TestConfiguredPassword: a password from a file is asked for by nobody, and judged all the same.
func TestConfiguredPassword(t *testing.T) {
	h, p := verbtest.Empty(t), &verbtest.Person{}
	h.Flags = append(h.Flags, "--password-file", h.File(t, "password", "abc\n"))
	o := done(t, h, p, func(e *session.Session) error {
		got, err := session.NewPassword(t.Context(), e)
		if err != nil || !got.Equal(secret.New([]byte("abc"))) {
			t.Errorf("another password, %v", err)
		}
		return nil
	})
	if len(p.Asked) > 0 || !strings.Contains(o.Said, "this password is weak") || strings.Contains(o.Said, "abc") {
		t.Errorf("asked %v, said %q", p.Asked, o.Said)
	}
}

// TestOldPassword: from a file it is tried once; typed, a few times.
func TestOldPassword(t *testing.T) {
	wrong := errors.New("wrong")
	open := func(s *secret.Bytes) error {
		if s.Equal(secret.New([]byte("right"))) {
			return nil
		}
		return wrong
	}
	h := verbtest.Empty(t)
	right, other := h.File(t, "right", "right\nmore\n"), h.File(t, "other", "other\n")
	p := &verbtest.Person{Answers: []string{"right"}}
	done(t, h, p, func(e *session.Session) error {
		if s, err := session.OldPassword(t.Context(), e, right, "Old password", open); err != nil || !s.Equal(secret.New([]byte("right"))) {
			t.Errorf("its first line: %v", err)
		}
		if s, err := session.OldPassword(t.Context(), e, other, "Old password", open); !errors.Is(err, wrong) || s != nil {
			t.Errorf("a wrong one: %v", err)
		}
		if _, err := session.OldPassword(t.Context(), e, filepath.Join(h.Dir, "none"), "Old password", open); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "old password: ") {
			t.Errorf("no file: %v", err)
		}
		if len(p.Asked) > 0 {
			t.Errorf("asked %v", p.Asked)
		}
		if s, err := session.OldPassword(t.Context(), e, "", "Old password", open); err != nil || !s.Equal(secret.New([]byte("right"))) {
			t.Errorf("typed: %v", err)
		}
		if len(p.Asked) != 1 || p.Asked[0] != (prompt.Question{Text: "Old password", Flag: "--old-password-file FILE"}) {
			t.Errorf("asked %v", p.Asked)
		}
		return nil
	})
}

// TestHolders: who holds a coin and until when, for programs and in words.
func TestHolders(t *testing.T) {
	op := func(n byte) wire.OutPoint { return wire.OutPoint{Hash: chainhash.Hash{n}} }
	coin := func(n byte) *coins.Coin {
		c := &coins.Coin{}
		c.OutPoint = op(n)
		return c
	}
	held := coin(1)
	held.Hold = &labels.Hold{Holder: "rent", Until: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	done(t, verbtest.Empty(t), nil, func(e *session.Session) error {
		e.KeepReserved(registrar.Reservations{
			op(1): {Holder: "of a job", Until: registrar.UntilOver},
			op(2): {Holder: "0011223344", Until: registrar.UntilOver},
			op(3): {Purpose: registrar.PurposeFollow, Until: registrar.UntilUsed},
		})
		for _, c := range []struct {
			coin                *coins.Coin
			holder, until, text string
		}{
			{held, "rent", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
			{coin(2), "job 0011223344", "job_over", "the job is over"},
			{coin(3), "a preorder that no job follows", "preorder_used", "the preorder is used or lapses"},
			{coin(4), "", "", ""},
		} {
			holder, until := session.HolderOf(e, c.coin)
			if holder != c.holder || until != c.until || session.UntilText(until) != c.text {
				t.Errorf("%q %q %q, want %q %q %q", holder, until, session.UntilText(until), c.holder, c.until, c.text)
			}
		}
		return nil
	})
}

// TestExplainFunds: only a want of money is explained; a wallet without coins has nothing to add.
func TestExplainFunds(t *testing.T) {
	done(t, verbtest.Empty(t).WithWallet(t), nil, func(e *session.Session) error {
		w, err := e.Wallet(t.Context())
		if err != nil {
			return err
		}
		other := errors.New("another")
		if got := session.ExplainFunds(t.Context(), e, w, other); got != other {
			t.Errorf("%v", got)
		}
		short := fmt.Errorf("pay: %w", &txbuilder.InsufficientFunds{Need: 2000, Have: 1000})
		var f *fault.Fault
		if got := session.ExplainFunds(t.Context(), e, w, short); !errors.As(got, &f) || f.Code != "insufficient_funds" || !errors.Is(got, short) ||
			f.Details["reserved"] != nil || f.Details["unconfirmed_sat"] != nil {
			t.Errorf("%v", got)
		}
		return nil
	})
}

// TestEndOfSession: what was registered last ends first, all of it, also after an error, and once.
func TestEndOfSession(t *testing.T) {
	var order []int
	one, two := errors.New("one"), errors.New("two")
	e := &session.Session{}
	for i, err := range []error{one, nil, two} {
		e.OnClose(func() error { order = append(order, i); return err })
	}
	if err := e.Close(); !errors.Is(err, one) || !errors.Is(err, two) || !slices.Equal(order, []int{2, 1, 0}) {
		t.Errorf("%v %v", order, err)
	}
	if err := e.Close(); err != nil || len(order) != 3 {
		t.Errorf("again: %v %v", order, err)
	}
	e.Wrote() // nobody listens
	n := 0
	e.Given.AtWrite = func() { n++ }
	if e.Wrote(); n != 1 {
		t.Errorf("%d writes", n)
	}
}

// TestNamespaceOf: one of the recorded chain, and one that is not there.
func TestNamespaceOf(t *testing.T) {
	done(t, verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json")), nil, func(e *session.Session) error {
		if ns, err := session.NamespaceOf(t.Context(), e, "test"); err != nil || ns.ID != "test" || ns.RevealHeight == 0 {
			t.Errorf("%+v %v", ns, err)
		}
		if _, err := session.NamespaceOf(t.Context(), e, "nowhere"); !errors.Is(err, names.ErrNotFound) {
			t.Errorf("%v", err)
		}
		x, err := e.Index(t.Context())
		if err != nil {
			return err
		}
		again, err := e.Index(t.Context())
		if err != nil || again != x {
			t.Errorf("the index is opened once: %v", err)
		}
		if h := session.IndexHeight(t.Context(), e, x); h != 712 {
			t.Errorf("height %d", h)
		}
		return nil
	})
}

// TestKeychainOfHome: the keychain of a wallet opens, and a home without one says so.
func TestKeychainOfHome(t *testing.T) {
	done(t, verbtest.Empty(t).WithWallet(t), nil, func(e *session.Session) error {
		if k, err := session.OpenKeychain(t.Context(), e); err != nil || k == nil {
			t.Errorf("%v", err)
		}
		w, err := e.SyncedWallet(t.Context())
		if err != nil {
			return err
		}
		if err := e.Keys.Unlock(t.Context(), w); err != nil {
			return err
		}
		if _, err := w.OwnerScript(t.Context(), 60); err != nil { // a locked wallet has not derived it
			t.Errorf("not unlocked with the password that is given: %v", err)
		}
		return nil
	})
	done(t, verbtest.Empty(t), nil, func(e *session.Session) error {
		if _, err := session.OpenKeychain(t.Context(), e); faults.Of(t.Context(), err).Exit() != fault.ExitNotFound {
			t.Errorf("%v", err)
		}
		return nil
	})
}
