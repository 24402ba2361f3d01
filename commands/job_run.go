package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/prompt"
	"blockstack/home/config"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain/node"
)

// The values of --wait.
const (
	waitNone      = "none"      // record the job; `job resume` carries it out
	waitBroadcast = "broadcast" // return when what can be sent now is sent
	waitConfirmed = "confirmed" // return when the last transaction is in a block
	waitDone      = "done"      // return when the job is done
)

// jobOptions are what every verb that writes to the chain takes.
type jobOptions struct {
	FeeRate  string
	Target   int
	MaxTotal string
	DryRun   bool
	Wait     string
	Timeout  time.Duration
	NoMine   bool
	PSBT     string // where the unsigned PSBT goes; empty: this wallet signs
}

// defaultTarget is within how many blocks a job's transactions are to be mined unless the user says otherwise.
const defaultTarget = 3

// jobFlags are the flags of jobOptions.
func jobFlags(more ...cli.Flag) []cli.Flag {
	flags := append(more,
		&cli.BoolFlag{Name: "dry-run", Usage: "show the plan and stop"},
		psbtFlag(),
		&cli.StringFlag{Name: "fee-rate", Usage: "pay miners `SAT_VB` satoshi per virtual byte"},
		&cli.IntFlag{Name: "target", Value: defaultTarget, Usage: "without --fee-rate: what the node thinks is needed to be mined within `BLOCKS`"},
		&cli.StringFlag{Name: "max-total", Usage: "refuse to spend more than `AMOUNT` BTC on the whole job"},
	)
	return append(flags, waitFlags()...)
}

// waitFlags are the flags of jobOptions that say how long a job is waited for.
func waitFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "wait", Usage: "`UNTIL` none, broadcast, confirmed or done (default: done on the sandbox, broadcast elsewhere)", DefaultText: " "},
		&cli.DurationFlag{Name: "timeout", Usage: "stop waiting after `DURATION`, such as 90m; the job goes on later", DefaultText: " "},
		noMineFlag(),
	}
}

// parseWait reads the flags of waitFlags.
func parseWait(c *cli.Context) (jobOptions, error) {
	o := jobOptions{Wait: c.String("wait"), Timeout: c.Duration("timeout"), NoMine: c.Bool("no-mine")}
	switch o.Wait {
	case "", waitNone, waitBroadcast, waitConfirmed, waitDone:
	default:
		return o, fault.Usage("--wait is %.40q, not none, broadcast, confirmed or done", o.Wait)
	}
	if o.Timeout < 0 {
		return o, fault.Usage("--timeout is negative")
	}
	return o, nil
}

// parseJobOptions reads the flags of jobFlags.
func parseJobOptions(c *cli.Context) (jobOptions, error) {
	o, err := parseWait(c)
	if err != nil {
		return o, err
	}
	o.PSBT = c.String("psbt")
	o.FeeRate, o.Target, o.MaxTotal, o.DryRun = c.String("fee-rate"), c.Int("target"), c.String("max-total"), c.Bool("dry-run")
	switch err := checkTarget(c); {
	case err != nil:
		return o, err
	case o.FeeRate != "" && c.IsSet("target"):
		return o, fault.Usage("--fee-rate and --target are two ways to say the same; give one of them")
	}
	return o, nil
}

// until is what --wait means on the chosen network.
func (o jobOptions) until(c *config.Config) string {
	switch {
	case o.Wait != "":
		return o.Wait
	case c.Network == "sandbox":
		return waitDone
	}
	return waitBroadcast
}

// fill puts rate and ceiling into a request.
func (o jobOptions) fill(ctx context.Context, env *Env, req *registrar.Request) (err error) {
	if o.MaxTotal != "" {
		if req.MaxTotal, err = txbuilder.ParseAmount(o.MaxTotal); err != nil {
			return fmt.Errorf("--max-total: %w", err)
		}
	}
	req.Rate, err = env.feeRate(ctx, o.FeeRate, o.Target)
	return err
}

// runRequest turns a request into a job, with the user's consent, and carries it out as far as --wait says. The same
// request again finds the job that is running for it.
func runRequest(ctx context.Context, env *Env, schema string, req registrar.Request, o jobOptions) error {
	if err := o.checkPSBTFile(); err != nil {
		return err
	}
	req.External = o.PSBT != ""
	est, err := env.plan(ctx, req)
	if err != nil {
		if w, werr := env.Wallet(ctx); werr == nil {
			return env.explainFunds(ctx, w, err)
		}
		return err
	}
	if est.Running != nil {
		env.Out.Note("job %s for %s is recorded already (%s)", est.Running.ID, est.Running.Request.Subject(), words(est.Running.State))
		if o.DryRun {
			return printJob(env, schema, est.Running)
		}
		if o.PSBT != "" {
			if !est.Running.Request.External {
				return fmt.Errorf("job %s: %w", est.Running.ID, registrar.ErrNotExternal)
			}
			return prepare(ctx, env, schema, est.Running.ID, o)
		}
		env.asks(est.Running, &req)
		return runJob(ctx, env, schema, est.Running.ID, o)
	}
	if err := env.needsKeys(ctx, o); err != nil {
		return err
	}
	if est.Found != nil {
		return runFound(ctx, env, schema, est.Found, req, o)
	}
	if est.Doubt != nil && !o.DryRun {
		if req.Assured, err = env.settleDoubt(ctx, est.Doubt, o); err != nil {
			return fmt.Errorf("%s: %s: %w", req.Subject(), req.Kind, err)
		}
		if est, err = env.plan(ctx, req); err != nil {
			return err
		}
		if est.Found != nil {
			return runFound(ctx, env, schema, est.Found, req, o)
		}
	}
	if err := env.caution(ctx, est); err != nil {
		return err
	}
	if o.DryRun {
		if err := printEstimate(env, schema, est); err != nil {
			return err
		}
		return doubtOutcome(ctx, est.Doubt)
	}
	if err := approve(ctx, env, est, o.FeeRate != ""); err != nil {
		return err
	}
	if err := env.confirmBurn(ctx, est); err != nil {
		return err
	}
	if !req.External {
		w, err := env.Wallet(ctx)
		if err != nil {
			return err
		}
		if err := env.Unlock(ctx, w); err != nil {
			return err
		}
	}
	var job *registrar.Job
	if err := env.withJobs(ctx, showEvents(env), func(r *registrar.Registrar) (err error) {
		job, err = r.Start(ctx, req)
		return err
	}); err != nil {
		return err
	}
	if req.External {
		return prepare(ctx, env, schema, job.ID, o)
	}
	return runJob(ctx, env, schema, job.ID, o)
}

// runJob advances a job as far as --wait says and prints it. A job that is not finished is printed too, with exit code 3.
func runJob(ctx context.Context, env *Env, schema string, id registrar.ID, o jobOptions) error {
	waiting := ctx
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	job, err := advanceUntil(waiting, env, id, o)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return fault.New("interrupted", "interrupted").Because(ctx.Err()).Retry().
			Hint("nothing is lost; go on with the same command, or: blockstack job resume %s", id)
	case waiting.Err() == nil:
		return err
	case job == nil: // the time was over before the job could be looked at with a node
		if job, err = readJob(ctx, env, id); err != nil {
			return err
		}
	}
	if err := printJob(env, schema, job); err != nil {
		return err
	}
	return jobOutcome(job)
}

var (
	// errUnfinished is behind the outcome of a job that waits.
	errUnfinished = errors.New("the job is not finished")
	// errCancelled is behind the outcome of a job that was cancelled.
	errCancelled = errors.New("the job was cancelled")
)

// jobOutcome is nil for a job that is done, and otherwise the fault that goes with its result.
func jobOutcome(job *registrar.Job) error {
	switch {
	case job.State == registrar.Done:
		return nil
	case job.State == registrar.Cancelled:
		return fault.New("declined", "job %s was cancelled", job.ID).Because(errCancelled).Keep()
	case !job.Open():
		return fault.New("job_rejected", "job %s ended %s: %s", job.ID, words(job.State), job.Reason).Keep()
	}
	f := fault.New("pending", "job %s is not finished", job.ID).Because(errUnfinished).Retry().Keep().Detail("job_id", string(job.ID))
	if job.Wait != nil {
		f.Message += ": waiting for " + job.Wait.For
		if job.Wait.Blocks > 0 {
			f.Detail("blocks", job.Wait.Blocks)
		}
		if job.Wait.Deadline > 0 {
			f.Detail("deadline_height", job.Wait.Deadline)
		}
		if job.Wait.Held {
			return f.Hint("import names: blockstack namespace import %s FILE", job.Request.Subject()).
				Hint("open it: blockstack namespace ready %s", job.Request.Subject())
		}
		if job.Wait.Signatures {
			return f.Hint("write what is to be signed: blockstack job show %s --psbt FILE", job.ID).
				Hint("hand it back when it is signed: blockstack job resume %s --psbt FILE", job.ID)
		}
	}
	return f.Hint("go on with the same command, or: blockstack job resume %s", job.ID)
}

// advanceUntil advances a job, waiting for blocks in between. On the sandbox the blocks are mined unless --no-mine.
func advanceUntil(ctx context.Context, env *Env, id registrar.ID, o jobOptions) (*registrar.Job, error) {
	n, err := env.Node(ctx)
	if err != nil {
		return nil, err
	}
	until := o.until(env.Config)
	if until == waitNone {
		return readJob(ctx, env, id)
	}
	var last *registrar.Job
	for {
		_, tip, err := n.Tip(ctx)
		if err != nil {
			return last, err
		}
		job, err := advanceOnce(ctx, env, id)
		if job != nil {
			last = job
		}
		if err != nil {
			return last, err
		}
		if w := job.Wait; w != nil && (w.Held || w.Signatures && w.Txid == nil) { // blocks do not help
			return job, nil
		}
		if !job.Open() || until == waitBroadcast || until == waitConfirmed && job.Mined() {
			return job, nil
		}
		if job.Wait != nil && job.Wait.For != "" {
			env.Out.Detail("waiting for %s", job.Wait.For)
		}
		if err := env.nextBlock(ctx, n, tip, o.NoMine); err != nil {
			return last, err
		}
	}
}

// advanceOnce takes a job as far as it goes now. The password is only asked for when something new must be signed.
func advanceOnce(ctx context.Context, env *Env, id registrar.ID) (job *registrar.Job, err error) {
	step := func() error {
		return env.withJobs(ctx, showEvents(env), func(r *registrar.Registrar) (err error) {
			job, err = r.Advance(ctx, id)
			return err
		})
	}
	agreeing := func(err error) error {
		var no *registrar.NotAgreed
		if errors.As(err, &no) {
			return env.agreeToJob(ctx, no, step)
		}
		return err
	}
	key := agreeing(step())
	if !errors.Is(key, registrar.ErrNeedsKey) {
		return job, key
	}
	w, err := env.Wallet(ctx)
	if err != nil {
		return job, err
	}
	if err := env.Unlock(ctx, w); err != nil {
		if errors.Is(err, prompt.ErrNobody) {
			return job, key // nobody can be asked, and how many blocks are left matters more
		}
		return job, err
	}
	return job, agreeing(step())
}

// nextBlock waits until the chain has moved on from a tip.
func (e *Env) nextBlock(ctx context.Context, n *node.Node, tip [32]byte, noMine bool) error {
	mined, err := e.mineOne(ctx, noMine)
	if err != nil || mined {
		return err
	}
	_, _, err = n.WaitBlock(ctx, tip)
	return err
}

// mineOne mines a block on the sandbox, unless that is not wanted.
func (e *Env) mineOne(ctx context.Context, noMine bool) (mined bool, err error) {
	if noMine {
		return false, nil
	}
	return e.MineOne(ctx)
}

// readJob reads a job from the journal, without a node.
func readJob(ctx context.Context, env *Env, id registrar.ID) (*registrar.Job, error) {
	j, err := env.Journal(ctx)
	if err != nil {
		return nil, err
	}
	job, err := j.Job(ctx, id)
	return job, errors.Join(err, j.Close())
}

// showEvents tells what a job does while it does it.
func showEvents(env *Env) func(registrar.Event) {
	return func(ev registrar.Event) {
		switch ev.What {
		case registrar.EventSigned:
			env.Out.Detail("signed and recorded: %s %s", ev.Text, ev.Txid)
		case registrar.EventDrafted:
			env.Out.Detail("waits for signatures: %s %s", ev.Text, ev.Txid)
		case registrar.EventBroadcast:
			env.Out.Note("sent: %s %s", ev.Text, ev.Txid)
		case registrar.EventState:
			env.Out.Note("now: %s", words(ev.State))
		case registrar.EventPublished:
			env.Out.Note("published: %s", ev.Text)
		}
	}
}
