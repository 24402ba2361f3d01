package attack

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tooLong is how long a command may take before it counts as hanging, on a machine with much else
// to do.
const tooLong = 3 * time.Minute

// world is a sandbox with a wallet that has money and a namespace of its own.
type world struct {
	t       *testing.T
	rnd     *rand.Rand
	program string
	dir     string // everything
	home    string // the wallet's
	node    string // the sandbox's
	payee   string // an address of somebody else
	serial  int    // makes amounts and names unlike
	// flags say how a home asks another node than the sandbox's.
	flags map[string][]string
}

// outcome is what a command did.
type outcome struct {
	code        int
	out, err    string
	killed      bool
	commandLine string
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	program, err := filepath.Abs(*programPath)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("%v: make builds it", err)
	}
	dir, err := os.MkdirTemp("", "attack")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, rnd: rand.New(rand.NewPCG(seed, 1)), program: program, dir: dir, home: filepath.Join(dir, "home"), node: filepath.Join(dir, "node"),
		flags: map[string][]string{}}
	t.Cleanup(func() {
		w.run(w.home, "wallet", "lock")
		w.run(w.node, "sandbox", "stop")
		if !t.Failed() {
			_ = os.RemoveAll(dir)
		}
	})
	w.write("pw", "correct horse battery staple\n")
	w.write("id.toml", namespaceRules)
	w.must(w.node, "sandbox", "start")
	w.must(w.home, "wallet", "create", "--words-file", filepath.Join(dir, "words"))
	w.must(w.home, "config", "set", "sandbox", w.node)
	w.must(w.home, "wallet", "unlock", "--for", "8h")
	w.payee = text(w.must(filepath.Join(dir, "payee"), "wallet", "create", "--words-file", filepath.Join(dir, "words2")), "address")
	mine := text(w.must(w.home, "wallet", "address"), "address")
	for range 8 {
		w.must(w.node, "sandbox", "fund", mine, "2")
	}
	w.must(w.node, "sandbox", "fund", mine, "640000", "--stacks")
	w.must(w.home, "namespace", "launch", filepath.Join(dir, "id.toml"))
	return w
}

const namespaceRules = `schema = "blockstack/namespace/v1"
namespace = "atk"
description = "names under attack"
version = 1
lifetime_blocks = 52595
coefficient = 1
base = 1
buckets = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
no_vowel_discount = 1
non_alpha_discount = 1
`

// write makes a file of the world.
func (w *world) write(name, content string) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// command makes a command of the program that never asks.
func (w *world) command(ctx context.Context, home string, args ...string) *exec.Cmd {
	where := []string{"--sandbox", w.node, "--network", "sandbox"}
	switch f := w.flags[home]; {
	case f != nil:
		where = f
	case home == w.node: // the sandbox's own home
		where = nil
	}
	full := append([]string{"--home", home, "--password-file", filepath.Join(w.dir, "pw"), "--yes", "--no-input", "--json"}, where...)
	full = append(full, args...)
	cmd := exec.CommandContext(ctx, w.program, full...)
	cmd.Env = append(os.Environ(), "HOME="+w.dir, "TMPDIR="+w.dir, "XDG_RUNTIME_DIR="+w.dir)
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// run runs a command to its end.
func (w *world) run(home string, args ...string) outcome {
	return w.runFor(tooLong, home, args...)
}

// runFor kills the command after a time: one that is meant to end by itself must take less than
// tooLong.
func (w *world) runFor(limit time.Duration, home string, args ...string) outcome {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := w.command(ctx, home, args...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	o := outcome{out: out.String(), err: errOut.String(), killed: ctx.Err() != nil, commandLine: strings.Join(args, " ")}
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		o.code = exit.ExitCode()
	case !o.killed:
		w.t.Fatalf("%s: %v", o.commandLine, err)
	}
	w.judge(o, limit)
	return o
}

// judge finds what no command may ever do.
func (w *world) judge(o outcome, limit time.Duration) {
	w.t.Helper()
	for _, fault := range []string{"goroutine ", "panic: ", "fatal error: ", "bug: "} {
		if strings.Contains(o.err, fault) {
			w.t.Errorf("%s: crashed:\n%.2000s", o.commandLine, o.err)
			return
		}
	}
	if o.killed && limit == tooLong {
		w.t.Errorf("%s: hangs; so far:\n%.1000s", o.commandLine, o.err)
	}
}

// must runs a command that has to succeed.
func (w *world) must(home string, args ...string) outcome {
	w.t.Helper()
	o := w.run(home, args...)
	if o.code != 0 || o.killed {
		w.t.Fatalf("%s: exit %d\n%s\n%s", o.commandLine, o.code, o.out, o.err)
	}
	return o
}

// text gives a member of a JSON answer, by its path.
func text(o outcome, path string) string {
	var v any
	if json.Unmarshal([]byte(o.out), &v) != nil {
		return ""
	}
	for key := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[key]
	}
	return fmt.Sprint(v)
}

// code gives the code of the error that a command ended with.
func code(o outcome) string {
	for line := range strings.Lines(o.err) {
		var v struct {
			Error struct{ Code string }
		}
		if json.Unmarshal([]byte(line), &v) == nil && v.Error.Code != "" {
			return v.Error.Code
		}
	}
	return ""
}

// nodeState is how the sandbox's node is asked.
type nodeState struct {
	Port     int    `json:"rpc_port"`
	User     string `json:"rpc_user"`
	Password string `json:"rpc_password"`
}

func (w *world) nodeState() (state nodeState) {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.node, "sandbox", "node", "state.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		w.t.Fatal(err)
	}
	return state
}

// rpc asks the node itself.
func (w *world) rpc(into any, method string, params ...any) {
	w.t.Helper()
	state := w.nodeState()
	if params == nil {
		params = []any{}
	}
	body, _ := json.Marshal(map[string]any{"jsonrpc": "1.0", "id": 1, "method": method, "params": params})
	req, err := http.NewRequest(http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/", state.Port), bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(state.User+":"+state.Password)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatalf("%s: %v", method, err)
	}
	defer resp.Body.Close()
	answer := struct {
		Result any `json:"result"`
		Error  any `json:"error"`
	}{Result: into}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Error != nil {
		w.t.Fatalf("%s: %v %v", method, err, answer.Error)
	}
}

// transaction is what the node says of one.
type transaction struct {
	Txid string `json:"txid"`
	Vout []struct {
		Value  float64 `json:"value"`
		Script struct {
			Hex       string   `json:"hex"`
			Addresses []string `json:"addresses"`
		} `json:"scriptPubKey"`
	} `json:"vout"`
}

// chainSince gives the transactions of all blocks above a height, and those that wait.
func (w *world) chainSince(height int) []transaction {
	w.t.Helper()
	var tip int
	w.rpc(&tip, "getblockcount")
	var all []transaction
	for h := height + 1; h <= tip; h++ {
		var hash string
		w.rpc(&hash, "getblockhash", h)
		var block struct {
			Tx    []transaction `json:"tx"`
			RawTx []transaction `json:"rawtx"`
		}
		w.rpc(&block, "getblock", hash, 2)
		all = append(append(all, block.Tx...), block.RawTx...)
	}
	var waiting []string
	w.rpc(&waiting, "getrawmempool")
	for _, id := range waiting {
		var tx transaction
		w.rpc(&tx, "getrawtransaction", id, 1)
		all = append(all, tx)
	}
	return all
}

func (w *world) height() int {
	w.t.Helper()
	var tip int
	w.rpc(&tip, "getblockcount")
	return tip
}

// paid counts the payments of an amount to the payee.
func (w *world) paid(since, sat int) (n int) {
	w.t.Helper()
	for _, tx := range w.chainSince(since) {
		for _, o := range tx.Vout {
			if int(o.Value*1e8+0.5) == sat && len(o.Script.Addresses) == 1 && o.Script.Addresses[0] == w.payee {
				n++
			}
		}
	}
	return n
}

// operations counts the name operations of each opcode.
func (w *world) operations(since int) map[byte]int {
	w.t.Helper()
	n := map[byte]int{}
	for _, tx := range w.chainSince(since) {
		for _, o := range tx.Vout {
			raw, err := hex.DecodeString(o.Script.Hex)
			if err != nil || len(raw) < 5 || raw[0] != 0x6a {
				continue
			}
			data := raw[2:]
			if raw[1] == 0x4c {
				data = raw[3:]
			}
			if len(data) > 2 && string(data[:2]) == "id" {
				n[data[2]]++
			}
		}
	}
	return n
}

// mine makes blocks.
func (w *world) mine(n int) {
	w.t.Helper()
	w.must(w.node, "sandbox", "mine", fmt.Sprint(n))
}

// copyHome copies the wallet's home, without the agent.
func (w *world) copyHome(name string) string {
	w.t.Helper()
	to := filepath.Join(w.dir, name)
	_ = os.RemoveAll(to)
	if err := os.CopyFS(to, os.DirFS(w.home)); err != nil {
		w.t.Fatal(err)
	}
	for _, secret := range []string{to, filepath.Join(to, "keychain")} { // CopyFS gives files the modes of the umask
		mode := os.FileMode(0o600)
		if secret == to {
			mode = 0o700
		}
		_ = os.Chmod(secret, mode)
	}
	return to
}

// fresh makes a number that no other amount or name has.
func (w *world) fresh() int {
	w.serial++
	return w.serial
}
