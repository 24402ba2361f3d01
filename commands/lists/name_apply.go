package lists

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/owned"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/lists"
)

// ApplyCommand is `name apply`.
func ApplyCommand() *cli.Command {
	return &cli.Command{
		Name:  "apply",
		Usage: "bring a whole list of names to the wanted state: register, renew, update, transfer",
		Description: "The list is a CSV or JSON file (docs/formats.md). Everything is checked before anything is signed, and one plan says what it\n" +
			"costs. A first transaction makes a coin for every 24 names; their transactions spend each other's change, so that three\n" +
			"blocks can be enough for all of them. The command can be stopped at any moment; the same command again goes on and never\n" +
			"pays twice. New names go to identities of yours with room, 24 to each.\n\n" + line.Examples(
			"blockstack name apply -f names.csv --dry-run",
			"blockstack name apply -f names.csv --max-total 0.5 --yes --json"),
		Flags: batchFlags(
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "read the list from `FILE`; - is standard input"},
			&cli.BoolFlag{Name: "partial", Usage: "go on with the others when the rules refuse some of the names"}),
		Action: line.Verb(func(c *cli.Context) (applyOptions, error) {
			o := applyOptions{File: c.String("file"), Partial: c.Bool("partial")}
			if o.File == "" {
				return o, fault.Usage("blockstack name apply: the list is missing").Hint("give it: -f FILE")
			}
			var err error
			o.Options, err = jobrun.ParseOptions(c)
			return o, err
		}, runNameApply),
	}
}

// batchFlags are JobFlags without what a batch cannot do: to be signed elsewhere.
func batchFlags(more ...cli.Flag) []cli.Flag {
	flags := more
	for _, f := range jobrun.Flags() {
		if f.Names()[0] != "psbt" {
			flags = append(flags, f)
		}
	}
	return flags
}

// applyOptions say which list is to be applied.
type applyOptions struct {
	File    string
	Partial bool
	jobrun.Options
}

// runNameApply applies a list.
func runNameApply(ctx context.Context, env *session.Session, o applyOptions) error {
	wishes, dir, err := ReadWishes(env, o.File)
	if err != nil {
		return err
	}
	a := &applyRun{env: env, o: o.Options, schema: "name.apply", partial: o.Partial, list: listKey(wishes)}
	var bad []lineError
	size := 0
	for _, w := range wishes {
		l := &lists.Line{Name: w.Name, Renew: w.Renew}
		if l.ZoneFile, err = w.zoneFile(dir); err != nil && len(bad) < maxListErrors {
			bad = append(bad, lineError{w.Line, err.Error()})
		}
		if w.Owner != "" {
			if l.To, err = wishOwner(ctx, env, w.Owner); err != nil && len(bad) < maxListErrors {
				bad = append(bad, lineError{w.Line, fmt.Sprintf("%s: %v", w.Name, err)})
			}
		}
		if size += len(l.ZoneFile); size > maxZoneFiles {
			return fault.New("malformed", "%s: the zone files have more than %d bytes in all", voice.Clean(o.File), maxZoneFiles)
		}
		a.add(w.Line, l)
	}
	if err := listFault(o.File, bad); err != nil {
		return err
	}
	return a.run(ctx)
}

// maxZoneFiles bounds the zone files of a list together.
const maxZoneFiles = 32 << 20

// wishOwner is the script of an identity or an address. Identities whose keys were never derived
// need the password.
func wishOwner(ctx context.Context, e *session.Session, text string) ([]byte, error) {
	var script []byte
	err := withKeys(ctx, e, func() (err error) {
		script, err = session.OwnerScript(ctx, e, text)
		return err
	})
	if err != nil {
		return nil, err
	}
	rules, err := e.Registry(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := rules.ScriptAddress(script); err != nil {
		return nil, &txbuilder.ForbiddenScript{Where: "owner", Kind: txbuilder.KindOf(script), Script: script, Reason: "names can only belong to P2PKH and P2SH addresses"}
	}
	return script, nil
}

// listKey names a list by its content, so that the same one again is known.
func listKey(wishes []wish) string {
	h := sha256.New()
	for _, w := range wishes {
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s\n", w.Name, w.Owner, w.URL, w.File)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// runRenewDue finds the names of ours that expire within a number of blocks, and renews them.
func runRenewDue(ctx context.Context, env *session.Session, due int32, o jobrun.Options) error {
	a, young := &applyRun{env: env, o: o, schema: "name.renew", partial: true}, 0
	if err := env.WithIndex(ctx, func(x *index.Index) error {
		list, err := owned.Names(ctx, env, x)
		if err != nil {
			return err
		}
		for _, r := range list {
			if (r.Status != names.Registered && r.Status != names.Grace) || r.ExpiresAt <= 0 || r.ExpiresAt > r.Height+due {
				continue
			}
			if lists.Young(&r) {
				young++
				continue
			}
			a.add(len(a.lines)+1, &lists.Line{Name: r.Name, Renew: due})
		}
		return nil
	}); err != nil {
		return err
	}
	if young > 0 {
		env.Out.Note("%s of yours that would expire within %d blocks: not renewed, since less than a tenth of the term is over", voice.Count(young, "name"), due)
	}
	if len(a.lines) > 0 {
		return a.run(ctx)
	}
	if young == 0 {
		env.Out.Note("no name of yours expires within %d blocks", due)
	}
	if !env.Out.JSON() {
		return nil
	}
	if o.DryRun {
		return a.printPlan(nil)
	}
	return a.summarize(&applySummary{States: map[string]int{}})
}

// batchScripts are payment scripts of ours that no transaction has used, for the coins of a batch;
// the first unused one is left to its change.
func batchScripts(ctx context.Context, e *session.Session, n int) (scripts [][]byte, err error) {
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	change, err := w.ChangeScript(ctx)
	if err != nil {
		return nil, err
	}
	at, ours, err := w.ScriptAddress(ctx, change)
	if err != nil {
		return nil, err
	}
	if k := txbuilder.KindOf(change); !ours || k != txbuilder.KindP2SH && k != txbuilder.KindP2PKH {
		return nil, fault.New("insufficient_funds", "the wallet has no addresses of a kind that the name system reads, so it cannot pay for a batch")
	}
	for i := range min(n, maxBatchScripts) {
		k, err := w.PaymentKey(ctx, at.Kind, 1, at.Index+1+uint32(i))
		if err != nil {
			return scripts, err
		}
		scripts = append(scripts, k.Script)
	}
	return scripts, nil
}

// maxBatchScripts keeps the addresses of a batch within the gap that a restore looks through. With
// more series than that, two share an address.
const maxBatchScripts = 18

// applySummary adds up a run.
type applySummary struct {
	Names        int            `json:"names"`
	States       map[string]int `json:"states"`
	Transactions int            `json:"transactions"`
	Blocks       int32          `json:"blocks"`
	FeeSat       int64          `json:"fee_sat"`
	BurnSat      int64          `json:"burn_sat"`
	Seconds      int64          `json:"seconds"`
}

// text is the summary in a line.
func (s *applySummary) text() string {
	return fmt.Sprintf("%s, %d done, %d as wanted already; %s, %s, fees %s, paid for names %s, %d s", voice.Count(s.Names, "name"),
		s.States["done"], s.States["unchanged"], voice.Count(s.Transactions, "transaction"), voice.Count(int(s.Blocks), "block"), voice.BTC(btcutil.Amount(s.FeeSat)), voice.BTC(btcutil.Amount(s.BurnSat)), s.Seconds)
}
