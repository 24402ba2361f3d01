package sandboxes

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/wallet/sandbox"
)

// newDemo is a demo in a folder of its own whose program is a shell script.
func newDemo(t *testing.T, script string) (*demo, *bytes.Buffer) {
	t.Helper()
	out, dir := &bytes.Buffer{}, t.TempDir()
	env := &session.Session{Out: voice.New(out, io.Discard)}
	env.Use(&config.Config{Network: "sandbox", Home: dir})
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return &demo{env: env, program: program, dir: dir}, out
}

// TestDemoEnvironment: a command of the demo sees nothing of the user's own choices.
func TestDemoEnvironment(t *testing.T) {
	got := demoEnvironment([]string{"PATH=/bin", "HOME=/root", "BLOCKSTACK_NETWORK=mainnet", "BLOCKSTACK_PASSWORD_FILE=/p", "XDG_CONFIG_HOME=/x", "HOMEBREW=1"}, "/demo")
	if !slices.Equal(got, []string{"PATH=/bin", "HOMEBREW=1", "HOME=/demo"}) {
		t.Errorf("%q", got)
	}
}

// TestDemoFailure: what a command says as JSON becomes the demo's error, with its code and hints;
// anything else is told as it is.
func TestDemoFailure(t *testing.T) {
	cause := errors.New("exit status 8")
	said := `{"note":{"message":"n"}}` + "\n" + `{"error":{"code":"not_enough_money","message":"too little","hints":["get some"]}}` + "\n"
	var f *fault.Fault
	err := demoFailure([]string{"pay", "alice.id", "1"}, cause, []byte(said))
	if !errors.As(err, &f) || f.Code != "not_enough_money" || f.Message != "pay alice.id 1: too little" || !slices.Equal(f.Hints, []string{"get some"}) || !errors.Is(err, cause) {
		t.Errorf("%+v", err)
	}
	for _, text := range []string{"", "panic: no", `{"error":{}}`, `{"error":`} {
		err := demoFailure([]string{"pay"}, cause, []byte(text))
		if errors.As(err, &f) || !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), "pay: exit status 8: ") || !strings.HasSuffix(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestDemoRun: a command runs in the demo's folder with --json, its answer is read, and the line
// that is shown can be typed.
func TestDemoRun(t *testing.T) {
	d, out := newDemo(t, `printf '{"dir":"%s","words":"%s","home":"%s"}' "$(pwd)" "$*" "$HOME"`)
	var got struct{ Dir, Words, Home string }
	if err := d.run(t.Context(), &got, d.as("alice", "profile", "create", "name=Alice B")...); err != nil {
		t.Fatal(err)
	}
	if want, err := filepath.EvalSymlinks(d.dir); err != nil || got.Dir != want && got.Dir != d.dir || got.Home != d.dir || got.Words != "profile create name=Alice B --home alice --sandbox node --json" {
		t.Errorf("%+v, in %s, %v", got, d.dir, err)
	}
	if want := "   $ blockstack profile create 'name=Alice B' --home alice --sandbox node --json\n"; out.String() != want {
		t.Errorf("%q, want %q", out, want)
	}
	if err := d.run(t.Context(), nil, "x"); err != nil {
		t.Error(err)
	}
	for what, script := range map[string]string{"no answer": "exit 0", "no JSON": "echo hello", "a failure": `echo '{"error":{"code":"locked","message":"no"}}' >&2; exit 7`} {
		d, _ := newDemo(t, script)
		var f *fault.Fault
		if err := d.run(t.Context(), &got, "x"); err == nil || errors.As(err, &f) != (what == "a failure") || f != nil && f.Exit() != fault.ExitLocked {
			t.Errorf("%s: %v", what, err)
		}
	}
	if words := strings.Join(d.signing("bob", "pay"), " "); words != "pay --home bob --sandbox node --password-file bob.password --yes" {
		t.Error(words)
	}
}

// TestDemoFiles: passwords differ, are for this user alone, and nothing is written over.
func TestDemoFiles(t *testing.T) {
	d, _ := newDemo(t, "")
	var seen []string
	for _, name := range []string{"alice", "bob"} {
		if err := d.password(name); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(d.dir, name+".password")
		b, err := os.ReadFile(path)
		info, serr := os.Stat(path)
		if err != nil || serr != nil || info.Mode() != 0o600 || len(b) < 20 || !strings.HasSuffix(string(b), "\n") {
			t.Errorf("%s: %v %v %v", name, info.Mode(), err, serr)
		}
		seen = append(seen, string(b))
	}
	if seen[0] == seen[1] {
		t.Error("two people have one password")
	}
	if err := d.password("alice"); err == nil {
		t.Error("a password was written over")
	}
}

// TestDemoSteps: titles are numbered, facts stand under them, in words and as JSON.
func TestDemoSteps(t *testing.T) {
	d, out := newDemo(t, "")
	for _, err := range []error{d.title("First"), d.fact("block %d", 7), d.title("Second")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := "\n1. First\n     block 7\n\n2. Second\n"; out.String() != want {
		t.Errorf("%q, want %q", out, want)
	}
	b, err := json.Marshal(demoStep{Step: 1, Title: "First", Facts: []string{}})
	if err != nil || string(b) != `{"step":1,"title":"First","facts":[]}` {
		t.Errorf("%s %v", b, err)
	}
}

// TestDemoServes: the folder www is served on this machine alone, and no longer when it ends; the
// folder goes with the demo, or stays where that is wanted.
func TestDemoServes(t *testing.T) {
	d, _ := newDemo(t, "")
	end, err := d.serve()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, "www", "profile.json"), []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.dir, "secret"), []byte("no"), 0o600); err != nil {
		t.Fatal(err)
	}
	get := func(path string) (int, string) {
		r, err := http.Get(d.www + path)
		if err != nil {
			return 0, ""
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(b)
	}
	if code, text := get("/profile.json"); code != http.StatusOK || text != "[]" || !strings.HasPrefix(d.www, "http://127.0.0.1:") {
		t.Errorf("%s: %d %q", d.www, code, text)
	}
	if code, _ := get("/%2e%2e/secret"); code == http.StatusOK {
		t.Error("what lies beside www is served")
	}
	end()
	if code, _ := get("/profile.json"); code != 0 {
		t.Errorf("it still answers: %d", code)
	}
	for _, keep := range []bool{true, false} {
		err := d.cleanUp(t.Context(), keep)
		if _, there := os.Stat(d.dir); err != nil || (there == nil) != keep {
			t.Errorf("keep %v: %v %v", keep, err, there)
		}
	}
}

// TestHashTexts: hashes are written reversed, and an empty list is a list.
func TestHashTexts(t *testing.T) {
	if got := hashTexts([]chainhash.Hash{{0: 0xab, 31: 0xcd}}); len(got) != 1 || !strings.HasPrefix(got[0], "cd00") || !strings.HasSuffix(got[0], "00ab") {
		t.Errorf("%q", got)
	}
	if b, err := json.Marshal(hashTexts(nil)); err != nil || string(b) != "[]" {
		t.Errorf("%s %v", b, err)
	}
}

// TestSteps: each step of a start has words of its own and counts what it does.
func TestSteps(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []sandbox.Step{sandbox.StepWait, sandbox.StepRepair, sandbox.StepNode, sandbox.StepReplay, sandbox.StepResend, sandbox.StepMine} {
		words := sandboxStep(s)
		if seen[words] || words == "" {
			t.Errorf("%s: %q", s, words)
		}
		seen[words] = true
		if want := map[bool]string{true: "transactions", false: "blocks"}[s == sandbox.StepResend]; sandboxUnit(s) != want {
			t.Errorf("%s counts %s", s, sandboxUnit(s))
		}
	}
	if got := sandboxStep("new"); got != "new" {
		t.Error(got)
	}
}

// TestStatusOfNone: where no sandbox is, its state is told and nothing is made; what is not known
// is null.
func TestStatusOfNone(t *testing.T) {
	h := onSandbox(t)
	o := h.Run(t, SandboxCommand(), "status", "--json")
	if o.Fault != nil || o.Doc["answers"] != false || o.Doc["pid"] != nil || o.Doc["height"] != nil || o.Doc["mempool_txs"] != nil || o.Doc["state"] == "running" || o.Doc["explanation"] == "" {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	if left, err := os.ReadDir(h.Dir); err != nil || len(left) > 0 {
		t.Errorf("left %v %v", left, err)
	}
	text := h.Run(t, SandboxCommand(), "status").Out
	if !strings.HasPrefix(text, "state\t") || !strings.Contains(text, "explanation\t") || strings.Contains(text, "height\t") {
		t.Error(text)
	}
}

// TestChooseSandbox: a home without a network gets the sandbox; one that has chosen keeps its own.
func TestChooseSandbox(t *testing.T) {
	for text, want := range map[string]string{"": "sandbox", `{"schema":"blockstack/config/v1","network":"testnet"}`: "testnet"} {
		d, _ := newDemo(t, "")
		d.env.Config.File = filepath.Join(d.dir, "config.json")
		if text != "" {
			if err := os.WriteFile(d.env.Config.File, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := chooseSandbox(d.env); err != nil {
			t.Fatal(err)
		}
		if file, err := config.Read(d.env.Config.File); err != nil || file.Network == nil || *file.Network != want {
			t.Errorf("%q: %+v %v", text, file, err)
		}
	}
}
