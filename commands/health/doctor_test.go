package health

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/commands/verbtest"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/testdata"
)

// checks are the findings of a doctor by their names.
func checks(t *testing.T, o verbtest.Outcome) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	for _, v := range o.Doc["checks"].([]any) {
		f := v.(map[string]any)
		name := f["check"].(string)
		if found[name] != nil {
			t.Errorf("%s was looked at twice", name)
		}
		found[name] = f
		if f["hints"] == nil || f["message"] == "" || (f["status"] == checkFail) != (f["code"] != nil) {
			t.Errorf("%v", f)
		}
	}
	return found
}

// TestEmptyHome: where nothing is, nothing is wrong, and nothing is made.
func TestEmptyHome(t *testing.T) {
	h := verbtest.Empty(t)
	o := h.Run(t, DoctorCommand(), "--json")
	found := checks(t, o)
	for check, status := range map[string]string{
		"config": checkOK, "files": checkOK, "wallet": checkSkipped, "agent": checkOK, "backup": checkSkipped, "jobs": checkOK, "node": checkSkipped,
		"clock": checkSkipped, "index": checkSkipped, "preorders": checkSkipped,
	} {
		if found[check]["status"] != status {
			t.Errorf("%s: %v, want %s", check, found[check], status)
		}
	}
	if o.Fault != nil || o.Doc["home"] != h.Dir || o.Doc["network"] != "regtest" {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	if left, err := os.ReadDir(h.Dir); err != nil || len(left) > 0 {
		t.Errorf("it made %v %v", left, err)
	}
}

// TestWellAndUnwell: what is fine with a wallet and an index, and what is told when files are open
// to others, gone, or damaged.
func TestWellAndUnwell(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes of files are those of Unix")
	}
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json")).WithWallet(t)
	o := h.Run(t, DoctorCommand(), "--json")
	found := checks(t, o)
	for check, status := range map[string]string{"wallet": checkOK, "backup": checkWarn, "index": checkOK, "names": checkOK, "scripts": checkOK, "jobs": checkOK, "last days": checkOK} {
		if found[check]["status"] != status {
			t.Errorf("%s: %v, want %s", check, found[check], status)
		}
	}
	if o.Fault != nil {
		t.Errorf("warnings alone are no failure: %v", o.Fault)
	}
	text := h.Run(t, DoctorCommand())
	if !strings.Contains(text.Out, "warn\tbackup\t") || !strings.Contains(text.Said, "backup: write one to another disk: blockstack wallet backup FILE") {
		t.Errorf("%s\n%s", text.Out, text.Said)
	}

	keychain := filepath.Join(h.Dir, "keychain")
	if err := os.Chmod(keychain, 0o644); err != nil {
		t.Fatal(err)
	}
	o = h.Run(t, DoctorCommand(), "--json")
	if f := checks(t, o)["files"]; f["status"] != checkFail || f["code"] != "file_access" || f["message"] != "others can get at "+keychain || f["hints"].([]any)[0] != "chmod go= "+keychain {
		t.Errorf("%v", f)
	}
	if o.Fault == nil || o.Fault.Code != "file_access" || o.Fault.Message != "not well: files" || !slices.Contains(o.Fault.Hints, "files: chmod go= "+keychain) {
		t.Errorf("%+v", o.Fault)
	}
	password := filepath.Join(h.Dir, "password")
	if err := os.Chmod(keychain, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(password); err != nil {
		t.Fatal(err)
	}
	o = h.Run(t, DoctorCommand(), "--json")
	if f := checks(t, o)["files"]; f["status"] != checkFail || f["message"] != password+" is named and not there" || o.Exit() != fault.ExitNotFound {
		t.Errorf("%v %v", f, o.Fault)
	}
	h.File(t, "password", verbtest.Password)
	for file, check := range map[string]string{"index.db": "index", "labels.db": "wallet"} {
		path := filepath.Join(h.Dir, "regtest", file)
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, good[:5000], 0o600); err != nil {
			t.Fatal(err)
		}
		o := h.Run(t, DoctorCommand(), "--json")
		if f := checks(t, o)[check]; f["status"] != checkFail || f["code"] != "damaged" || len(f["hints"].([]any)) == 0 || o.Fault == nil {
			t.Errorf("%s: %v %v", file, f, o.Fault)
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if o := h.Run(t, DoctorCommand(), "--json"); o.Fault != nil {
		t.Errorf("all is as it was: %v", o.Fault)
	}
}

// TestBrokenConfig: a configuration that cannot be read is a finding, and everything else is looked
// at all the same.
func TestBrokenConfig(t *testing.T) {
	h := verbtest.Empty(t)
	h.File(t, "config.json", "{")
	o := h.Run(t, DoctorCommand(), "--json")
	found := checks(t, o)
	if found["config"]["status"] != checkFail || found["config"]["code"] != "bad_config" || found["disk"] == nil || found["agent"] == nil || o.Exit() != fault.ExitUsage {
		t.Errorf("%v %v", found["config"], o.Fault)
	}
}

// newDoctor is a doctor on a network that has looked at nothing.
func newDoctor(network string) *doctor {
	env := &session.Session{Out: voice.New(io.Discard, io.Discard)}
	env.Use(&config.Config{Network: network, Home: "/nowhere"})
	return &doctor{env: env, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
}

// TestClock: a clock behind the newest block is wrong anywhere; one ahead of it says something on a
// public chain only.
func TestClock(t *testing.T) {
	for _, c := range []struct {
		network string
		age     time.Duration
		want    string
	}{
		{"mainnet", 10 * time.Minute, checkOK}, {"mainnet", staleTip, checkOK}, {"mainnet", staleTip + time.Second, checkWarn}, {"regtest", 1000 * time.Hour, checkOK},
		{"mainnet", -clockSlack, checkOK}, {"mainnet", -clockSlack - time.Second, checkFail}, {"regtest", -clockSlack - time.Second, checkFail},
	} {
		d := newDoctor(c.network)
		d.checkClock(d.now.Add(-c.age))
		if f := d.found[0]; f.Status != c.want || (f.Status == checkOK) != (len(f.Hints) == 0) {
			t.Errorf("%s, a block %s old: %+v, want %s", c.network, c.age, f, c.want)
		}
	}
}

// TestVerdict: one failure ends with its code, several with the one they share, or with 1.
func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		codes []string
		want  string
		exit  fault.ExitCode
	}{
		{nil, "", fault.ExitDone},
		{[]string{"unreachable"}, "unreachable", fault.ExitUnreachable},
		{[]string{"unreachable", "unreachable"}, "unreachable", fault.ExitUnreachable},
		{[]string{"damaged", "file_access"}, "file_access", fault.ExitFailed},
		{[]string{"unreachable", "in_grace"}, "not_healthy", fault.ExitFailed},
		{[]string{"unreachable", "in_grace", "in_grace"}, "not_healthy", fault.ExitFailed},
		{[]string{"internal"}, "not_healthy", fault.ExitFailed},
		{[]string{""}, "not_healthy", fault.ExitFailed},
	} {
		d := newDoctor("regtest")
		d.add("fine", checkOK, "ok")
		d.add("so so", checkWarn, "hm").hint("look")
		for _, code := range c.codes {
			d.add("bad", checkFail, "no").hint("mend").Code = code
		}
		err := d.verdict()
		if c.want == "" {
			if err != nil {
				t.Errorf("%v", err)
			}
			continue
		}
		f, ok := err.(*fault.Fault)
		if !ok || f.Code != c.want || f.Exit() != c.exit || !f.KeepResult || len(f.Hints) != len(c.codes) || f.Hints[0] != "bad: mend" {
			t.Errorf("%q: %+v, want %s", c.codes, err, c.want)
		}
	}
}

// TestAbout: each unit, cut and not rounded.
func TestAbout(t *testing.T) {
	for age, want := range map[time.Duration]string{
		0: "less than a minute", 59 * time.Second: "less than a minute", time.Minute: "1 minute", 59*time.Minute + 59*time.Second: "59 minutes", time.Hour: "1 hour",
		47*time.Hour + 59*time.Minute: "47 hours", 48 * time.Hour: "2 days", 90 * 24 * time.Hour: "90 days",
	} {
		if got := about(age); got != want {
			t.Errorf("%s: %s, want %s", age, got, want)
		}
	}
}
