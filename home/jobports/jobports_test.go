package jobports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain"
)

// TestRefusal puts a node's refusal into the words of jobs; what is none stays what it is, so that
// a node that is away is no refusal.
func TestRefusal(t *testing.T) {
	id := chainhash.Hash{1}
	for code, class := range map[chain.RefusalCode]registrar.RefusalClass{chain.InsufficientFee: registrar.RefusedFee, chain.NoRoom: registrar.RefusedRow,
		chain.MissingInputs: registrar.RefusedCoins, chain.Conflict: registrar.RefusedCoins, "": registrar.RefusedOther} {
		err := refusal(fmt.Errorf("node: %w", &chain.Refused{Txid: id, Code: code, Reason: "why"}))
		var no *registrar.Refused
		if !errors.As(err, &no) || no.Class != class || no.Txid != id || no.Reason != "why" {
			t.Errorf("%q: %+v", code, err)
		}
	}
	for _, err := range []error{nil, chain.ErrUnreachable, errors.New("no")} {
		if got := refusal(err); got != err {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// keeps is a copy of the journal that cannot be written, or can.
type keeps struct{ err error }

func (k keeps) Keep(context.Context) error { return k.err }

// TestOptionalCopier warns once of a copy that cannot be written and lets jobs go on; other
// failures stop them.
func TestOptionalCopier(t *testing.T) {
	away := errors.New("away")
	for what, c := range map[string]struct {
		err    error
		want   error
		warned int
	}{
		"written": {nil, nil, 0}, "not written": {&registrar.NotCopied{Dir: "there", Err: away}, nil, 1}, "interrupted": {context.Canceled, context.Canceled, 0},
	} {
		told := 0
		o := &optionalCopier{Copier: keeps{c.err}, warn: func(string, ...any) { told++ }}
		for range 3 {
			if err := o.Keep(t.Context()); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if told != c.warned {
			t.Errorf("%s: told %d times", what, told)
		}
	}
}

// TestFinish tells at the end of a request of a copy that is behind, unless the request has failed
// for that.
func TestFinish(t *testing.T) {
	no := &registrar.NotCopied{Dir: "there", Err: errors.New("no space")}
	for what, c := range map[string]struct {
		copies registrar.Copier
		ended  error
		told   int
	}{
		"no copy": {nil, nil, 0}, "a copy": {keeps{}, nil, 0}, "one that is behind": {keeps{no}, nil, 1}, "after another error": {keeps{no}, errors.New("x"), 1},
		"one that was told": {keeps{no}, fmt.Errorf("broadcast: %w", no), 0},
	} {
		told := 0
		(&Copies{Warn: func(string, ...any) { told++ }}).Finish(t.Context(), c.copies, c.ended)
		if told != c.told {
			t.Errorf("%s: told %d times", what, told)
		}
	}
}

// TestWithoutFolder keeps and reads no copies where there is no folder for them.
func TestWithoutFolder(t *testing.T) {
	c := &Copies{}
	if w, err := c.Writer(t.Context()); w != nil || err != nil {
		t.Errorf("%v, %v", w, err)
	}
	if r := c.Reader(); r != nil {
		t.Errorf("%v", r)
	}
	if r := (&Copies{Dir: "there"}).Reader(); r == nil {
		t.Error("nobody reads the folder")
	}
}

// TestAgreed remembers an intention by its bytes, whatever becomes of the caller's.
func TestAgreed(t *testing.T) {
	a, text := &Agreed{}, []byte("give alice.id to bob")
	a.add(text)
	if !a.has([]byte("give alice.id to bob")) || a.has([]byte("give alice.id to eve")) || a.has(nil) {
		t.Error("what was agreed to")
	}
	copy(text[17:], "eve")
	if a.has(text) || !a.has([]byte("give alice.id to bob")) {
		t.Error("what was agreed to has changed since")
	}
}

// TestFolder keeps a zone file where its hash says, the same one again in the same place, and fails
// where it cannot.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	zone := []byte("$TTL 3600\n")
	var places []string
	for range 2 {
		at, err := Folder{Dir: filepath.Join(dir, "zones")}.Publish(t.Context(), names.Name{}, zone)
		if err != nil || len(at) != 1 {
			t.Fatalf("%v, %v", at, err)
		}
		places = append(places, at...)
		if got, err := os.ReadFile(at[0]); err != nil || !bytes.Equal(got, zone) {
			t.Errorf("%q, %v", got, err)
		}
	}
	if places[0] != places[1] || filepath.Base(places[0]) == "" {
		t.Errorf("%q", places)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if at, err := (Folder{Dir: file}).Publish(t.Context(), names.Name{}, zone); err == nil {
		t.Errorf("in the place of a file: %q", at)
	}
}
