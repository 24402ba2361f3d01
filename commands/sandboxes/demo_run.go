package sandboxes

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/names/nameop"
	"blockstack/storage/textfile"
	"blockstack/wallet/sandbox"
)

// run types a command in the demo's folder and reads its JSON into result, which may be nil.
func (d *demo) run(ctx context.Context, result any, words ...string) error {
	words = append(words, "--json")
	if err := d.typed(append([]string{"blockstack"}, words...)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, d.program, words...)
	cmd.Dir = d.dir
	cmd.Env = demoEnvironment(os.Environ(), d.dir)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return demoFailure(words, err, complaints.Bytes())
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(out.Bytes(), result); err != nil {
		return fmt.Errorf("%s: its answer: %w", strings.Join(words, " "), err)
	}
	return nil
}

// demoEnvironment is the environment without the user's own choices for this program and with a
// home of its own.
func demoEnvironment(environ []string, home string) []string {
	var kept []string
	for _, kv := range environ {
		if !strings.HasPrefix(kv, "BLOCKSTACK_") && !strings.HasPrefix(kv, "HOME=") && !strings.HasPrefix(kv, "XDG_") {
			kept = append(kept, kv)
		}
	}
	return append(kept, "HOME="+home)
}

// demoFailure is the error of a command as the demo's own: its word, its message and its hints.
func demoFailure(words []string, err error, complaints []byte) error {
	lines := bytes.Split(bytes.TrimSpace(complaints), []byte("\n"))
	last := lines[len(lines)-1]
	var said struct {
		Error struct {
			Code    string   `json:"code"`
			Message string   `json:"message"`
			Hints   []string `json:"hints"`
		} `json:"error"`
	}
	if e := json.Unmarshal(last, &said); e != nil || said.Error.Code == "" {
		return fmt.Errorf("%s: %w: %s", strings.Join(words, " "), err, last)
	}
	f := fault.New(said.Error.Code, "%s: %s", strings.Join(words, " "), said.Error.Message).Because(err)
	f.Hints = said.Error.Hints
	return f
}

// as are the words of a command of a person, whose home has the person's name.
func (d *demo) as(person string, words ...string) []string {
	return append(words, "--home", person, "--sandbox", "node")
}

// signing is as for a command that needs the person's keys.
func (d *demo) signing(person string, words ...string) []string {
	return append(d.as(person, words...), "--password-file", person+".password", "--yes")
}

// write puts a file into the demo's folder, for its owner alone.
func (d *demo) write(name, text string) error {
	return textfile.New(filepath.Join(d.dir, name), []byte(text), 0o600)
}

// password makes a password for a person.
func (d *demo) password(person string) error { return d.write(person+".password", rand.Text()+"\n") }

// connect opens a connection of the demo's own to the node, so that what commands say can be
// compared with what it has.
func (d *demo) connect(ctx context.Context) (err error) {
	d.sandbox, err = sandbox.Open(ctx, d.nodeDir())
	return err
}

// operation is a mined transaction for a name operation, whose opcode it must carry.
func (d *demo) operation(ctx context.Context, txid string, want nameop.Opcode) (*sandbox.Mined, error) {
	m, err := sandbox.FindMined(ctx, d.sandbox, txid)
	if err != nil {
		return nil, err
	}
	payload, found := nameop.FindPayload(m.Tx, [2]byte{'i', 'd'})
	if !found || len(payload) < 3 || payload[2] != byte(want) {
		return nil, fmt.Errorf("%s carries no %s", txid, want)
	}
	return m, d.fact("block %d: %s %s, fee %s", m.Height, want, txid, voice.BTC(m.Fee))
}
