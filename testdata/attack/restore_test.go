package attack

import (
	"fmt"
	"os"
	"path/filepath"
)

// restore loses the home at every moment of a registration, and brings it back: from the words,
// from a backup of before, with the journal of before, with no journal, with an empty one. Whoever
// then registers the same name pays for no second preorder.
func restore(w *world) {
	name := fmt.Sprintf("r%d-%d.atk", w.rnd.IntN(1000), w.fresh())
	backup := filepath.Join(w.dir, fmt.Sprint("backup-", w.serial))
	w.must(w.home, "wallet", "backup", backup)
	before := w.journal(w.home)
	since := w.height()
	w.runFor(tooLong, w.home, "name", "register", name, "--no-zonefile", "--no-mine", "--wait", "none")
	blocks := w.rnd.IntN(4)
	for range blocks { // a moment of the job
		w.mine(1)
		w.run(w.home, "job", "resume", "--wait", "none", "--no-mine")
	}
	home := filepath.Join(w.dir, "restored")
	defer w.remove(home)
	how := []string{"words", "backup", "old journal", "no journal", "empty journal"}[w.rnd.IntN(5)]
	journal := filepath.Join(home, "sandbox", "journal.db")
	switch how {
	case "words":
		w.must(home, "wallet", "restore", "--words-file", filepath.Join(w.dir, "words"))
	case "backup":
		w.must(home, "wallet", "restore", "--backup", backup)
	default:
		w.copyHome("restored")
		switch how {
		case "old journal":
			if before == nil {
				how, before = "empty journal", []byte{}
			}
			w.put(journal, before)
		case "no journal":
			w.remove(journal)
		default:
			w.put(journal, nil)
		}
	}
	w.run(home, "config", "set", "sandbox", w.node)
	for range 6 {
		o := w.run(home, "name", "register", name, "--no-zonefile")
		if code(o) == "damaged" { // the journal; the command that it names makes it anew
			w.run(home, "job", "rescue", name)
		}
		w.mine(1)
		if n := w.operations(since); n['?'] > 1 {
			w.t.Errorf("%s, after %d blocks, from %s: preordered %d times: exit %d\n%s", name, blocks, how, n['?'], o.code, o.err)
			return
		}
		if text(w.run(home, "name", "show", name), "status") == "registered" {
			break
		}
	}
	if got := text(w.run(home, "name", "show", name), "status"); got != "registered" {
		w.t.Errorf("%s, after %d blocks, from %s: in the end it is %s", name, blocks, how, got)
	}
	w.run(w.home, "job", "resume") // the home that was never lost sees it too
	if n := w.operations(since); n['?'] != 1 || n[':'] != 1 {
		w.t.Errorf("%s, after %d blocks, from %s: %d preorders, %d registrations", name, blocks, how, n['?'], n[':'])
	}
	w.sound()
}

// journal gives the bytes of a home's journal; nil: there is none.
func (w *world) journal(home string) []byte {
	b, err := os.ReadFile(filepath.Join(home, "sandbox", "journal.db"))
	if err != nil {
		return nil
	}
	return b
}

func (w *world) put(path string, b []byte) {
	w.t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		w.t.Fatal(err)
	}
}
