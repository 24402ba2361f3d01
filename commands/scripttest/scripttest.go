// Package scripttest runs the transcripts in testdata/script. Each is a list of command lines as a
// person types them, in a home of its own, with a btcd on PATH for the sandbox. A folder there is a
// group, and each group is a package in commands/scripts, so that go test runs groups side by side.
// Beside testscript's commands there are:
//
//	json FILE PATH VALUE     the JSON document in FILE (stdout, stderr or a file) has VALUE at PATH
//	! json FILE PATH         it has nothing there
//	setjson VAR FILE PATH    put what it has there into an environment variable
//	serve VAR DIR            serve a folder over HTTP on 127.0.0.1 until the script ends; VAR is its URL
//	lines FILE N             FILE has N lines
//	keychain FILE [HOME]     put a keychain into a home whose password costs nothing to try; the phrase is in FILE, or put there
//	payees FILE N AMOUNT     write a CSV list of payments of AMOUNT to N addresses that nobody has
//	waitfor FILE             wait until FILE is there, at most a minute
//	gaiahub VAR              run a Gaia hub over https on 127.0.0.1; VAR is its URL, SSL_CERT_FILE its certificate
//	moody VAR DIR            serve a folder as storage that misbehaves as the file DIR/mood says; VAR is its URL
//	forge WHAT FILE          write scripts of a thief into labels.db or the keychain file, as somebody without the password can
//	webdav VAR USER:PASSWORD run a WebDAV server like that, for one user
//	damage FILE CODES CMD… run a command on FILE as it is and damaged in many ways: it ends as before, or with one of CODES
//	locktime NODE TXID       a transaction that waits has the lock time of a payment made now; negated: none
//	overcharge VAR NODE RATE put a liar about fee rates before a node; VAR is its URL
//
// A PATH is keys and positions separated by dots: txids.0. In a stream of JSON lines it is about
// the last one.
//
// Programs beside blockstack are `killed N` and `interrupted N`, which is the program and ends at
// its Nth write, and `ask KIND`, one question.
//
// The program is built as `make build` builds it, also where the tests themselves have the race
// detector, which would make the password and the scan several times as slow. With -script.race the
// scripts run the test binary instead. `killed`, `interrupted` and `ask` are the test binary
// always: transcripts with them are in the group `interrupted`, which the race detector looks at in
// make check.
//
// A script with a line `# backends: A B` runs once per way to the chain, unchanged: as it is for
// the first, and as TestScripts/B/NAME with BLOCKSTACK_BACKEND=B for each other one.
package scripttest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"blockstack/home/config"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/sandbox"
)

var raceScripts = flag.Bool("script.race", false, "run the scripts with the test binary as the program, as slow as its instrumentation")

// Run runs the transcripts of a group.
func Run(t *testing.T, group string) {
	program := Program(t)
	all, others := scriptBackends(t, filepath.Join(root(t), "testdata", "script", group))
	for backend, files := range others {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, Params(t, program, files, backend))
		})
	}
	testscript.Run(t, Params(t, program, all, ""))
}

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			err = os.ErrNotExist
		}
	}
	t.Fatalf("look for go.mod: %v", err)
	return ""
}

// scriptBackends lists all scripts of a folder, and those that run once more through another
// backend.
func scriptBackends(t *testing.T, dir string) (all []string, others map[string][]string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(all) == 0 {
		t.Fatalf("scripts: %d %v", len(all), err)
	}
	others = map[string][]string{}
	for _, file := range all {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, line, found := strings.Cut("\n"+string(b), "\n# backends: ")
		if !found {
			continue
		}
		line, _, _ = strings.Cut(line, "\n")
		names := strings.Fields(line)
		for _, name := range names {
			if !slices.Contains(append(config.Backends(), config.BackendPeers), name) {
				t.Fatalf("%s: unknown backend %s", file, name)
			}
		}
		for _, name := range names[1:] {
			others[name] = append(others[name], file)
		}
	}
	return all, others
}

// Params are how scripts are run, through a backend if one is named.
func Params(t *testing.T, program func() (string, error), files []string, backend string) testscript.Params {
	t.Helper()
	btcd, source := chaintest.Btcd(t), root(t)
	return testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(cond string) (bool, error) {
			return false, fmt.Errorf("unknown condition %s", cond)
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("SOURCE", source)
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("BLOCKSTACK_BACKEND", backend) // empty: as if it were not there
			env.Defer(func() { stopNodes(t, env.WorkDir) })
			env.Setenv("BLOCKSTACK_NO_INPUT", "1") // a script that uses ttyin clears it
			// A folder with these two alone: in bin stands a blockstack from the last make, which
			// is not under test.
			programs := filepath.Join(env.WorkDir, ".programs")
			env.Setenv("PATH", programs+string(filepath.ListSeparator)+env.Getenv("PATH"))
			err := errors.Join(os.MkdirAll(home, 0o700), os.Mkdir(programs, 0o700), os.Symlink(btcd, filepath.Join(programs, filepath.Base(btcd))))
			if err != nil || *raceScripts {
				return err
			}
			blockstack, err := program()
			if err != nil {
				return err
			}
			return os.Symlink(blockstack, filepath.Join(programs, filepath.Base(blockstack)))
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"json":       scriptJSON,
			"setjson":    scriptSetJSON,
			"serve":      scriptServe,
			"lines":      scriptLines,
			"keychain":   scriptKeychain,
			"payees":     scriptPayees,
			"waitfor":    scriptWaitFor,
			"gaiahub":    scriptGaiaHub,
			"webdav":     scriptWebDAV,
			"moody":      scriptMoody,
			"damage":     scriptDamage,
			"locktime":   scriptLockTime,
			"overcharge": scriptOvercharge,
			"forge":      scriptForge,
		},
	}
}

// stopNodes ends the sandboxes that a script left running, as one that fails does.
func stopNodes(t *testing.T, workDir string) {
	for _, pattern := range []string{"*/sandbox/node", "home/.local/share/blockstack/sandbox/node"} {
		dirs, err := filepath.Glob(filepath.Join(workDir, pattern))
		if err != nil {
			t.Error(err)
		}
		for _, dir := range dirs {
			var gone *sandbox.NotRunning
			if err := sandbox.Stop(context.Background(), dir); err != nil && !errors.As(err, &gone) {
				t.Errorf("stop the sandbox in %s: %v", dir, err)
			}
		}
	}
}
