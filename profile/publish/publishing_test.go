package publish

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blockstack/names/resolver"
	"blockstack/profile"
	"blockstack/profile/edit"
	"blockstack/profile/seen"
	"blockstack/storage/local"
)

var errNo = errors.New("no")

// hand signs as a test says, and counts what it was asked.
type hand struct {
	key     signer
	noAt    int // the question that is answered with no; 0: none
	asked   []edit.Signing
	between func() // what happens after it agreed
}

func (h *hand) Agree(_ context.Context, s edit.Signing) error {
	h.asked = append(h.asked, s)
	if len(h.asked) == h.noAt {
		return errNo
	}
	if h.between != nil {
		h.between()
	}
	return nil
}

func (h *hand) Key(context.Context) (profile.Signer, error) { return h.key, nil }

// pages gives the files of a folder as a web server would.
type pages struct{ dir string }

func (p pages) Fetch(_ context.Context, url string) (*resolver.Page, error) {
	body, err := os.ReadFile(filepath.Join(p.dir, filepath.Base(url)))
	if err != nil {
		return nil, errors.Join(resolver.ErrMissing, err)
	}
	return &resolver.Page{URL: url, Body: body}, nil
}

// home is a machine of one identity that publishes into a folder which others share.
type home struct {
	dir, www string
	hand     *hand
	notices  []Notice
	now      time.Time
}

func newHome(t *testing.T, www string) *home {
	t.Helper()
	return &home{dir: t.TempDir(), www: www, hand: &hand{key: keyFor(1)}, now: start.Add(time.Hour)}
}

func (h *home) publishing(t *testing.T) *Publishing {
	t.Helper()
	return &Publishing{
		Identity: &edit.Identity{Address: "1Alice", Owner: verifierFor(t, h.hand.key).Owner, Hand: h.hand},
		Open:     func(context.Context) (Place, error) { return local.Public(h.www), nil },
		Path:     "profile.json",
		Memory:   &seen.File{Path: filepath.Join(h.dir, "profiles.db")},
		Keep: func(_ context.Context, name string, file []byte) (string, error) {
			path := filepath.Join(h.dir, name)
			return path, os.WriteFile(path, file, 0o600)
		},
		Pages: pages{h.www},
		Tell:  func(n Notice) { h.notices = append(h.notices, n) },
		Clock: func() time.Time { return h.now },
	}
}

// there is what the folder has.
func there(t *testing.T, www string) *profile.Token {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(www, "profile.json"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := profile.ParseTokenFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	return f.Token
}

// editing begins an edit of what the folder has.
func editing(t *testing.T, p *Publishing, www, field, value string) *edit.Edit {
	t.Helper()
	base := there(t, www)
	e := &edit.Edit{Old: base.Unverified(), New: base.Unverified().Clone(), Base: base, Identity: p.Identity}
	if err := e.New.Set(field, value); err != nil {
		t.Fatal(err)
	}
	return e
}

func text(t *testing.T, p *profile.Profile, field string) string {
	t.Helper()
	s, _ := p.Text(field)
	return s
}

func TestToken(t *testing.T) {
	ctx, www := context.Background(), t.TempDir()
	h := newHome(t, www)
	p := h.publishing(t)
	p.URL, p.History = "https://alice.example/profile.json", true
	token := sign(t, h.hand.key, "Alice", start)
	done, err := p.Token(ctx, token)
	if err != nil || done.Unchanged || !*done.Read || done.ReadErr != nil || done.URL != p.URL || done.History.Seq != 1 || !done.Guarded {
		t.Fatalf("%+v, %v", done, err)
	}
	if done, err = p.Token(ctx, token); err != nil || !done.Unchanged || done.History.Seq != 1 {
		t.Fatalf("again: %+v, %v", done, err)
	}
	if at, found, err := p.Memory.(*seen.File).Newest(ctx, p.verifier().SeenAs()); err != nil || !found || !at.Equal(start) {
		t.Errorf("newest %v %v %v", at, found, err)
	}
	if done, err = p.Token(ctx, sign(t, h.hand.key, "Alice B.", start.Add(time.Minute))); err != nil || !done.Replaced || done.History.Seq != 2 {
		t.Fatalf("its own again: %+v, %v", done, err)
	}
	if len(h.hand.asked) != 0 {
		t.Error("something was signed")
	}
	var other *NotByIdentityError
	if _, err := p.Token(ctx, sign(t, keyFor(2), "Mallory", start)); !errors.As(err, &other) || other.Address != "1Alice" {
		t.Errorf("somebody else's: %v", err)
	}
	p.Pages = pages{t.TempDir()}
	if done, err = p.Token(ctx, sign(t, h.hand.key, "Alice C.", start.Add(2*time.Minute))); err != nil || *done.Read || done.ReadErr == nil {
		t.Errorf("others cannot read it: %+v, %v", done, err)
	}
}

// TestTwoMachines: one identity publishes from two machines. Nothing of either is lost, whatever is
// wanted when they meet.
func TestTwoMachines(t *testing.T) {
	ctx := context.Background()
	begin := func(t *testing.T) (one, two *home) {
		www := t.TempDir()
		one, two = newHome(t, www), newHome(t, www)
		if _, err := one.publishing(t).Token(ctx, sign(t, one.hand.key, "Alice", start)); err != nil {
			t.Fatal(err)
		}
		return one, two
	}
	// meet lets the second machine publish while the first one edits.
	meet := func(t *testing.T, one, two *home, field string) *Publishing {
		p := one.publishing(t)
		one.hand.between = func() {
			one.hand.between = nil
			q := two.publishing(t)
			if _, err := q.Edit(ctx, editing(t, q, two.www, field, "of two")); err != nil {
				t.Fatal(err)
			}
			one.now = one.now.Add(time.Minute)
		}
		return p
	}
	t.Run("kept", func(t *testing.T) {
		one, two := begin(t)
		p := meet(t, one, two, "description")
		e := editing(t, p, one.www, "name", "of one")
		_, err := p.Edit(ctx, e)
		var c *Conflict
		if !errors.As(err, &c) || c.Clashes != nil || !errors.As(err, new(*EditConflict)) {
			t.Fatalf("%v", err)
		}
		if text(t, there(t, one.www).Unverified(), "description") != "of two" {
			t.Error("what was there is gone")
		}
		mine, err := os.ReadFile(c.Mine)
		if err != nil {
			t.Fatal(err)
		}
		f, err := profile.ParseTokenFile(mine)
		if err != nil || text(t, f.Token.Unverified(), "name") != "of one" {
			t.Errorf("mine is kept as %v", err)
		}
		if theirs, err := os.ReadFile(c.Theirs); err != nil || string(theirs) != string(c.At.File) {
			t.Errorf("theirs: %v", err)
		}
		if len(one.hand.asked) != 1 {
			t.Errorf("asked %d times", len(one.hand.asked))
		}
	})
	t.Run("merged", func(t *testing.T) {
		one, two := begin(t)
		p := meet(t, one, two, "description")
		p.Merge = true
		done, err := p.Edit(ctx, editing(t, p, one.www, "name", "of one"))
		if err != nil || !done.Replaced {
			t.Fatalf("%+v, %v", done, err)
		}
		now := there(t, one.www).Unverified()
		if text(t, now, "name") != "of one" || text(t, now, "description") != "of two" {
			t.Errorf("merged to %s", now.Indented())
		}
		asked := one.hand.asked
		if len(asked) != 2 || asked[0].Merged != "" || asked[1].Merged != "profile.json" || len(asked[1].Changes()) != 1 {
			t.Errorf("asked %+v", asked)
		}
	})
	t.Run("not agreed to merging", func(t *testing.T) {
		one, two := begin(t)
		p := meet(t, one, two, "description")
		p.Merge = true
		one.hand.noAt = 2
		if _, err := p.Edit(ctx, editing(t, p, one.www, "name", "of one")); !errors.Is(err, errNo) {
			t.Fatalf("%v", err)
		}
		if text(t, there(t, one.www).Unverified(), "name") == "of one" {
			t.Error("it was published all the same")
		}
	})
	t.Run("clash", func(t *testing.T) {
		one, two := begin(t)
		p := meet(t, one, two, "name")
		p.Merge = true
		_, err := p.Edit(ctx, editing(t, p, one.www, "name", "of one"))
		var c *Conflict
		if !errors.As(err, &c) || len(c.Clashes) != 1 || c.Clashes[0] != "name" {
			t.Fatalf("%v", err)
		}
		if text(t, there(t, one.www).Unverified(), "name") != "of two" {
			t.Error("what was there is gone")
		}
	})
	t.Run("again and again", func(t *testing.T) {
		one, two := begin(t)
		p := one.publishing(t)
		p.Merge = true
		n := 0
		one.hand.between = func() {
			n++
			q := two.publishing(t)
			two.now = two.now.Add(time.Minute)
			one.now = two.now
			if _, err := q.Edit(ctx, editing(t, q, two.www, "description", strings.Repeat("x", n))); err != nil {
				t.Fatal(err)
			}
		}
		var c *Conflict
		if _, err := p.Edit(ctx, editing(t, p, one.www, "name", "of one")); !errors.As(err, &c) || len(one.hand.asked) != maxMerges+1 {
			t.Fatalf("%v after %d", err, len(one.hand.asked))
		}
	})
	for _, merge := range []bool{false, true} {
		t.Run("signed elsewhere", func(t *testing.T) {
			one, two := begin(t)
			q := two.publishing(t)
			if _, err := q.Edit(ctx, editing(t, q, two.www, "description", "of two")); err != nil {
				t.Fatal(err)
			}
			one.now = one.now.Add(2 * time.Minute)
			p := one.publishing(t)
			p.Merge, p.Replace = merge, !merge
			mine := sign(t, one.hand.key, "Alice of one", one.now)
			done, err := p.Token(ctx, mine)
			if err != nil || !done.Replaced {
				t.Fatalf("%+v, %v", done, err)
			}
			now := there(t, one.www)
			if text(t, now.Unverified(), "name") != "Alice of one" || (text(t, now.Unverified(), "description") == "of two") != merge {
				t.Errorf("it is %s", now.Unverified().Indented())
			}
			if merge != (len(one.hand.asked) == 1) || merge == (len(one.notices) == 1) {
				t.Errorf("asked %d, told %+v", len(one.hand.asked), one.notices)
			}
			if !merge {
				if kept, err := os.ReadFile(one.notices[0].File); err != nil || !strings.Contains(string(kept), "of two") {
					t.Errorf("theirs is not kept: %v", err)
				}
			}
		})
	}
	t.Run("neither", func(t *testing.T) {
		_, two := begin(t)
		var c *Conflict
		if _, err := two.publishing(t).Token(ctx, sign(t, two.hand.key, "Alice of two", start.Add(time.Minute))); !errors.As(err, &c) {
			t.Errorf("one who has read nothing: %v", err)
		}
	})
}

// TestKeepFails: when a side cannot be kept nothing is published over it.
func TestKeepFails(t *testing.T) {
	ctx, www := context.Background(), t.TempDir()
	one, two := newHome(t, www), newHome(t, www)
	if _, err := one.publishing(t).Token(ctx, sign(t, one.hand.key, "Alice", start)); err != nil {
		t.Fatal(err)
	}
	p := two.publishing(t)
	p.Replace = true
	full := errors.New("disk full")
	p.Keep = func(context.Context, string, []byte) (string, error) { return "", full }
	if _, err := p.Token(ctx, sign(t, two.hand.key, "Alice of two", start.Add(time.Minute))); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	if text(t, there(t, www).Unverified(), "name") != "Alice" {
		t.Error("it was published all the same")
	}
}

func TestPicture(t *testing.T) {
	png := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 64)...)
	p, err := NewPicture("avatar", "0/profile.json", "https://a.example/0/profile.json", png)
	if err != nil || p.Path != "0/avatar-0" || p.URL != "https://a.example/0/avatar-0" {
		t.Fatalf("%+v, %v", p, err)
	}
	for name, data := range map[string][]byte{"text": []byte("hello"), "svg": []byte("<svg onload=x>"), "large": append(png, make([]byte, MaxPicture)...), "nothing": nil} {
		if _, err := NewPicture("avatar", "p", "u", data); !errors.Is(err, ErrPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
	h := newHome(t, t.TempDir())
	if err := h.publishing(t).File(context.Background(), p.Path, p.Data); err != nil {
		t.Fatal(err)
	}
	if on, err := os.ReadFile(filepath.Join(h.www, "0", "avatar-0")); err != nil || string(on) != string(png) {
		t.Errorf("%v", err)
	}
}
