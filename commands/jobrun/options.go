package jobrun

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/home/config"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// The values of --wait.
const (
	WaitNone      = "none"      // record the job; `job resume` carries it out
	WaitBroadcast = "broadcast" // return when what can be sent now is sent
	WaitConfirmed = "confirmed" // return when the last transaction is in a block
	WaitDone      = "done"      // return when the job is done
)

// Options are what every verb that writes to the chain takes.
type Options struct {
	FeeRate  string
	Target   int
	MaxTotal string
	DryRun   bool
	Wait     string
	Timeout  time.Duration
	NoMine   bool
	PSBT     string // where the unsigned PSBT goes; empty: this wallet signs
}

// defaultTarget is within how many blocks a job's transactions are to be mined unless the user says
// otherwise.
const defaultTarget = 3

// Flags are the flags of Options.
func Flags(more ...cli.Flag) []cli.Flag {
	flags := append(more,
		&cli.BoolFlag{Name: "dry-run", Usage: "show the plan and stop"},
		psbtFlag(),
		&cli.StringFlag{Name: "fee-rate", Usage: "pay miners `SAT_VB` satoshi per virtual byte"},
		&cli.IntFlag{Name: "target", Value: defaultTarget, Usage: "without --fee-rate: what the node thinks is needed to be mined within `BLOCKS`"},
		&cli.StringFlag{Name: "max-total", Usage: "refuse to spend more than `AMOUNT` BTC on the whole job"},
	)
	return append(flags, WaitFlags()...)
}

// WaitFlags are the flags of Options that say how long a job is waited for.
func WaitFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "wait", Usage: "`UNTIL` none, broadcast, confirmed or done (default: done on the sandbox, broadcast elsewhere)", DefaultText: " "},
		&cli.DurationFlag{Name: "timeout", Usage: "stop waiting after `DURATION`, such as 90m; the job goes on later", DefaultText: " "},
		line.NoMineFlag(),
	}
}

// ParseWait reads the flags of WaitFlags.
func ParseWait(c *cli.Context) (Options, error) {
	o := Options{Wait: c.String("wait"), Timeout: c.Duration("timeout"), NoMine: c.Bool("no-mine")}
	switch o.Wait {
	case "", WaitNone, WaitBroadcast, WaitConfirmed, WaitDone:
	default:
		return o, fault.Usage("--wait is %.40q, not none, broadcast, confirmed or done", o.Wait)
	}
	if o.Timeout < 0 {
		return o, fault.Usage("--timeout is negative")
	}
	return o, nil
}

// ParseOptions reads the flags of Flags.
func ParseOptions(c *cli.Context) (Options, error) {
	o, err := ParseWait(c)
	if err != nil {
		return o, err
	}
	o.PSBT = c.String("psbt")
	o.FeeRate, o.Target, o.MaxTotal, o.DryRun = c.String("fee-rate"), c.Int("target"), c.String("max-total"), c.Bool("dry-run")
	switch err := line.CheckTarget(c); {
	case err != nil:
		return o, err
	case o.FeeRate != "" && c.IsSet("target"):
		return o, fault.Usage("--fee-rate and --target are two ways to say the same; give one of them")
	}
	return o, nil
}

// Until is what --wait means on the chosen network.
func (o Options) Until(c *config.Config) string {
	switch {
	case o.Wait != "":
		return o.Wait
	case c.Network == "sandbox":
		return WaitDone
	}
	return WaitBroadcast
}

// Fill puts rate and ceiling into a request.
func (o Options) Fill(ctx context.Context, env *session.Session, req *registrar.Request) (err error) {
	if o.MaxTotal != "" {
		if req.MaxTotal, err = txbuilder.ParseAmount(o.MaxTotal); err != nil {
			return fmt.Errorf("--max-total: %w", err)
		}
	}
	req.Rate, err = session.ChosenRate(ctx, env, o.FeeRate, o.Target)
	return err
}

// Words is a job's state as people read it.
func Words(s registrar.State) string { return strings.ReplaceAll(s.String(), "_", " ") }

// psbtFlag is --psbt of the verbs that write to the chain.
func psbtFlag() cli.Flag {
	return &cli.StringFlag{Name: "psbt", Usage: "do not sign: write the PSBT to `FILE` for a machine or people with the keys (- for standard output, base64); " +
		"job resume --psbt takes it back"}
}

// CheckPSBTFile makes sure, before a job begins, that its PSBT can be written: files that are there
// are not overwritten.
func (o Options) CheckPSBTFile() error {
	if o.PSBT == "" || o.PSBT == "-" {
		return nil
	}
	if _, err := os.Lstat(o.PSBT); err == nil {
		return fault.Usage("--psbt: %s is there already", o.PSBT).Hint("name a file that is not there, or - for standard output")
	}
	if info, err := os.Stat(filepath.Dir(o.PSBT)); err != nil || !info.IsDir() {
		return fault.Usage("--psbt: there is no folder %s", filepath.Dir(o.PSBT))
	}
	return nil
}
