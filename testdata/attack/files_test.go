package attack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// remove removes a home of this world.
func (w *world) remove(dir string) {
	w.t.Helper()
	if !strings.HasPrefix(dir, w.dir+string(os.PathSeparator)) {
		w.t.Fatalf("%s is not of this world", dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		w.t.Fatal(err)
	}
}

// stores lists the files of a home that hold state, as paths below it.
func (w *world) stores(home string) []string {
	w.t.Helper()
	var files []string
	err := filepath.WalkDir(home, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(home, path)
		if !strings.HasPrefix(rel, "cache") && !strings.Contains(rel, "lock") {
			files = append(files, rel)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

// damage changes files of a copy of the home and runs commands on it: none crashes, hangs, or shows
// another address, and what says that all is well says the same as before.
func damage(w *world) {
	home := w.copyHome("damaged")
	defer w.remove(home)
	reading := [][]string{{"wallet", "address", "--offline"}, {"balance"}, {"history"}, {"job", "list"}, {"name", "list"}, {"wallet", "coins"}, {"config", "show"}, {"doctor"}}
	want := map[string]string{}
	for _, args := range reading[:2] {
		want[args[0]+args[1%len(args)]] = w.must(home, args...).out
	}
	address := text(w.must(home, "wallet", "address", "--offline"), "address")
	money := text(w.must(home, "balance"), "total_sat")
	stores := w.stores(home)
	for range 12 {
		file := filepath.Join(home, stores[w.rnd.IntN(len(stores))])
		good, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		bad, how := w.corrupt(good)
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			w.t.Fatal(err)
		}
		args := reading[w.rnd.IntN(len(reading))]
		o := w.run(home, args...)
		switch {
		case w.t.Failed():
		case o.code == 2 && code(o) != "bad_config": // a file of the user's
			w.t.Errorf("%s, %s: %s ends like a wrong command line: %s", file, how, o.commandLine, o.err)
		case o.code == 0 && args[0] == "wallet" && args[1] == "address" && text(o, "address") != address:
			w.t.Errorf("%s, %s: another address: %s", file, how, o.out)
		case o.code == 0 && args[0] == "balance" && text(o, "total_sat") != money:
			w.t.Errorf("%s, %s: another balance: %s", file, how, o.out)
		}
		if w.t.Failed() {
			_ = os.WriteFile(filepath.Join(w.dir, "damaged-file"), bad, 0o600)
			return
		}
		w.remove(home)
		w.copyHome("damaged")
	}
}

// corrupt cuts, flips, empties or blanks bytes.
func (w *world) corrupt(good []byte) (bad []byte, how string) {
	bad = append([]byte(nil), good...)
	if len(bad) == 0 {
		return []byte("x"), "a byte added"
	}
	switch w.rnd.IntN(4) {
	case 0:
		n := w.rnd.IntN(len(bad))
		return bad[:n], fmt.Sprintf("cut to %d of %d bytes", n, len(bad))
	case 1:
		n, bit := w.rnd.IntN(len(bad)), w.rnd.IntN(8)
		bad[n] ^= 1 << bit
		return bad, fmt.Sprintf("bit %d of byte %d flipped", bit, n)
	case 2:
		page := w.rnd.IntN(len(bad)/4096+1) * 4096
		for i := page; i < min(page+4096, len(bad)); i++ {
			bad[i] = 0
		}
		return bad, fmt.Sprintf("zeros from %d", page)
	}
	return nil, "empty"
}
