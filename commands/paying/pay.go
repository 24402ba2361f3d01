package paying

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/storage/textfile"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bills"
	"blockstack/wallet/labels"
)

// PayCommand is `pay`.
func PayCommand() *cli.Command {
	return &cli.Command{
		Name:      "pay",
		Usage:     "pay an address or a name",
		ArgsUsage: "[TARGET] [AMOUNT]",
		Category:  line.Money,
		Description: "TARGET is an address, a payment URI (bitcoin:…) or a name; AMOUNT is in BTC, or max for everything. A name is paid\n" +
			"at the address in its profile, after checking that the profile is its owner's. A profile that is invalid or cannot\n" +
			"be reached stops the payment. Where the profile names no address the owner can be paid, after asking. With --file\n" +
			"many are paid by one transaction; docs/formats.md says how the file is written.\n\n" +
			"A payment of the same amount to the same target that is in no block, or younger than an hour, is asked about: --confirm TXID\n" +
			"agrees, --yes does not. With --request-id it is made once, however often the command is run, also after it was killed.\n" +
			"A name whose address has changed since it was paid last wants --confirm NAME; a fee above 0.0005 BTC and above a tenth of\n" +
			"what is paid wants --confirm fee, unless --fee-rate was given.\n\n" + line.Examples(
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
			line.NoMineFlag(),
		},
		Action: line.Verb(parsePay, runPay),
	}
}

// payOptions say who is paid how much.
type payOptions struct {
	Target, Amount string
	File           string
	PSBT           string
	FeeRate        string
	Blocks         int
	DryRun         bool
	Wait           string
	NoMine         bool
	Hold           time.Duration // of the coins of a PSBT
	Order          payments.Order
}

// parsePay reads the command line of pay.
func parsePay(c *cli.Context) (payOptions, error) {
	o := payOptions{
		Target: c.Args().Get(0), Amount: c.Args().Get(1), File: c.String("file"), PSBT: c.String("psbt"), FeeRate: c.String("fee-rate"), Blocks: c.Int("target"),
		DryRun: c.Bool("dry-run"), Wait: c.String("wait"), NoMine: c.Bool("no-mine"), Hold: c.Duration("hold"),
	}
	switch {
	case o.Wait != "" && o.Wait != jobrun.WaitBroadcast && o.Wait != jobrun.WaitConfirmed:
		return o, fault.Usage("--wait is %.40q, not broadcast or confirmed", o.Wait)
	case o.File != "" && o.Target != "":
		return o, fault.Usage("give TARGET and AMOUNT, or --file, not both")
	case o.File == "" && o.Target == "":
		return o, fault.Usage("blockstack pay: missing TARGET and AMOUNT").Hint("usage: blockstack pay TARGET AMOUNT, or blockstack pay --file FILE")
	case o.DryRun && o.PSBT != "":
		return o, fault.Usage("--dry-run shows the plan, --psbt writes it; give one of them")
	case c.IsSet("hold") && o.PSBT == "":
		return o, fault.Usage("--hold is for --psbt")
	case c.IsSet("request-id") && c.String("request-id") == "":
		return o, fault.Usage("--request-id is empty")
	}
	if err := checkHold(o.Hold); err != nil {
		return o, err
	}
	var err error
	if o.Order, err = parseOrder(c); err != nil {
		return o, err
	}
	return o, line.CheckTarget(c)
}

// parseOrder reads what the flags of pay say of the payment itself.
func parseOrder(c *cli.Context) (o payments.Order, err error) {
	o = payments.Order{SubtractFee: c.Bool("subtract-fee"), RateGiven: c.String("fee-rate") != "", ToOwner: c.Bool("to-owner")}
	if o.Request, err = payments.ParseRequest(c.String("request-id")); err != nil {
		return o, fault.Usage("--request-id %v", err)
	}
	if o.Most, err = parseMost(c); err != nil {
		return o, err
	}
	o.From, err = parseFrom(c.StringSlice("from"))
	return o, err
}

// parseMost reads --max-total; nil: there is no limit.
func parseMost(c *cli.Context) (*btcutil.Amount, error) {
	text := c.String("max-total")
	if text == "" {
		return nil, nil
	}
	most, err := txbuilder.ParseAmount(text)
	if err != nil {
		return nil, fmt.Errorf("--max-total: %w", err)
	}
	return &most, nil
}

// parseFrom reads --from: coins, or one identity.
//
//	from = TXID ":" index / "owner:" identity
func parseFrom(list []string) (payments.From, error) {
	var from payments.From
	for _, text := range list {
		number, owner := strings.CutPrefix(text, "owner:")
		if !owner {
			op, err := labels.ParseOutPoint(text)
			if err != nil {
				return from, err
			}
			if slices.Contains(from.Coins, op) {
				return from, fault.Usage("--from names the coin %s twice", op)
			}
			from.Coins = append(from.Coins, op)
			continue
		}
		if len(list) > 1 {
			return from, fault.Usage("--from %s cannot be combined with another --from", text)
		}
		n, err := line.ParseCount("--from owner:", number, 0, line.MaxIdentity)
		if err != nil {
			return from, err
		}
		identity := uint32(n)
		from.Identity = &identity
	}
	return from, nil
}

// readBills reads what is to be paid from the arguments, or from the file.
func (o *payOptions) readBills(in io.Reader) ([]bills.Bill, error) {
	if o.File == "" {
		b, err := bills.Parse(o.Target, o.Amount)
		if errors.Is(err, bills.ErrNoAmount) {
			return nil, fault.Usage("blockstack pay: missing AMOUNT").Hint("usage: blockstack pay TARGET AMOUNT")
		}
		if err == nil && b.All && o.Order.SubtractFee {
			err = fault.Usage("max takes the fee out of the amount anyway; leave --subtract-fee away")
		}
		return []bills.Bill{b}, err
	}
	if o.File != "-" {
		f, err := os.Open(o.File)
		if err != nil {
			return nil, fmt.Errorf("payments: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(textfile.Unmarked(in), bills.MaxList+1))
	if err != nil {
		return nil, fmt.Errorf("payments: %w", err)
	}
	list, err := bills.ParseList(raw)
	if err != nil {
		return nil, fault.New("malformed", "%s: %v", o.File, err).Because(err).Hint("docs/formats.md says how payments are listed")
	}
	return list, nil
}
