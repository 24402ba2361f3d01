// Package storagetest holds every driver of package storage to the same promises.
package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"blockstack/storage"
)

// Driver is what every driver has. What else it has (Lister, Deleter, Publisher) is tested where it
// has it.
type Driver interface {
	storage.Getter
	storage.Putter
	storage.Keeper
	String() string
}

// Run holds the drivers that open makes to what package storage says. Each is of a place without
// objects.
func Run(t *testing.T, open func(t *testing.T) Driver) {
	for name, test := range map[string]func(*suite){
		"conditions": (*suite).conditions, "strict": (*suite).strict, "names": (*suite).names, "parts": (*suite).parts,
		"bodies": (*suite).bodies, "race": (*suite).race, "list": (*suite).list, "delete": (*suite).delete, "cancelled": (*suite).cancelled,
	} {
		t.Run(name, func(t *testing.T) { test(&suite{t, t.Context(), open(t)}) })
	}
}

// suite is one test of one driver.
type suite struct {
	*testing.T
	ctx context.Context
	d   Driver
}

// put writes an object, under the weaker form of a condition, which every driver takes.
func (s *suite) put(name, data string, c storage.Condition) error {
	c.Compared = true
	_, err := storage.Write(s.ctx, s.d, name, []byte(data), c)
	return err
}

// must writes an object.
func (s *suite) must(name, data string) {
	s.Helper()
	if err := s.put(name, data, storage.Condition{}); err != nil {
		s.Fatalf("write %s: %v", name, err)
	}
}

// get reads an object.
func (s *suite) get(name string) storage.File {
	s.Helper()
	f, err := storage.Read(s.ctx, s.d, name, 1<<20)
	if err != nil {
		s.Fatalf("read %s: %v", name, err)
	}
	return f
}

// want holds an error to its kind.
func (s *suite) want(err, kind error, what string, args ...any) {
	s.Helper()
	if !errors.Is(err, kind) {
		s.Errorf("%s: error %v, want %v", fmt.Sprintf(what, args...), err, kind)
	}
}

// has compares an object.
func (s *suite) has(name, data string) {
	s.Helper()
	if f := s.get(name); string(f.Data) != data {
		s.Errorf("%s has %.60q, want %.60q", name, f.Data, data)
	}
}

// conditions writes over what is there, what is not there, and what has changed.
func (s *suite) conditions() {
	_, err := storage.Read(s.ctx, s.d, "dir/a.json", 100)
	s.want(err, storage.ErrNotFound, "read of nothing")
	s.want(s.put("dir/a.json", "[1]", storage.Over(`"x"`)), storage.ErrChanged, "replace what is not there")
	if err := s.put("dir/a.json", "[1]", storage.Over("")); err != nil {
		s.Fatal(err)
	}
	s.want(s.put("dir/a.json", "[2]", storage.Over("")), storage.ErrChanged, "create again")
	s.has("dir/a.json", "[1]")
	first := s.get("dir/a.json")
	if first.Version == "" {
		s.Fatal("a whole object has no version")
	}
	if err := s.put("dir/a.json", "[2]", storage.Over(first.Version)); err != nil {
		s.Fatal(err)
	}
	second := s.get("dir/a.json")
	if second.Version == first.Version {
		s.Errorf("another content has the same version %s", first.Version)
	}
	s.want(s.put("dir/a.json", "[333]", storage.Over(first.Version)), storage.ErrChanged, "replace what has changed")
	s.has("dir/a.json", "[2]")
	s.must("dir/a.json", "[4]") // no condition: whatever is there is replaced
	s.must("dir/b.json", "[5]")
	s.has("dir/a.json", "[4]")
	s.has("dir/b.json", "[5]")
}

// strict asks for conditions that are kept against everybody: a place that cannot refuses, and has
// changed nothing.
func (s *suite) strict() {
	for _, try := range []struct {
		name string
		c    func() storage.Condition
	}{
		{"new", func() storage.Condition { return storage.Condition{Absent: true} }},
		{"old", func() storage.Condition { s.must("old", "1"); return storage.Condition{Match: s.get("old").Version} }},
	} {
		c := try.c()
		_, err := storage.Write(s.ctx, s.d, try.name, []byte("2"), c)
		if s.d.Keeps(c) {
			if err != nil {
				s.Errorf("%s: the place keeps conditions, and: %v", try.name, err)
			}
			continue
		}
		s.want(err, storage.ErrNoCondition, "a strict write of %s", try.name)
		if f, err := storage.Read(s.ctx, s.d, try.name, 100); err == nil && string(f.Data) == "2" {
			s.Errorf("%s was written all the same", try.name)
		}
	}
}

// names refuses what is no name, wherever one is taken.
func (s *suite) names() {
	for _, bad := range []string{"", "/", "..", "/a", "../a", "a/../b", "a//b", ".hidden", "a/.b", "a/", "a\x00", "a b", "a\\b", "c:"} {
		s.want(s.put(bad, "x", storage.Condition{}), storage.ErrBadName, "write %q", bad)
		_, _, err := s.d.Get(s.ctx, bad, storage.Part{})
		if strange := strings.ContainsAny(bad, " \\:"); !strange || !errors.Is(err, storage.ErrNotFound) { // others may have made it
			s.want(err, storage.ErrBadName, "read %q", bad)
		}
		if d, ok := s.d.(storage.Deleter); ok {
			s.want(d.Delete(s.ctx, bad, storage.Condition{}), storage.ErrBadName, "delete %q", bad)
		}
		if p, ok := s.d.(storage.Publisher); ok {
			_, err := p.PublicURL(s.ctx, bad)
			s.want(err, storage.ErrBadName, "URL of %q", bad)
		}
	}
}

// parts reads pieces.
func (s *suite) parts() {
	s.must("dir/digits", "0123456789")
	for _, c := range []struct {
		part storage.Part
		want string
	}{
		{storage.Part{}, "0123456789"}, {storage.Part{Offset: 3}, "3456789"}, {storage.Part{Length: 4}, "0123"},
		{storage.Part{Offset: 3, Length: 4}, "3456"}, {storage.Part{Offset: 8, Length: 100}, "89"}, {storage.Part{Offset: 10, Length: 5}, ""},
	} {
		body, info, err := s.d.Get(s.ctx, "dir/digits", c.part)
		if err != nil {
			s.Errorf("part %+v: %v", c.part, err)
			continue
		}
		got, err := io.ReadAll(body)
		if err := errors.Join(err, body.Close()); err != nil || string(got) != c.want {
			s.Errorf("part %+v: %q, %v; want %q", c.part, got, err, c.want)
		}
		if info.Name != "dir/digits" || info.Size != 10 && info.Size != -1 {
			s.Errorf("part %+v: %+v", c.part, info)
		}
	}
	_, _, err := s.d.Get(s.ctx, "dir/nothing", storage.Part{Offset: 1})
	s.want(err, storage.ErrNotFound, "a part of nothing")
}

// bodies writes an empty object and a larger one, reads no more than it wants, and sends a body
// that is shorter than it should be.
func (s *suite) bodies() {
	s.must("empty", "")
	s.has("empty", "")
	large := bytes.Repeat([]byte("0123456789abcdef"), 50_000)
	s.must("large", string(large))
	s.has("large", string(large))
	_, err := storage.Read(s.ctx, s.d, "large", 100)
	s.want(err, storage.ErrTooLarge, "more than the reader takes")
	if _, err := s.d.Put(s.ctx, "short", bytes.NewReader([]byte("short")), 10, storage.Condition{}); err == nil {
		s.Error("a body of 5 bytes was taken for 10")
	}
	_, err = storage.Read(s.ctx, s.d, "short", 100)
	s.want(err, storage.ErrNotFound, "after a body that was too short")
}

// race lets many create and then replace one object at once. Where the place keeps the condition
// one wins; everywhere what is there is whole.
func (s *suite) race() {
	for _, first := range []byte{'a', 'A'} { // with other contents the second time: the same one would have the same version
		seen := storage.Version("")
		if first == 'A' {
			seen = s.get("raced").Version
		}
		c := storage.Over(seen)
		kept := s.d.Keeps(c)
		c.Compared = !kept
		var wg sync.WaitGroup
		var mu sync.Mutex
		var won []byte
		for i := range byte(10) {
			wg.Go(func() {
				_, err := storage.Write(s.ctx, s.d, "raced", bytes.Repeat([]byte{first + i}, 1000), c)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won = append(won, first+i)
				case kept && !errors.Is(err, storage.ErrChanged) && !errors.Is(err, storage.ErrUnreachable):
					s.Errorf("neither written nor told of another: %v", err)
				}
			})
		}
		wg.Wait()
		f := s.get("raced")
		switch {
		case len(won) == 0 || kept && len(won) != 1:
			s.Errorf("over %q: %d of 10 believe that theirs is there", seen, len(won))
		case len(f.Data) != 1000 || !slices.Contains(won, f.Data[0]) || !bytes.Equal(f.Data, bytes.Repeat(f.Data[:1], 1000)):
			s.Errorf("over %q: what is there is nobody's: %.20q, %d bytes", seen, f.Data, len(f.Data))
		}
	}
}

// list lists by prefix.
func (s *suite) list() {
	d, ok := s.d.(storage.Lister)
	if !ok {
		s.Skip("the driver lists nothing")
	}
	all := func(prefix string, shallow bool) (names []string) {
		err := d.List(s.ctx, storage.Listing{Prefix: prefix, Shallow: shallow}, func(i storage.Info) error {
			if i.Size != 1 && i.Size != -1 {
				s.Errorf("%s has %d bytes", i.Name, i.Size)
			}
			names = append(names, i.Name)
			return nil
		})
		if err != nil {
			s.Errorf("list %q: %v", prefix, err)
		}
		slices.Sort(names)
		return names
	}
	if got := all("", false); len(got) > 0 {
		s.Errorf("an empty place has %v", got)
	}
	for _, name := range []string{"a", "dir/a", "dir/ab", "dir/deep/a", "dirt/a", "other/deep/b"} {
		s.must(name, "x")
	}
	for _, c := range []struct {
		prefix string
		want   []string
	}{
		{"", []string{"a", "dir/a", "dir/ab", "dir/deep/a", "dirt/a", "other/deep/b"}},
		{"dir", []string{"dir/a", "dir/ab", "dir/deep/a", "dirt/a"}},
		{"dir/", []string{"dir/a", "dir/ab", "dir/deep/a"}},
		{"dir/a", []string{"dir/a", "dir/ab"}},
		{"other/d", []string{"other/deep/b"}},
		{"none/", nil}, {"x", nil},
	} {
		if got := all(c.prefix, false); !slices.Equal(got, c.want) {
			s.Errorf("list %q: %v, want %v", c.prefix, got, c.want)
		}
		c.want = slices.DeleteFunc(c.want, func(name string) bool { return strings.Contains(name[len(c.prefix):], "/") })
		if got := all(c.prefix, true); !slices.Equal(got, c.want) {
			s.Errorf("shallow list %q: %v, want %v", c.prefix, got, c.want)
		}
	}
	enough := errors.New("enough")
	s.want(d.List(s.ctx, storage.Listing{}, func(storage.Info) error { return enough }), enough, "a list that is not read to its end")
}

// delete removes objects, under conditions too.
func (s *suite) delete() {
	d, ok := s.d.(storage.Deleter)
	if !ok {
		s.Skip("the driver deletes nothing")
	}
	s.want(d.Delete(s.ctx, "dir/a", storage.Condition{}), storage.ErrNotFound, "delete nothing")
	s.must("dir/a", "1")
	s.must("dir/b", "1")
	seen := s.get("dir/a").Version
	s.must("dir/a", "2")
	s.want(d.Delete(s.ctx, "dir/a", storage.Condition{Match: seen, Compared: true}), storage.ErrChanged, "delete what has changed")
	s.has("dir/a", "2")
	if err := d.Delete(s.ctx, "dir/a", storage.Condition{Match: s.get("dir/a").Version, Compared: true}); err != nil {
		s.Errorf("delete what is unchanged: %v", err)
	}
	_, err := storage.Read(s.ctx, s.d, "dir/a", 100)
	s.want(err, storage.ErrNotFound, "read what was deleted")
	if err := d.Delete(s.ctx, "dir/b", storage.Condition{}); err != nil {
		s.Errorf("delete: %v", err)
	}
	s.must("dir/a", "3")
	s.has("dir/a", "3")
}

// cancelled does nothing for somebody who has gone.
func (s *suite) cancelled() {
	s.must("a", "1")
	here := s.ctx
	gone, cancel := context.WithCancel(here)
	cancel()
	s.ctx = gone
	s.want(s.put("a", "2", storage.Condition{}), context.Canceled, "write")
	_, _, err := s.d.Get(gone, "a", storage.Part{})
	s.want(err, context.Canceled, "read")
	s.ctx = here
	s.has("a", "1")
}
