package commands

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/prompt"
	"blockstack/names"
	"blockstack/profile"
	"blockstack/profile/lookup"
	"blockstack/txbuilder"
	"blockstack/wallet/labels"
)

// payCommand is `pay`.
func payCommand() *cli.Command {
	return &cli.Command{
		Name:      "pay",
		Usage:     "pay an address or a name",
		ArgsUsage: "[TARGET] [AMOUNT]",
		Category:  catMoney,
		Description: "TARGET is an address, a payment URI (bitcoin:…) or a name; AMOUNT is in BTC, or max for everything. A name is paid\n" +
			"at the address in its profile, after checking that the profile is its owner's. A profile that is invalid or cannot\n" +
			"be reached stops the payment. Where the profile names no address the owner can be paid, after asking. With --file\n" +
			"many are paid by one transaction; docs/formats.md says how the file is written.\n\n" +
			"A payment of the same amount to the same target that is in no block, or younger than an hour, is asked about: --confirm TXID\n" +
			"agrees, --yes does not. With --request-id it is made once, however often the command is run, also after it was killed.\n" +
			"A name whose address has changed since it was paid last wants --confirm NAME; a fee above 0.0005 BTC and above a tenth of\n" +
			"what is paid wants --confirm fee, unless --fee-rate was given.\n\n" + examples(
			"blockstack pay alice.id 0.01",
			"blockstack pay 2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9 max --dry-run",
			"blockstack pay 'bitcoin:2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9?amount=0.1'",
			"blockstack pay --file wages.csv --max-total 3",
			"blockstack pay alice.id 0.01 --request-id invoice-2071 --yes",
			"blockstack pay alice.id 0.01 --from owner:0"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "file", Usage: "pay all that `FILE` (CSV or JSON) lists; - is standard input"},
			&cli.BoolFlag{Name: "subtract-fee", Usage: "take the fee out of the amount, in equal parts if there are several"},
			&cli.StringSliceFlag{Name: "from", Usage: "spend this coin, or from this identity's address: `OUTPOINT|owner:N`; may be repeated"},
			&cli.StringFlag{Name: "psbt", Usage: "write the unsigned transaction to the new file `FILE` (- for standard output) and stop"},
			&cli.DurationFlag{Name: "hold", Value: holdDefault, Usage: "with --psbt: keep the coins for it for `TIME` (1m to 720h)"},
			&cli.StringFlag{Name: "request-id", Usage: "pay exactly once for the request `TEXT`: the same command again prints the same transaction"},
			&cli.BoolFlag{Name: "dry-run", Usage: "show the plan and stop"},
			&cli.StringFlag{Name: "fee-rate", Usage: "pay miners `SAT_VB` satoshi per virtual byte"},
			&cli.IntFlag{Name: "target", Value: 3, Usage: "without --fee-rate: what the node thinks is needed to be mined within `BLOCKS`"},
			&cli.StringFlag{Name: "max-total", Usage: "refuse to spend more than `AMOUNT` BTC, fee included"},
			&cli.BoolFlag{Name: "to-owner", Usage: "pay the owner's address when the profile names none, without asking"},
			&cli.StringFlag{Name: "wait", Usage: "`UNTIL` broadcast or confirmed (default: confirmed on the sandbox, broadcast elsewhere)", DefaultText: " "},
			noMineFlag(),
		},
		Action: verb(parsePay, runPay),
	}
}

// payOptions say who is paid how much.
type payOptions struct {
	Target, Amount string
	File           string
	SubtractFee    bool
	From           []string
	PSBT           string
	FeeRate        string
	Blocks         int
	MaxTotal       string
	DryRun         bool
	ToOwner        bool
	Wait           string
	NoMine         bool
	Hold           time.Duration // of the coins of a PSBT
	RequestID      string
}

// parsePay reads the command line of pay.
func parsePay(c *cli.Context) (payOptions, error) {
	o := payOptions{
		Target: c.Args().Get(0), Amount: c.Args().Get(1), File: c.String("file"), SubtractFee: c.Bool("subtract-fee"), From: c.StringSlice("from"),
		PSBT: c.String("psbt"), FeeRate: c.String("fee-rate"), Blocks: c.Int("target"), MaxTotal: c.String("max-total"),
		DryRun: c.Bool("dry-run"), ToOwner: c.Bool("to-owner"), Wait: c.String("wait"), NoMine: c.Bool("no-mine"),
		Hold: c.Duration("hold"), RequestID: c.String("request-id"),
	}
	switch {
	case o.Wait != "" && o.Wait != waitBroadcast && o.Wait != waitConfirmed:
		return o, fault.Usage("--wait is %.40q, not broadcast or confirmed", o.Wait)
	case o.File != "" && o.Target != "":
		return o, fault.Usage("give TARGET and AMOUNT, or --file, not both")
	case o.File == "" && o.Target == "":
		return o, fault.Usage("blockstack pay: missing TARGET and AMOUNT").Hint("usage: blockstack pay TARGET AMOUNT, or blockstack pay --file FILE")
	case o.DryRun && o.PSBT != "":
		return o, fault.Usage("--dry-run shows the plan, --psbt writes it; give one of them")
	case c.IsSet("hold") && o.PSBT == "":
		return o, fault.Usage("--hold is for --psbt")
	case c.IsSet("request-id") && o.RequestID == "":
		return o, fault.Usage("--request-id is empty")
	}
	var err error
	if o.RequestID, err = parseRequestID(o.RequestID); err != nil {
		return o, err
	}
	if err := checkHold(o.Hold); err != nil {
		return o, err
	}
	return o, checkTarget(c)
}

// payee is who is paid, and how that is known.
type payee struct {
	Name    names.Name // zero: an address was given
	Address string
	Script  []byte
	How     string // "address", "profile" or "owner"

	Amount btcutil.Amount
	Label  string
	Before *labels.Payee // where the name was paid last, if that was elsewhere

	ExactUntil *int32 // last height at which the owner of the name is certain; nil: the tip's
}

// sentAlready is what went wrong after a payment was sent. Unlike anywhere else, the same command again would not go on
// but pay a second time, so nothing of it is retryable.
func sentAlready(ctx context.Context, err error, txid chainhash.Hash) *fault.Fault {
	return sentBut(ctx, err, txid, "waiting for its block")
}

// sentBut is sentAlready for what was being done after the payment was sent.
func sentBut(ctx context.Context, err error, txid chainhash.Hash, doing string) *fault.Fault {
	f := *explain(ctx, err)
	f.Message = fmt.Sprintf("%s was sent; %s: %s", txid, doing, f.Message)
	f.Hints, f.Retryable = nil, false
	return f.Because(err).Hint("it is paid: the same command again would pay a second time").
		Hint("see what became of it: blockstack history").Detail("txid", txid.String())
}

// words says who is paid and how that is known.
func (p payee) words() string {
	switch p.How {
	case "profile":
		return fmt.Sprintf("%s, the payment address in the profile of %s", p.Address, p.Name)
	case "owner":
		return fmt.Sprintf("%s, the owner address of %s", p.Address, p.Name)
	}
	return p.Address
}

// parsePayAmount reads AMOUNT: a decimal number of BTC, or max.
func parsePayAmount(text string) (amount btcutil.Amount, all bool, err error) {
	if text == "max" {
		return 0, true, nil
	}
	if amount, err = txbuilder.ParseAmount(text); err == nil && amount == 0 {
		err = fault.New("bad_amount", "the amount is 0")
	}
	return amount, false, err
}

// findPayee finds out who TARGET is.
func (e *Env) findPayee(ctx context.Context, o payOptions) (payee, error) {
	n, err := names.Parse(o.Target)
	if err != nil {
		script, err := e.addressScript(o.Target)
		return payee{Address: o.Target, Script: script, How: "address"}, err
	}
	l, err := e.PayingLookup(ctx)
	if err != nil {
		return payee{}, err
	}
	to, err := l.Payee(ctx, n)
	if err != nil {
		return payee{}, err
	}
	e.tell(to.Answer)
	if to.None != nil {
		return e.payOwner(ctx, to, o)
	}
	address := to.Addresses[0]
	if len(to.Addresses) > 1 {
		i, err := e.Ask.Choose(ctx, prompt.Question{Text: "The profile of " + n.String() + " names several addresses; which one is paid", Flag: "an address as TARGET"}, to.Addresses)
		if err != nil {
			return payee{}, err
		}
		address = to.Addresses[i]
	}
	script, err := e.addressScript(address)
	if err != nil {
		return payee{}, fault.New("bad_address", "payment address in the profile of %s: %v", n, err).Because(err).
			Hint("ask the owner for another, and pay that: blockstack pay ADDRESS AMOUNT")
	}
	return payee{Name: n, Address: address, Script: script, How: "profile", ExactUntil: to.ExactUntil}, nil
}

// payOwner makes the owner of a name the payee, after asking.
func (e *Env) payOwner(ctx context.Context, to *lookup.Payee, o payOptions) (payee, error) {
	n, rec, why := to.Name, to.Record, "it has no profile"
	if errors.Is(to.None, profile.ErrNoPayee) {
		why = "its profile names no bitcoin address"
	}
	p := payee{Name: n, Address: rec.OwnerAddress, Script: rec.Owner, How: "owner", ExactUntil: to.ExactUntil}
	if o.ToOwner {
		return p, nil
	}
	ask := e.Ask
	if yes, ok := ask.(prompt.Yes); ok {
		ask = yes.Prompter // --yes answers ordinary questions; another payee is none
	}
	ok, err := ask.Confirm(ctx, prompt.Question{Text: fmt.Sprintf("%s: %s; pay its owner %s", n, why, rec.OwnerAddress), Flag: "--to-owner"})
	if err != nil {
		return p, err
	}
	if !ok {
		return p, prompt.Declined("pay the owner of " + n.String())
	}
	return p, nil
}
