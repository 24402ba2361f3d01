package keychain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"blockstack/wallet/keychain/keyfile"
	"blockstack/wallet/keychain/seedphrase"
	"blockstack/wallet/secret"
)

const composed, decomposed, marked = "p\u00e4ss", "pa\u0308ss", "\ufeffp\u00e4ss"

// TestPasswordSpellings: a keychain opens with its password however a keyboard or an editor wrote
// it.
func TestPasswordSpellings(t *testing.T) {
	ctx := context.Background()
	for _, made := range []string{composed, decomposed, marked} {
		path := filepath.Join(t.TempDir(), "keychain")
		if err := Create(path, pw(testPhrase), pw(made), keyfile.TestCost()); err != nil {
			t.Fatal(err)
		}
		for _, typed := range []string{composed, decomposed, marked} {
			k, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := k.Unlock(ctx, pw(typed)); err != nil {
				t.Errorf("made with %+q, typed %+q: %v", made, typed, err)
			}
			if done, err := k.Strengthen(ctx, pw(typed), keyfile.TestCost()); done || err != nil {
				t.Errorf("made with %+q: written again: %v %v", made, done, err)
			}
		}
		k, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Unlock(ctx, pw("pass")); !errors.Is(err, keyfile.ErrWrongPassword) {
			t.Errorf("made with %+q, another password: %v", made, err)
		}
	}
}

// madeAsTyped writes a keychain as programs did that took the bytes as they were typed.
func madeAsTyped(t *testing.T, typed string, cost keyfile.Cost) string {
	t.Helper()
	path := newFile(t)
	f, err := keyfile.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := f.Unwrap(keyfile.TypePassword, pw(testPassword))
	if err != nil {
		t.Fatal(err)
	}
	u, err := keyfile.WrapKey(f.ID, f.Unlockers[0].ID, keyfile.TypeKeyring, opened.Key, pw(typed), cost) // these are taken as they are
	if err != nil {
		t.Fatal(err)
	}
	u.Type = keyfile.TypePassword
	f.Unlockers[0] = u
	if err := keyfile.Write(path, f, true); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOldSpellingsOpen: a keychain that was made with the bytes as they were typed opens, and is
// then written as one is today.
func TestOldSpellingsOpen(t *testing.T) {
	ctx := context.Background()
	for _, made := range []string{composed, decomposed, marked, "\xff\xfe"} {
		path := madeAsTyped(t, made, keyfile.TestCost())
		k, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Unlock(ctx, pw(made)); err != nil {
			t.Errorf("%+q: %v", made, err)
			continue
		}
		before := k.Unlockers()
		done, err := k.Strengthen(ctx, pw(made), keyfile.TestCost())
		if err != nil || done != (made != decomposed && made != "\xff\xfe") {
			t.Errorf("%+q: written again: %v %v", made, done, err)
		}
		again, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Unlock(ctx, pw(made)); err != nil || !again.last.Spelled {
			t.Errorf("%+q: after it was written again: %v", made, err)
		}
		if after := again.Unlockers(); len(after) != 1 || after[0].ID != before[0].ID {
			t.Errorf("%+q: the password has another id: %v, %v", made, before, after)
		}
	}
}

// TestStrengthen: a cost below the one wanted is raised, one above it stays, and a wrong password
// changes nothing.
func TestStrengthen(t *testing.T) {
	ctx := context.Background()
	wanted := keyfile.Cost{Time: 2, MemoryKiB: 64, Threads: 2}
	for _, c := range []struct {
		name     string
		has      keyfile.Cost
		raised   bool
		password string
	}{
		{"weak", keyfile.Cost{Time: 1, MemoryKiB: 8, Threads: 1}, true, "pw"},
		{"as much work with less memory", keyfile.Cost{Time: 16, MemoryKiB: 16, Threads: 1}, true, "pw"},
		{"the same", wanted, false, "pw"},
		{"more", keyfile.Cost{Time: 3, MemoryKiB: 128, Threads: 4}, false, "pw"},
		{"weak, and spelled otherwise", keyfile.Cost{Time: 1, MemoryKiB: 8, Threads: 1}, true, composed},
		{"more, and spelled otherwise", keyfile.Cost{Time: 3, MemoryKiB: 128, Threads: 4}, true, composed},
	} {
		path := madeAsTyped(t, c.password, c.has)
		k, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if done, err := k.Strengthen(ctx, pw(c.password), wanted); done || err != nil {
			t.Errorf("%s: before an unlock: %v %v", c.name, done, err)
		}
		if err := k.Unlock(ctx, pw(c.password)); err != nil {
			t.Fatal(err)
		}
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Strengthen(ctx, pw("wrong"), wanted); c.raised != errors.Is(err, keyfile.ErrWrongPassword) {
			t.Errorf("%s: wrong password: %v", c.name, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, was) {
			t.Errorf("%s: a wrong password changed the file: %v", c.name, err)
		}
		if done, err := k.Strengthen(ctx, pw(c.password), wanted); err != nil || done != c.raised {
			t.Errorf("%s: %v %v", c.name, done, err)
		}
		again, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		want := wanted
		if !c.has.Weaker(wanted) {
			want = c.has
		}
		if got := again.Unlockers()[0].Cost; got != want {
			t.Errorf("%s: the cost is %v, want %v", c.name, got, want)
		}
		if err := again.Unlock(ctx, pw(c.password)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestCreateAgain: the file is made from the words with the id that is wanted, and one that is in
// its place is kept.
func TestCreateAgain(t *testing.T) {
	ctx := context.Background()
	path := newFile(t)
	old, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	moved, err := CreateAgain(path, old.ID(), pw(testPhrase), pw("new"), keyfile.TestCost())
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(moved); err != nil || !bytes.Equal(kept, was) {
		t.Errorf("the old file: %v", err)
	}
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Unlock(ctx, pw("new")); err != nil || k.ID() != old.ID() {
		t.Errorf("the new file: %v, id %s", err, k.ID())
	}
	words, err := Words(pw(testPhrase))
	if err != nil {
		t.Fatal(err)
	}
	if same, err := k.SameSeed(words); !same || err != nil {
		t.Errorf("the same words: %v %v", same, err)
	}
	others, err := seedphrase.New(12)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Words(others)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := k.SameSeed(other); same || err != nil {
		t.Errorf("other words: %v %v", same, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if moved, err := CreateAgain(path, old.ID(), pw(testPhrase), pw("new"), keyfile.TestCost()); moved != "" || err != nil {
		t.Errorf("where there was none: %q %v", moved, err)
	}
	if _, err := CreateAgain(path, "../x", pw(testPhrase), pw("new"), keyfile.TestCost()); !errors.Is(err, keyfile.ErrMalformed) {
		t.Errorf("a bad id: %v", err)
	}
}

// TestParse: a keychain in memory opens, and leaves no file.
func TestParse(t *testing.T) {
	b, err := os.ReadFile(newFile(t))
	if err != nil {
		t.Fatal(err)
	}
	k, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Unlock(context.Background(), pw(testPassword)); err != nil {
		t.Error(err)
	}
	if err := k.ChangePassword(context.Background(), pw(testPassword), pw("new"), keyfile.TestCost()); err == nil {
		t.Error("its password was changed")
	}
	if _, err := Parse(b[1:]); !errors.Is(err, keyfile.ErrMalformed) {
		t.Error(err)
	}
	var none *secret.Bytes
	if err := k.Unlock(context.Background(), none); !errors.Is(err, keyfile.ErrWrongPassword) {
		t.Errorf("no password: %v", err)
	}
}
