package sandboxes

import (
	"bytes"
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/wallet/sandbox"
)

// SandboxCommand is the noun `sandbox`.
func SandboxCommand() *cli.Command {
	return line.Noun("sandbox", "a real Bitcoin full node on this machine, with a chain of its own", line.Chain,
		sandboxStartCommand(),
		sandboxStopCommand(),
		sandboxStatusCommand(),
		sandboxMineCommand(),
		sandboxFundCommand(),
		sandboxReorgCommand(),
		sandboxDemoCommand(),
	)
}

// sandboxOnly refuses a sandbox verb on another network, so that a script with the wrong --network
// does not go on.
func sandboxOnly(env *session.Session) error {
	if env.Config.Network != "sandbox" && env.Config.Origin("network") == "flag or environment" {
		return fault.Usage("the sandbox verbs work on --network sandbox, not on %s", env.Config.Network).
			Hint("leave out --network, or use --network sandbox")
	}
	env.Config.Network = "sandbox"
	return nil
}

// sandboxStartCommand is `sandbox start`.
func sandboxStartCommand() *cli.Command {
	return &cli.Command{
		Name:  "start",
		Usage: "start the node; the first time with a new chain, later with the chain it had",
		Description: "A home without another network chosen is set to the sandbox, so that --network can be left out afterwards.\n" +
			"With --registry FILE the sandbox has other name rules; its faucet is granted STACKS all the same.\n\n" + line.Examples(
			"blockstack sandbox start",
			"blockstack sandbox start --registry short-lifetimes.json"),
		Action: line.Verb(line.NoOptions, runSandboxStart),
	}
}

// runSandboxStart starts the node, keeps the name rules beside it and makes the home use it.
func runSandboxStart(ctx context.Context, env *session.Session, _ line.None) error {
	if err := sandboxOnly(env); err != nil {
		return err
	}
	if env.Config.Sandbox != "" {
		return fault.Usage("sandbox start starts the sandbox of this home; --sandbox names one that runs already")
	}
	var rules *names.Params
	if env.Config.Registry != "" {
		var err error
		if rules, err = home.ReadRegistry(env.Config.Registry); err != nil {
			return err
		}
		if err := home.CheckRules(env.Config, rules); err != nil {
			return err
		}
	}
	var shown *voice.Progress
	s, err := sandbox.Start(ctx, sandbox.Options{Dir: env.Config.SandboxDir(), Progress: func(p sandbox.Progress) {
		if shown == nil || shown.Phase() != sandboxStep(p.Step) {
			if shown != nil {
				shown.Done()
			}
			shown = env.Out.Progress(sandboxStep(p.Step), sandboxUnit(p.Step))
		}
		shown.Update(int64(p.Done), int64(p.Total))
	}})
	if shown != nil {
		shown.Done()
	}
	if err != nil {
		return err
	}
	defer s.Close()
	if err := keepRegistry(s, rules); err != nil {
		return errors.Join(err, sandbox.Stop(ctx, s.Dir()))
	}
	report := s.Report()
	switch report.Found {
	case sandbox.Crashed, sandbox.HalfStarted:
		env.Out.Warn("found and repaired: %s", report.Why)
	}
	if report.Missing > 0 {
		env.Out.Warn("%s are gone from the end of the chain: its file was cut while the sandbox was stopped", voice.Count(report.Missing, "block"))
	}
	if report.SetAside != "" {
		env.Out.Warn("the unconfirmed transactions could not be read and are set aside: %s", report.SetAside)
	}
	for _, lost := range report.Lost {
		env.Out.Warn("unconfirmed transaction %s is not accepted any more: %v", lost.Txid, lost.Why)
	}
	if err := chooseSandbox(env); err != nil {
		return err
	}
	st, err := s.Status(ctx)
	if err != nil {
		return err
	}
	return printSandboxStatus(env, "sandbox.start", st)
}

// keepRegistry stores the name rules of the sandbox: the given ones, else those it has, else the
// standard ones.
func keepRegistry(s *sandbox.Sandbox, rules *names.Params) error {
	_, found := s.RegistryPath()
	if found && rules == nil {
		return nil
	}
	faucet, err := s.Faucet()
	if err != nil {
		return err
	}
	if rules == nil {
		rules = names.Sandbox("", nil)
	}
	var b bytes.Buffer
	if err := names.WriteRegistry(&b, home.WithFaucet(rules, faucet.Address())); err != nil {
		return err
	}
	_, err = s.WriteRegistry(b.Bytes())
	return err
}

// chooseSandbox makes the sandbox the network of a home that has not chosen one.
func chooseSandbox(env *session.Session) error {
	file, err := config.Read(env.Config.File)
	if err != nil || file.Network != nil {
		return err
	}
	network := "sandbox"
	file.Network = &network
	if err := config.Write(env.Config.File, file); err != nil {
		return err
	}
	env.Out.Note("this home now uses the sandbox; to use it with real bitcoin: blockstack config set network mainnet")
	return nil
}

// sandboxStep is a step of a start in words.
func sandboxStep(s sandbox.Step) string {
	switch s {
	case sandbox.StepWait:
		return "waiting for another command"
	case sandbox.StepRepair:
		return "repairing"
	case sandbox.StepNode:
		return "starting the node"
	case sandbox.StepReplay:
		return "replaying the chain"
	case sandbox.StepResend:
		return "sending unconfirmed transactions again"
	case sandbox.StepMine:
		return "mining"
	}
	return string(s)
}

// sandboxUnit is what a step counts.
func sandboxUnit(s sandbox.Step) string {
	if s == sandbox.StepResend {
		return "transactions"
	}
	return "blocks"
}

// sandboxStopCommand is `sandbox stop`.
func sandboxStopCommand() *cli.Command {
	return &cli.Command{
		Name:        "stop",
		Usage:       "save the chain and end the node",
		Description: line.Examples("blockstack sandbox stop"),
		Action:      line.Verb(line.NoOptions, runSandboxStop),
	}
}

// runSandboxStop ends the node.
func runSandboxStop(ctx context.Context, env *session.Session, _ line.None) error {
	if err := sandboxOnly(env); err != nil {
		return err
	}
	dir := env.Config.SandboxDir()
	if err := sandbox.Stop(ctx, dir); err != nil {
		return err
	}
	st, err := sandbox.Inspect(ctx, dir)
	if err != nil {
		return err
	}
	return printSandboxStatus(env, "sandbox.stop", st)
}

// sandboxStatusCommand is `sandbox status`.
func sandboxStatusCommand() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "say whether the node runs, and show its chain",
		Description: "It succeeds when the node does not run, too: look at the state.\n\n" + line.Examples("blockstack sandbox status"),
		Action:      line.Verb(line.NoOptions, runSandboxStatus),
	}
}

// runSandboxStatus looks at the sandbox without changing anything.
func runSandboxStatus(ctx context.Context, env *session.Session, _ line.None) error {
	if err := sandboxOnly(env); err != nil {
		return err
	}
	st, err := sandbox.Inspect(ctx, env.Config.SandboxDir())
	if err != nil {
		return err
	}
	return printSandboxStatus(env, "sandbox.status", st)
}

// sandboxView is what programs see of a sandbox.
type sandboxView struct {
	State            string `json:"state"`
	Why              string `json:"explanation"`
	Answers          bool   `json:"answers"`
	Dir              string `json:"dir"`
	PID              *int   `json:"pid"`
	Node             string `json:"node_version,omitempty"`
	RPC              string `json:"rpc,omitempty"`
	P2P              string `json:"p2p,omitempty"`
	Height           *int32 `json:"height"`
	Tip              string `json:"block_hash,omitempty"`
	TipTime          string `json:"block_time,omitempty"`
	Mempool          *int   `json:"mempool_txs"`
	FaucetAddress    string `json:"faucet_address,omitempty"`
	FaucetBalanceSat int64  `json:"faucet_balance_sat"`
	Registry         string `json:"registry,omitempty"`
}

// printSandboxStatus prints the state of a sandbox.
func printSandboxStatus(env *session.Session, schema string, st sandbox.Status) error {
	v := sandboxView{
		State: string(st.State), Why: st.Why, Answers: st.Answers, Dir: st.Dir, Node: st.Version, RPC: st.RPC, P2P: st.P2P,
		FaucetAddress: st.FaucetAddress, FaucetBalanceSat: int64(st.FaucetBalance), Registry: st.Registry,
	}
	if st.PID != 0 {
		v.PID = &st.PID
	}
	if st.Height >= 0 {
		v.Height, v.Tip = &st.Height, st.Tip.String()
	}
	if !st.TipTime.IsZero() {
		v.TipTime = voice.Time(st.TipTime)
	}
	if st.Mempool >= 0 {
		v.Mempool = &st.Mempool
	}
	return env.Out.Result(schema, v, func(t *voice.Text) {
		t.Field("state", "%s", v.State)
		if st.State != sandbox.Running {
			t.Field("explanation", "%s", v.Why)
		} else if !v.Answers {
			t.Field("explanation", "the node runs and does not answer")
		}
		if v.Height != nil {
			t.Field("height", "%d", *v.Height)
			t.Field("tip", "%s", v.Tip)
		}
		if v.Mempool != nil {
			t.Field("unconfirmed", "%s", voice.Count(*v.Mempool, "transaction"))
		}
		t.Field("rpc", "%s", v.RPC)
		t.Field("p2p", "%s", v.P2P)
		t.Field("faucet", "%s", v.FaucetAddress)
		t.Field("faucet balance", "%s", voice.BTC(st.FaucetBalance))
		t.Field("folder", "%s", v.Dir)
	})
}
