package profiles

import (
	"context"
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/snv"
	"blockstack/profile"
	"blockstack/profile/bundle"
	"blockstack/profile/lookup"
	"blockstack/storage/textfile"
)

// profileBundleCommand is `profile bundle`.
func profileBundleCommand() *cli.Command {
	return &cli.Command{
		Name:      "bundle",
		Usage:     "write one file with which a name's profile is verified offline",
		ArgsUsage: "NAME",
		Description: "The file holds the signed profile, the zone file, and the proof that NAME has its owner at a block height: every name\n" +
			"operation of the blocks since the last one on NAME, so that no later one can have been left out. Whoever trusts the\n" +
			"consensus hash of that height needs nothing else to verify it.\n\n" + line.Examples(
			"blockstack profile bundle alice.id -o alice.proof",
			"blockstack profile bundle alice.id -o alice.proof --profile profile.json --height 599000"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write to the new file `FILE`"},
			&cli.StringFlag{Name: "profile", Usage: "the signed profile is in `FILE`, or at that URL, instead of where the zone file says"},
			&cli.StringFlag{Name: "height", Usage: "prove the state after the block at `HEIGHT`; by default the last one with enough confirmations"},
			&cli.BoolFlag{Name: "last-only", Usage: "of the operations on NAME, put only the last one's transaction in: smaller where the others are old"},
		},
		Action: verb(parseProfileBundle, runProfileBundle),
	}
}

// profileBundleOptions say what is proven.
type profileBundleOptions struct {
	Name         names.Name
	Out, Profile string
	Height       int32 // 0: not said
	LastOnly     bool
}

func parseProfileBundle(c *cli.Context) (profileBundleOptions, error) {
	o := profileBundleOptions{Out: c.String("out"), Profile: c.String("profile"), LastOnly: c.Bool("last-only")}
	var err error
	if o.Name, err = line.NameArgument(c); err != nil {
		return o, err
	}
	if o.Out == "" {
		return o, fault.Usage("say where the bundle goes").Hint("blockstack profile bundle %s -o %s.proof", o.Name, o.Name.Label())
	}
	if s := c.String("height"); s != "" {
		h, err := strconv.ParseInt(s, 10, 32)
		if err != nil || h <= 0 {
			return o, fault.Usage("--height is %.40q, not a block height", s)
		}
		o.Height = int32(h)
	}
	return o, nil
}

// profileBundleView is what programs see of a new bundle.
type profileBundleView struct {
	File          string `json:"file"`
	Bytes         int    `json:"bytes"`
	Name          string `json:"name"`
	OwnerAddress  string `json:"owner_address"`
	Height        int32  `json:"height"`
	ConsensusHash string `json:"consensus_hash"`
	BlockHash     string `json:"block_hash"`
	Trust         string `json:"trust"` // what --trust of profile verify takes
	*profile.Proof
	Valid bool `json:"valid"`
}

// runProfileBundle makes a bundle, verifies it as its receiver will, and writes it.
func runProfileBundle(ctx context.Context, env *Env, o profileBundleOptions) error {
	l, err := env.Lookup(ctx)
	if err != nil {
		return err
	}
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	if o.Height, err = bundleHeight(ctx, env, x, o); err != nil {
		return err
	}
	rec, err := x.RecordAt(ctx, o.Name, o.Height)
	if err != nil {
		return err
	}
	res, err := l.ResolveRecord(ctx, rec)
	if err != nil {
		return err
	}
	token, err := bundleToken(ctx, env, l, res, o)
	if err != nil {
		return err
	}
	blocks, err := env.Blocks(ctx)
	if err != nil {
		return err
	}
	source, ok := blocks.(snv.Chain)
	if !ok {
		return fault.New("unreachable", "this source of blocks shows no headers").Hint("use a full node: --backend btcd or --backend bitcoind")
	}
	progress, done := blockProgress(env.Out)
	made, err := bundle.Make(ctx, x, source, bundle.Parts{Name: o.Name, Token: token, ZoneFile: res.Text, Seen: env.SeenProfiles()},
		snv.Options{Height: o.Height, LastOnly: o.LastOnly, Progress: progress})
	done()
	if err != nil {
		return err
	}
	raw, s, anchor, report := made.Raw, made.Statement, made.Anchor, made.Report
	if !report.Valid { // nothing is written that nobody will take
		return verdict(report)
	}
	if err := textfile.New(o.Out, raw, 0o644); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	view := profileBundleView{
		File: o.Out, Bytes: len(raw), Name: o.Name.String(), OwnerAddress: report.OwnerAddress, Height: s.Height,
		ConsensusHash: s.Consensus.String(), BlockHash: s.Block.String(), Trust: anchor.String(), Proof: report.Proof, Valid: true,
	}
	return env.Out.Result("profile.bundle", view, func(t *voice.Text) {
		t.Field("file", "%s, %d bytes", o.Out, len(raw))
		t.Field("name", "%s", o.Name)
		t.Field("owner", "%s", report.OwnerAddress)
		t.Field("at block", "%d, %s", s.Height, s.Block)
		t.Field("consensus hash", "%s", s.Consensus)
		t.Field("looked at", "%d operations in %d blocks", s.Ops, s.Blocks)
		t.Field("verify", "blockstack profile verify %s --trust %s", o.Out, anchor)
	})
}

// blockProgress shows how many blocks of a long work are done; done ends it.
func blockProgress(out *voice.Printer) (progress func(done, total int, what string), done func()) {
	var shown *voice.Progress
	of := ""
	progress = func(done, total int, what string) {
		if total < home.FewBlocks {
			return
		}
		if shown == nil || what != of {
			if shown != nil {
				shown.Done()
			}
			shown, of = out.Progress(what, "blocks"), what
		}
		shown.Update(int64(done), int64(total))
	}
	return progress, func() {
		if shown != nil {
			shown.Done()
		}
	}
}

// bundleHeight chooses the height.
func bundleHeight(ctx context.Context, e *Env, x *index.Index, o profileBundleOptions) (int32, error) {
	tip, err := x.Tip(ctx)
	if err != nil {
		return 0, err
	}
	if tip.Empty {
		return 0, fault.New("not_found", "the index has read no block yet")
	}
	h := bundle.Heights{First: x.Params().FirstBlock, Tip: tip.Height, ExactUntil: tip.ExactUntil, Confirmations: e.Config.DoneConfirmations()}
	if o.Height == 0 {
		rec, err := x.Record(ctx, o.Name)
		if err != nil {
			return 0, err
		}
		status, found, err := x.OpStatus(ctx, rec.LastTx)
		if err != nil {
			return 0, err
		}
		if found {
			h.LastOp = status.Height
		}
	}
	height, young, err := h.Choose(o.Height)
	if young > 0 {
		e.Out.Warn("the last operation on %s has %d confirmations: a reorg would make this bundle worthless", o.Name, young)
	}
	return height, err
}

// bundleToken reads the token: from where the user says, else from where the zone file says.
func bundleToken(ctx context.Context, e *Env, l *lookup.Lookup, a *lookup.Answer, o profileBundleOptions) (*profile.Token, error) {
	if o.Profile == "" {
		if err := l.Read(ctx, a, lookup.Options{}); err != nil {
			return nil, err
		}
		e.TellAnswer(a)
		if a.Why != nil {
			return nil, a.Why
		}
		return a.Report.Token(), verdict(a.Report)
	}
	raw, err := e.readProfile(ctx, o.Profile)
	if err != nil {
		return nil, err
	}
	file, err := profile.ParseTokenFile(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Profile, err)
	}
	if file.Extra > 0 {
		e.Out.Warn("%s has more than one record; the first is the one that counts", o.Profile)
	}
	return file.Token, nil
}
