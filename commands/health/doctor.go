package health

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/config"
)

// The verdicts of a check. A skipped one could not be made and says why; it is no fault.
const (
	checkOK      = "ok"
	checkWarn    = "warn"
	checkFail    = "fail"
	checkSkipped = "skipped"
)

// finding is what one check found.
type finding struct {
	Check   string   `json:"check"`
	Status  string   `json:"status"`
	Message string   `json:"message"`
	Hints   []string `json:"hints"`
	Code    string   `json:"code,omitempty"` // of a fail: an error code
}

// doctor makes the checks.
type doctor struct {
	env   *session.Session
	now   time.Time
	found []finding
}

// add notes what a check found.
func (d *doctor) add(check, status, format string, args ...any) *finding {
	d.found = append(d.found, finding{Check: check, Status: status, Message: fmt.Sprintf(format, args...), Hints: []string{}})
	return &d.found[len(d.found)-1]
}

// hint adds something to do.
func (f *finding) hint(format string, args ...any) *finding {
	f.Hints = append(f.Hints, fmt.Sprintf(format, args...))
	return f
}

// fail notes an error as the table of errors explains it.
func (d *doctor) fail(ctx context.Context, check string, err error) {
	f := faults.Of(ctx, err)
	found := d.add(check, checkFail, "%s", f.Message)
	found.Hints, found.Code = append(found.Hints, f.Hints...), f.Code
}

// DoctorCommand is `doctor`.
func DoctorCommand() *cli.Command {
	return &cli.Command{
		Name:     "doctor",
		Usage:    "look for what is wrong or soon will be: clock, node, index, files, backup, names that run out",
		Category: line.Program,
		Description: "It changes nothing and asks for no password. Each line is ok, warn or fail, or skipped where something else is missing,\n" +
			"with what to do about it. Warnings exit with 0; failures with the code they share, or 1.\n\n" +
			line.Examples("blockstack doctor", "blockstack doctor --offline --json"),
		Action: line.PlainVerb(func(c *cli.Context) (doctorOptions, error) {
			cfg, err := line.Config(c, true)
			return doctorOptions{cfg, err}, nil
		}, runDoctor),
	}
}

// doctorOptions are the configuration, or why it cannot be read.
type doctorOptions struct {
	cfg *config.Config
	err error
}

// runDoctor makes every check and judges.
func runDoctor(ctx context.Context, env *session.Session, o doctorOptions) error {
	d := &doctor{env: env, now: time.Now()}
	if o.err != nil {
		d.fail(ctx, "config", o.err)
	} else {
		env.Use(o.cfg)
		d.add("config", checkOK, "%s on %s", o.cfg.Home, o.cfg.Network)
	}
	env.Config.PasswordFD = -1 // nothing is unlocked
	d.checkFiles()
	d.checkDisk()
	d.checkCoreDumps()
	d.checkWallet(ctx)
	d.checkAgent(ctx)
	d.checkBackup()
	d.checkJobs(ctx)
	d.checkNode(ctx)
	d.checkNames(ctx)
	d.checkNodeItself(ctx)
	d.checkProfiles(ctx)
	d.checkLastDays(ctx)
	d.checkPreorders(ctx)
	d.checkScripts(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	rows := make([][]string, 0, len(d.found))
	for _, f := range d.found {
		rows = append(rows, []string{f.Status, f.Check, f.Message})
	}
	doc := map[string]any{"checks": d.found, "network": env.Config.Network, "home": env.Config.Home}
	err := env.Out.Result("doctor", doc, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "verdict"}, {Title: "check"}, {Title: "found"}}, rows)
	})
	if err != nil {
		return err
	}
	return d.verdict()
}

// verdict is nil unless a check failed. The hints of what is wrong go with it; in JSON they stand
// with the checks, too.
func (d *doctor) verdict() error {
	code, failed := "", []string{}
	for _, f := range d.found {
		if f.Status == checkWarn && !d.env.Out.JSON() {
			for _, h := range f.Hints {
				d.env.Out.Note("%s: %s", f.Check, h)
			}
		}
		if f.Status != checkFail {
			continue
		}
		if len(failed) > 0 && fault.ExitOf(f.Code) != fault.ExitOf(code) {
			code = "internal"
		} else {
			code = f.Code
		}
		failed = append(failed, f.Check)
	}
	if len(failed) == 0 {
		return nil
	}
	if code == "internal" || code == "" {
		code = "not_healthy"
	}
	unwell := fault.New(code, "not well: %s", strings.Join(failed, ", ")).Keep().Detail("checks", failed)
	for _, f := range d.found {
		if f.Status == checkFail {
			for _, h := range f.Hints {
				unwell.Hint("%s: %s", f.Check, h)
			}
		}
	}
	return unwell
}
