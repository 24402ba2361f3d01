package commands

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/wallet/keychain"
	"blockstack/wallet/sandbox"
	"blockstack/wallet/secret"
)

var raceScripts = flag.Bool("script.race", false, "run the scripts with the test binary as the program, as slow as its instrumentation")

// scriptCost is what a try of a password costs in the transcripts: next to nothing, as keychain.TestCost.
const scriptCost = "1 8 1"

// TestMain lets the test binary be the program when a script calls it.
func TestMain(m *testing.M) {
	session.LinkedCost = scriptCost
	testscript.Main(m, map[string]func(){
		"blockstack": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			context.AfterFunc(ctx, stop)
			os.Exit(Main(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr))
		},
		"killed":      func() { os.Exit(killedProgram(context.Background(), os.Args)) },
		"interrupted": func() { os.Exit(interruptedProgram(context.Background(), os.Args)) },
		"ask": func() {
			if os.Args[1] == "under-a-shell" {
				if err := underShell(os.Args[2:]); err != nil {
					fmt.Println(err)
				}
				return
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			context.AfterFunc(ctx, stop)
			env := &session.Session{In: os.Stdin, Out: voice.New(os.Stdout, os.Stderr)}
			os.Exit(runVerb(ctx, env, append([]string{"blockstack", "test"}, os.Args[2:]...), func(ctx context.Context, env *session.Session) error {
				return askOnce(ctx, env, os.Args[1])
			}))
		},
	})
}

// killedProgram is the program `killed N ARGUMENTS…`: the same program, killed at the Nth place before or after a write or
// the sending of a payment. Fewer places than N: it ends as it would.
func killedProgram(ctx context.Context, args []string) int {
	at, err := strconv.Atoi(args[1])
	if err != nil {
		return 1
	}
	env := &session.Session{In: os.Stdin, Out: voice.New(os.Stdout, os.Stderr)}
	env.Given.AtWrite = func() {
		if at--; at > 0 {
			return
		}
		if p, err := os.FindProcess(os.Getpid()); err == nil && p.Kill() == nil {
			select {} // until it is over
		}
		os.Exit(1)
	}
	return run(ctx, env, append([]string{"blockstack"}, args[2:]...))
}

// interruptedProgram is killedProgram with Ctrl-C in place of a kill.
func interruptedProgram(ctx context.Context, args []string) int {
	at, err := strconv.Atoi(args[1])
	if err != nil {
		return 1
	}
	ctx, stop := context.WithCancel(ctx)
	env := &session.Session{In: os.Stdin, Out: voice.New(os.Stdout, os.Stderr)}
	env.Given.AtWrite = func() {
		if at--; at == 0 {
			stop()
		}
	}
	return run(ctx, env, append([]string{"blockstack"}, args[2:]...))
}

// askOnce is the program `ask KIND`: one question on the real terminal, its answer as the result. With `password-then-KIND` a password
// is asked for before, and the program works until there is a file `go on` in its home.
func askOnce(ctx context.Context, env *session.Session, kind string) (err error) {
	if then, ok := strings.CutPrefix(kind, "password-then-"); ok {
		kind = then
		s, err := env.Ask.Secret(ctx, prompt.Question{Text: "The password", Flag: "--password-file FILE"})
		if err != nil {
			return err
		}
		s.Wipe()
		env.Out.Note("working")
		for {
			if _, err := os.Stat(env.Config.Path("go on")); err == nil {
				break
			}
			if ctx.Err() != nil {
				if kind != "deaf" {
					return ctx.Err()
				}
				env.Out.Note("heard")
				select {}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	answer := ""
	switch kind {
	case "panic":
		panic("bug: of a test")
	case "secret":
		var s *secret.Bytes
		s, err = env.Ask.Secret(ctx, prompt.Question{Text: "The password", Flag: "--password-file FILE"})
		s.Use(func(b []byte) { answer = string(b) })
	case "tries":
		tries := 0
		_, err = session.TypedSecretThat(ctx, env, prompt.Question{Text: "The password"}, func(*secret.Bytes) error {
			if tries++; tries == 1 {
				return keychain.ErrWrongPassword
			}
			return nil
		})
		answer = strconv.Itoa(tries)
	case "confirm":
		if err = env.Confirm(ctx, "Go on"); err == nil {
			answer = "agreed"
		}
	case "dangerous":
		err = env.ConfirmDangerous(ctx, "revoke alice.id", "alice.id")
	case "choose":
		items := []string{"apple", "pear\x1b[2J", "plum"}
		var i int
		i, err = env.Ask.Choose(ctx, prompt.Question{Text: "Which", Flag: "--fruit"}, items)
		answer = strconv.Itoa(i)
	case "reveal":
		err = env.Ask.Reveal(ctx, prompt.Question{Text: "Write these words down"}, secret.New([]byte("1 legal  2 winner")))
		answer = "shown"
	case "wait": // for an interruption, once it can be taken
		if err = os.WriteFile("ready", nil, 0o600); err == nil {
			<-ctx.Done()
			err = fmt.Errorf("wait for blocks: %w", ctx.Err())
		}
	}
	if err != nil {
		return err
	}
	return env.Out.Result("ask", map[string]string{"answer": answer}, func(t *voice.Text) { t.Line("%s", answer) })
}

// TestScripts runs the transcripts in testdata/script: each is a list of command lines as a person types them, in a
// home of its own, with a btcd on PATH for the sandbox. Beside testscript's commands there are:
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
//
// A PATH is keys and positions separated by dots: txids.0. In a stream of JSON lines it is about the last one.
//
// The program is built as `make build` builds it, also where the tests themselves have the race detector, which would
// make the password and the scan several times as slow. With -script.race the scripts run the test binary instead.
//
// A script with a line `# backends: A B` runs once per way to the chain, unchanged: as it is for the first, and as
// TestScripts/B/NAME with BLOCKSTACK_BACKEND=B for each other one.
func TestScripts(t *testing.T) {
	node := sync.OnceValues(func() (string, error) { return nodeBinary(t) })
	program := sync.OnceValues(func() (string, error) { return programBinary(t) })
	all, others := scriptBackends(t)
	for backend, files := range others {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, scriptParams(t, node, program, files, backend))
		})
	}
	testscript.Run(t, scriptParams(t, node, program, all, ""))
}

// scriptBackends lists all scripts, and those that run once more through another backend.
func scriptBackends(t *testing.T) (all []string, others map[string][]string) {
	t.Helper()
	all, err := filepath.Glob("../testdata/script/*.txtar")
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

// scriptParams are how scripts are run, through a backend if one is named.
func scriptParams(t *testing.T, node, program func() (string, error), files []string, backend string) testscript.Params {
	return testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(cond string) (bool, error) {
			return false, fmt.Errorf("unknown condition %s", cond)
		},
		Setup: func(env *testscript.Env) error {
			btcd, err := node()
			if err != nil {
				return err
			}
			source, err := filepath.Abs("..")
			if err != nil {
				return err
			}
			env.Setenv("SOURCE", source)
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("BLOCKSTACK_BACKEND", backend) // empty: as if it were not there
			env.Defer(func() { stopNodes(t, env.WorkDir) })
			env.Setenv("BLOCKSTACK_NO_INPUT", "1") // a script that uses ttyin clears it
			// A folder with these two alone: in bin stands a blockstack from the last make, which is not under test.
			programs := filepath.Join(env.WorkDir, ".programs")
			env.Setenv("PATH", programs+string(filepath.ListSeparator)+env.Getenv("PATH"))
			err = errors.Join(os.MkdirAll(home, 0o700), os.Mkdir(programs, 0o700), os.Symlink(btcd, filepath.Join(programs, filepath.Base(btcd))))
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

// nodeBinary is the btcd that make built, or one built now from the version in go.mod.
func nodeBinary(t *testing.T) (string, error) {
	name := "btcd"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	built, err := filepath.Abs(filepath.Join("..", "bin", name))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(built); err == nil {
		return built, nil
	}
	return goBuild(t, name, "github.com/btcsuite/btcd")
}

// programBinary builds the program under test.
func programBinary(t *testing.T) (string, error) {
	name := "blockstack"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path, err := goBuild(t, name, "blockstack")
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(path); err != nil || runtime.GOARCH == "amd64" && runtime.GOOS == "linux" && info.Size() > maxProgram {
		return "", fmt.Errorf("%s has more than %d bytes, or none (%v): docs/dependencies.md says what makes it large", name, maxProgram, err)
	}
	return path, nil
}

// maxProgram is how large the stripped program may be, in bytes.
const maxProgram = 30_000_000

// goBuild builds a program as make does, so that both find it in go's build cache.
func goBuild(t *testing.T, name, pkg string) (string, error) {
	path := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -X 'blockstack/commands.linkedCost="+scriptCost+"'", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", name, err, out)
	}
	return path, nil
}

// scriptJSON checks a value.
func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	if (neg && len(args) != 2) || (!neg && len(args) != 3) {
		ts.Fatalf("usage: json FILE PATH VALUE, or ! json FILE PATH")
	}
	got, found := lookUp(ts, args[0], args[1])
	switch {
	case neg && found:
		ts.Fatalf("%s has %s: %s", args[0], args[1], got)
	case !neg && !found:
		ts.Fatalf("%s has no %s:\n%s", args[0], args[1], ts.ReadFile(args[0]))
	case !neg && got != args[2]:
		ts.Fatalf("%s: %s is %s, want %s", args[0], args[1], got, args[2])
	}
}

// scriptSetJSON keeps a value for later lines.
func scriptSetJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: setjson VAR FILE PATH")
	}
	value, found := lookUp(ts, args[1], args[2])
	if !found {
		ts.Fatalf("%s has no %s:\n%s", args[1], args[2], ts.ReadFile(args[1]))
	}
	ts.Setenv(args[0], value)
}

// lookUp finds a value in the last JSON document of a file. Texts are returned as they are, other values as JSON.
func lookUp(ts *testscript.TestScript, file, path string) (value string, found bool) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile(file)), "\n")
	dec := json.NewDecoder(strings.NewReader(lines[len(lines)-1]))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		ts.Fatalf("%s: %v:\n%s", file, err, ts.ReadFile(file))
	}
	for _, key := range strings.Split(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			if v, found = node[key]; !found {
				return "", false
			}
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(node) {
				return "", false
			}
			v = node[i]
		default:
			return "", false
		}
	}
	if s, ok := v.(string); ok {
		return s, true
	}
	b, err := json.Marshal(v)
	ts.Check(err)
	return string(b), true
}

// scriptServe serves a folder.
func scriptServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: serve VAR DIR")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	srv := &http.Server{Handler: http.FileServer(http.Dir(ts.MkAbs(args[1]))), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	ts.Defer(func() {
		ts.Check(srv.Close())
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			ts.Fatalf("serve: %v", err)
		}
	})
	ts.Setenv(args[0], "http://"+l.Addr().String())
}

// scriptLines counts lines.
func scriptLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(got) != args[1] {
		ts.Fatalf("%s has %d lines, want %s:\n%s", args[0], got, args[1], ts.ReadFile(args[0]))
	}
}

// scriptPayees writes a list of payments.
func scriptPayees(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: payees FILE N AMOUNT")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	b.WriteString("target,amount_btc,label\n")
	for i := range n {
		a, err := address.NewAddressWitnessPubKeyHash(address.Hash160(binary.BigEndian.AppendUint32(nil, uint32(i))), &chaincfg.RegressionNetParams)
		ts.Check(err)
		fmt.Fprintf(&b, "%s,%s,wage of worker %d\n", a.EncodeAddress(), args[2], i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

// scriptWaitFor waits for a file that a program in the background writes.
func scriptWaitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfor FILE")
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
	}
	ts.Fatalf("%s did not appear", args[0])
}
