package sandboxes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet/sandbox"
)

// sandboxDemoCommand is `sandbox demo`.
func sandboxDemoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "show the whole story on a sandbox of its own: from nothing to a name that is paid",
		Description: "It starts a real node in a temporary folder, makes wallets for two people, launches a namespace, registers alice.id,\n" +
			"publishes a signed profile, looks the name up as the other person and pays it. Every step is a command of this\n" +
			"program, shown as typed, and what it says is checked against the node. It leaves nothing running.\n\n" +
			line.Examples("blockstack sandbox demo"),
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "keep", Usage: "leave the temporary folder behind"}},
		Action: line.Verb(func(c *cli.Context) (bool, error) { return c.Bool("keep"), nil }, runSandboxDemo),
	}
}

// demoSpec is the namespace that the demo launches.
const demoSpec = `schema = "blockstack/namespace/v1"
namespace = "id"
description = "names of people"
version = 1
lifetime_blocks = 52595
coefficient = 250
base = 4
buckets = [6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
no_vowel_discount = 10
non_alpha_discount = 10
`

// demo is a run of the story in a folder of its own. The folder holds the homes node, alice and
// bob.
type demo struct {
	env     *session.Session
	program string // this program
	dir     string
	step    int
	www     string // URL of the folder www
	sandbox *sandbox.Sandbox
	started time.Time
}

// runSandboxDemo tells the story, and cleans up whatever happens.
func runSandboxDemo(ctx context.Context, env *session.Session, keep bool) (err error) {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	dir, err := os.MkdirTemp("", "blockstack-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	d := &demo{env: env, program: program, dir: dir, started: time.Now()}
	defer func() { err = errors.Join(err, d.cleanUp(context.WithoutCancel(ctx), keep)) }()
	closeServer, err := d.serve()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer closeServer()
	err = d.story(ctx)
	var f *fault.Fault
	switch {
	case errors.As(err, &f):
		f.Message = fmt.Sprintf("demo: step %d: %s", d.step, f.Message)
		return f
	case err != nil:
		return fmt.Errorf("demo: step %d: %w", d.step, err)
	}
	return nil
}

// serve lets the folder www be read on this machine, as a person's web server would.
func (d *demo) serve() (stop func(), err error) {
	for _, name := range []string{"www", "zonefiles"} {
		if err := os.Mkdir(filepath.Join(d.dir, name), 0o755); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d.www = "http://" + l.Addr().String()
	s := &http.Server{Handler: http.FileServer(http.Dir(filepath.Join(d.dir, "www"))), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // ends with http.ErrServerClosed when it is closed
	}()
	return func() { _ = s.Close(); <-done }, nil
}

// nodeDir is the folder of the demo's node.
func (d *demo) nodeDir() string { return filepath.Join(d.dir, "node", "sandbox", "node") }

// cleanUp ends the node if the story did not come that far, and removes the folder.
func (d *demo) cleanUp(ctx context.Context, keep bool) error {
	if d.sandbox != nil {
		d.sandbox.Close()
	}
	var errs []error
	var gone *sandbox.NotRunning
	if err := sandbox.Stop(ctx, d.nodeDir()); err != nil && !errors.As(err, &gone) {
		errs = append(errs, fmt.Errorf("demo: %w", err))
	}
	if keep {
		d.env.Out.Note("the demo's folder stays: %s", d.dir)
	} else if err := os.RemoveAll(d.dir); err != nil {
		errs = append(errs, fmt.Errorf("demo: %w", err))
	}
	return errors.Join(errs...)
}

// demoStep is what programs see of a step.
type demoStep struct {
	Step    int      `json:"step"`
	Title   string   `json:"title"`
	Command []string `json:"command,omitempty"`
	Facts   []string `json:"facts"`
}

// title prints a step's title.
func (d *demo) title(title string) error {
	d.step++
	return d.env.Out.Stream("sandbox.demo", demoStep{Step: d.step, Title: title, Facts: []string{}}, func(t *voice.Text) {
		t.Line("")
		t.Line("%d. %s", d.step, title)
	})
}

// fact prints something that was found out, and checked.
func (d *demo) fact(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return d.env.Out.Stream("sandbox.demo", demoStep{Step: d.step, Facts: []string{text}}, func(t *voice.Text) { t.Line("     %s", text) })
}

// typed prints a command line as it is typed in the demo's folder.
func (d *demo) typed(words []string) error {
	shown := make([]string, len(words))
	for i, w := range words {
		shown[i] = w
		if strings.ContainsAny(w, " '\"$&|<>*?()\\") || w == "" {
			shown[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return d.env.Out.Stream("sandbox.demo", demoStep{Step: d.step, Command: words, Facts: []string{}}, func(t *voice.Text) {
		t.Line("   $ %s", strings.Join(shown, " "))
	})
}
