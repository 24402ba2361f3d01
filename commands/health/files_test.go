package health

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"blockstack/commands/verbtest"
	"blockstack/txbuilder/lastdays"
)

// TestDamagedFiles: each file of a home that is cut or is no file of ours is a finding of its own,
// and everything else is looked at all the same.
func TestDamagedFiles(t *testing.T) {
	for file, check := range map[string]string{"jobs.db": "jobs", "profiles.db": "profiles seen"} {
		h := verbtest.Empty(t).WithWallet(t)
		d := newDoctor("regtest")
		d.env.Config.Home = h.Dir
		path := map[string]string{"jobs.db": d.env.Config.JournalFile(), "profiles.db": d.env.Config.ProfilesFile()}[file]
		if err := os.WriteFile(path, []byte(strings.Repeat("no store of ours\n", 600)), 0o600); err != nil {
			t.Fatal(err)
		}
		o := h.Run(t, DoctorCommand(), "--json")
		found := checks(t, o)
		if f := found[check]; f["status"] != checkFail || f["code"] != "damaged" || o.Fault == nil {
			t.Errorf("%s: %v %v", file, f, o.Fault)
		}
		if found["wallet"]["status"] != checkOK || found["disk"] == nil || found["agent"] == nil {
			t.Errorf("%s: %v", file, found)
		}
	}
}

// TestHomeOfEverybody: a home that others can write is told with the command that mends it.
func TestHomeOfEverybody(t *testing.T) {
	h := verbtest.Empty(t)
	if err := os.Chmod(h.Dir, 0o770); err != nil {
		t.Fatal(err)
	}
	f := checks(t, h.Run(t, DoctorCommand(), "--json"))["files"]
	if f["status"] != checkFail || f["code"] != "file_access" || !strings.Contains(fmt.Sprint(f["hints"]), h.Dir) {
		t.Errorf("%v", f)
	}
}

// TestNoHome: a home that is not there is skipped, and not made.
func TestNoHome(t *testing.T) {
	h := verbtest.Empty(t)
	dir := filepath.Join(h.Dir, "none")
	h.Flags[1] = dir
	o := h.Run(t, DoctorCommand(), "--json")
	if f := checks(t, o)["files"]; f["status"] != checkSkipped || o.Fault != nil {
		t.Errorf("%v %v", f, o.Fault)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the doctor made a home")
	}
}

// TestWritable: a folder where a file can be made, and nothing is left of the try.
func TestWritable(t *testing.T) {
	dir := t.TempDir()
	if !writable(dir) || writable(filepath.Join(dir, "none")) {
		t.Error("what can be written is not told from what cannot")
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("left %v %v", list, err)
	}
}

// TestRestoredHome: a home that came back from words says that it may have forgotten what it sent,
// and what to do.
func TestRestoredHome(t *testing.T) {
	for _, why := range []lastdays.Why{lastdays.Words, lastdays.Backup} {
		h := verbtest.Empty(t)
		if err := lastdays.Begin(filepath.Join(h.Dir, "regtest"), why); err != nil {
			t.Fatal(err)
		}
		f := checks(t, h.Run(t, DoctorCommand(), "--json"))["last days"]
		if f["status"] != checkWarn || !strings.Contains(f["message"].(string), why.Text()) || !strings.Contains(fmt.Sprint(f["hints"]), "blockstack job rescue") {
			t.Errorf("%s: %v", why, f)
		}
	}
}
