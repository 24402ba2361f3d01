package wallets

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/home"
	"blockstack/wallet/secret"
)

// TestLock: without an agent there is nothing to end, and that is no error.
func TestLock(t *testing.T) {
	h := fresh(t)
	if o := must(t, h.Run(t, LockCommand(), "--json")); o.Doc["was_unlocked"] != false {
		t.Errorf("%v", o.Doc)
	}
	if o := must(t, h.Run(t, LockCommand())); o.Out != "no agent was running\n" {
		t.Error(o.Out)
	}
	if o := h.Run(t, UnlockCommand()); o.Exit() != fault.ExitNotFound || there(t, h) != "" {
		t.Errorf("%v, left %s", o.Fault, there(t, h))
	}
	must(t, h.Run(t, CreateCommand(), "--words-file", filepath.Join(t.TempDir(), "w")))
	for _, words := range [][]string{nil, {"--foreground"}} {
		if o := withPassword(t, h, "a wrong one").Run(t, UnlockCommand(), words...); o.Exit() != fault.ExitLocked || o.Out != "" {
			t.Errorf("%q: %v", words, o.Fault)
		}
	}
	if o := must(t, h.Run(t, LockCommand(), "--json")); o.Doc["was_unlocked"] != false {
		t.Errorf("a wrong password started an agent: %v", o.Doc)
	}
}

// TestCoinsNotHere: a coin that the wallet does not have is neither frozen, nor thawed, nor
// released, and none of those behind it is.
func TestCoinsNotHere(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	for _, c := range []verbtest.Outcome{
		h.Run(t, FreezeCommand(), txid+":0", txid+":1"), h.Run(t, UnfreezeCommand(), txid+":0"), h.Run(t, ReleaseCommand(), txid+":0"),
	} {
		if c.Fault == nil || c.Exit() != fault.ExitNotFound || c.Out != "" || !strings.Contains(c.Fault.Error(), txid+":0") {
			t.Errorf("%v %s", c.Fault, c.Out)
		}
	}
	verbtest.Refused(t, ReleaseCommand(), map[string]string{"": "missing OUTPOINT", txid: "is not a coin", txid + ":-1": "is not a coin", txid + ":4294967296": "is not a coin"})
}

// TestSweepFiles: what is wrong with a file of old keys is told with its line and without the line
// itself, before the chain is searched.
func TestSweepFiles(t *testing.T) {
	const wif = "5KJvsngHeMpm884wtkJNzQGaCErckhHJBGFsvd3VyK5qMZXj3hS"
	h := verbtest.Empty(t).WithWallet(t)
	for what, c := range map[string]struct {
		text, says string
		exit       fault.ExitCode
	}{
		"nothing":      {"", "has no private key", fault.ExitMalformed},
		"comments":     {"# old keys\n\n  # more\n", "has no private key", fault.ExitMalformed},
		"no key":       {"# keys\n" + knownKey + "\nhello\n", "line 3: ", fault.ExitMalformed},
		"half a key":   {knownKey[:40] + "\n", "line 1: ", fault.ExitMalformed},
		"a slip":       {wif[:len(wif)-1] + "T\n", "line 1: ", fault.ExitMalformed},
		"too few of m": {"\n2," + knownKey + "\n", "line 2: ", fault.ExitMalformed},
		"no document":  {"{", "", fault.ExitMalformed},
	} {
		file := outside(t, "keys", c.text)
		o := h.Run(t, SweepCommand(), file, "--dry-run", "--old-password-file", outside(t, "old", "x\n"))
		if o.Exit() != c.exit || !strings.Contains(o.Fault.Error(), c.says) || o.Out != "" || strings.Contains(o.Fault.Error(), knownKey[:12]) || strings.Contains(o.Fault.Error(), wif[:12]) {
			t.Errorf("%s: exit %d, %v, want %q", what, o.Exit(), o.Fault, c.says)
		}
	}
	if o := h.Run(t, SweepCommand(), outside(t, "keys", knownKey), "--dry-run"); o.Fault == nil || o.Out != "" || o.Fault.Code == "internal" {
		t.Errorf("offline: %v", o.Fault)
	}
	if o := verbtest.Empty(t).Run(t, SweepCommand(), filepath.Join(h.Dir, "none")); o.Exit() != fault.ExitNotFound || !strings.HasPrefix(o.Fault.Message, "no wallet at ") {
		t.Errorf("without a wallet: %v", o.Fault)
	}
	list, err := keyLines([]byte("# mine\r\n" + knownKey + "\r\n\r\n" + wif + "\n"))
	if err != nil || len(list) != 2 {
		t.Errorf("%d keys, %v", len(list), err)
	}
	if _, err := keyLines([]byte(strings.Repeat(knownKey+"\n", maxOldKeys+1))); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%v", err)
	}
}

// TestWordsFile: the first line is the phrase, or all lines where it is too short for one.
func TestWordsFile(t *testing.T) {
	for text, want := range map[string]string{
		knownPhrase: knownPhrase, knownPhrase + "\nmore\n": knownPhrase, strings.ReplaceAll(knownPhrase, " ", "\n"): knownPhrase,
		strings.Replace(knownPhrase, " ", "\n", 1): knownPhrase, "one two": "one two",
	} {
		got, err := readWords(strings.NewReader(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got.Use(func(b []byte) {
			if strings.Join(strings.Fields(string(b)), " ") != want {
				t.Errorf("%q: %q", text, b)
			}
		})
	}
	if _, err := readWords(strings.NewReader(strings.Repeat("word\n", secret.MaxLine))); !errors.Is(err, secret.ErrTooLong) {
		t.Errorf("%v", err)
	}
}

// TestNumbered: rows of four words, each with its number, none lost.
func TestNumbered(t *testing.T) {
	shown := numbered(secret.New([]byte("a bb ccc dddd eeeeeeee f g h i")))
	shown.Use(func(b []byte) {
		if want := "   1 a           2 bb          3 ccc         4 dddd\n   5 eeeeeeee    6 f           7 g           8 h\n   9 i        "; string(b) != want {
			t.Errorf("%q, want %q", b, want)
		}
	})
}

// TestPick: different places in order, all of them in reach, and not the same each time.
func TestPick(t *testing.T) {
	seen := map[int]bool{}
	for range 400 {
		places, err := pick(12, 3)
		if err != nil || len(places) != 3 || !slices.IsSorted(places) || len(slices.Compact(slices.Clone(places))) != 3 || places[0] < 0 || places[2] > 11 {
			t.Fatalf("%v %v", places, err)
		}
		for _, p := range places {
			seen[p] = true
		}
	}
	if len(seen) != 12 {
		t.Errorf("only %d words are ever asked for", len(seen))
	}
	if places, err := pick(2, 3); err != nil || !slices.Equal(places, []int{0, 1}) {
		t.Errorf("%v %v", places, err)
	}
}

// clock are headers whose times are given.
type clock struct {
	home.Bitcoin
	times []time.Time
}

// Tip is the last of the headers.
func (c clock) Tip(context.Context) (int32, chainhash.Hash, error) {
	h, err := c.HashAt(context.Background(), int32(len(c.times)-1))
	return int32(len(c.times) - 1), h, err
}

// HashAt has the height in the hash.
func (c clock) HashAt(_ context.Context, height int32) (h chainhash.Hash, err error) {
	binary.LittleEndian.PutUint32(h[:], uint32(height))
	return h, nil
}

// Header is that of a hash of HashAt.
func (c clock) Header(_ context.Context, h chainhash.Hash) (*wire.BlockHeader, error) {
	n := binary.LittleEndian.Uint32(h[:])
	if int(n) >= len(c.times) {
		n = 0
	}
	return &wire.BlockHeader{Timestamp: c.times[n]}, nil
}

// TestSince: the first block that can be of the day, with slack for times that run ahead, and no
// block beyond the tip.
func TestSince(t *testing.T) {
	start := time.Date(2019, 5, 1, 0, 0, 0, 0, time.UTC)
	c := clock{}
	for i := range 100 {
		c.times = append(c.times, start.Add(time.Duration(i)*time.Hour))
	}
	for _, w := range []struct {
		day  time.Time
		want int32
	}{{start.Add(-1000 * time.Hour), 0}, {start, 0}, {start.Add(4 * time.Hour), 0}, {start.Add(5 * time.Hour), 1}, {start.Add(24 * time.Hour), 20}, {start.Add(9999 * time.Hour), 99}} {
		if got, _, err := since(t.Context(), c, rescanOptions{Day: w.day}); err != nil || got != w.want {
			t.Errorf("%s: block %d %v, want %d", w.day, got, err, w.want)
		}
	}
	for _, height := range []int32{0, 57, 99} {
		if got, at, err := since(t.Context(), c, rescanOptions{Height: &height}); err != nil || got != height || !at.Equal(c.times[height]) {
			t.Errorf("%d: %d %s %v", height, got, at, err)
		}
	}
	beyond := int32(100)
	var f *fault.Fault
	if _, _, err := since(t.Context(), c, rescanOptions{Height: &beyond}); !errors.As(err, &f) || f.Code != "not_found" || !strings.Contains(f.Message, "there is no block 100 yet; the last one is 99") {
		t.Errorf("%v", err)
	}
}

// TestDrawQR: a quiet zone of four modules around it, and rows of one width.
func TestDrawQR(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	out := must(t, h.Run(t, RequestCommand(), "0.5")).Out
	drawing, _, _ := strings.Cut(out, "\nbitcoin:")
	rows := strings.Split(strings.TrimSpace(drawing), "\n")
	for i, row := range rows {
		r := []rune(row)
		if len(r) != len([]rune(rows[0])) || len(r) > 80 {
			t.Errorf("row %d has %d modules", i, len(r))
		}
		if quiet := strings.Repeat("█", 4); !strings.HasPrefix(row, quiet) || i < 2 && strings.Trim(row, "█") != "" {
			t.Errorf("row %d begins without a quiet zone: %s", i, row)
		}
	}
	if bytes.ContainsAny([]byte(drawing), "\t\x1b") {
		t.Error("it has control characters")
	}
}
