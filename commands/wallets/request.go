package wallets

import (
	"context"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/urfave/cli/v2"
	"rsc.io/qr"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/bills"
	"blockstack/wallet/labels"
)

// RequestCommand is `request`.
func RequestCommand() *cli.Command {
	return &cli.Command{
		Name:      "request",
		Usage:     "ask to be paid: a payment URI, and a QR code of it for a phone",
		ArgsUsage: "[AMOUNT]",
		Category:  line.Money,
		Description: "The address is the one that wallet address shows: the same until it is paid. With --label it is labelled here, too.\n" +
			"The URI is that of BIP 21, which most wallets read.\n\n" + line.Examples("blockstack request", "blockstack request 0.01 --label Alice --message 'order 17' --new"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "type", Value: "nested", Usage: "`KIND` of address: nested, legacy, segwit, taproot"},
			&cli.BoolFlag{Name: "new", Usage: "give an address that was never shown"},
			&cli.StringFlag{Name: "label", Usage: "`TEXT` that says who asks"},
			&cli.StringFlag{Name: "message", Usage: "`TEXT` that says what for"},
			&cli.BoolFlag{Name: "no-qr", Usage: "do not draw the QR code"},
		},
		Action: line.Verb(parseRequest, runRequestPayment),
	}
}

// requestOptions say what is asked for.
type requestOptions struct {
	addressOptions
	Amount         btcutil.Amount
	Label, Message string
	NoQR           bool
}

// parseRequest reads the command line of request.
func parseRequest(c *cli.Context) (requestOptions, error) {
	kind, err := addressKind(c)
	o := requestOptions{addressOptions: addressOptions{Kind: kind, Fresh: c.Bool("new")}, Label: c.String("label"), Message: c.String("message"), NoQR: c.Bool("no-qr")}
	if err != nil {
		return o, err
	}
	if c.NArg() > 0 {
		amount, all, err := bills.ParseAmount(c.Args().First())
		if all {
			err = fault.Usage("max is no amount to ask for")
		}
		o.Amount = amount
		return o, err
	}
	return o, nil
}

// runRequestPayment shows where one can be paid.
func runRequestPayment(ctx context.Context, env *session.Session, o requestOptions) error {
	a, err := receiveAddress(ctx, env, o.addressOptions)
	if err != nil {
		return err
	}
	if env.Config.UsesPeers() {
		env.Out.Note("ordinary peers show a payment to you with its first confirmation, not before")
	}
	if o.Label != "" || o.Message != "" {
		w, err := env.Wallet(ctx)
		if err != nil {
			return err
		}
		text := strings.TrimSpace(o.Label + " " + o.Message)
		if err := w.SetLabel(ctx, labels.Label{Type: labels.Address, Ref: a.Text, Text: text}); err != nil {
			return err
		}
	}
	uri := txbuilder.PaymentURI{Address: a.Text, Amount: o.Amount, Label: o.Label, Message: o.Message}.String()
	code, err := qr.Encode(uri, qr.L)
	if err != nil {
		return fault.Usage("label and message are too long for a QR code").Because(err)
	}
	doc := map[string]any{"uri": uri, "address": a.Text, "kind": string(a.Kind), "path": a.Path, "amount_sat": nil}
	if o.Amount > 0 {
		doc["amount_sat"] = int64(o.Amount)
	}
	return env.Out.Result("request", doc, func(t *voice.Text) {
		if !o.NoQR {
			for _, row := range drawQR(code) {
				t.Line("%s", row)
			}
			t.Gap()
		}
		t.Line("%s", uri)
	})
}

// drawQR draws a QR code with block characters, two rows of modules a line. Dark modules are left
// empty, so that it reads on a dark terminal as well as, by most readers, on a light one; the quiet
// zone of four modules is drawn.
func drawQR(code *qr.Code) []string {
	const quiet = 4
	var lines []string
	for y := -quiet; y < code.Size+quiet; y += 2 {
		var b strings.Builder
		for x := -quiet; x < code.Size+quiet; x++ {
			upper, lower := !code.Black(x, y), !code.Black(x, y+1)
			switch {
			case upper && lower:
				b.WriteString("█")
			case upper:
				b.WriteString("▀")
			case lower:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		lines = append(lines, b.String())
	}
	return lines
}
