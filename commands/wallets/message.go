package wallets

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet"
)

// largestMessage is the largest message that is read from a file.
const largestMessage = 1 << 20

// messageFlag names the file with a message.
func messageFlag() cli.Flag {
	return &cli.StringFlag{Name: "message-file", Usage: "take the message from `FILE`, every byte of it; - is standard input"}
}

// SignMessageCommand is `wallet sign-message`.
func SignMessageCommand() *cli.Command {
	return &cli.Command{
		Name:      "sign-message",
		Usage:     "sign a message with the key of one of your addresses",
		ArgsUsage: "ADDRESS [MESSAGE]",
		Description: "Legacy addresses, owner addresses among them, sign in the form that every wallet knows; others sign as BIP 322 (simple)\n" +
			"says.\n\n" + line.Examples(
			"blockstack wallet sign-message ADDRESS 'I am alice.id'",
			"blockstack wallet sign-message ADDRESS --message-file letter.txt"),
		Flags:  []cli.Flag{messageFlag()},
		Action: line.Verb(func(c *cli.Context) (messageOptions, error) { return parseMessage(c, 1) }, runWalletSignMessage),
	}
}

// VerifyMessageCommand is `wallet verify-message`.
func VerifyMessageCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify-message",
		Usage:     "check who signed a message",
		ArgsUsage: "ADDRESS SIGNATURE [MESSAGE]",
		Description: "It takes the legacy form with the headers that wallets write for segwit addresses, and BIP 322 (simple). It needs neither\n" +
			"a wallet nor a node.\n\n" + line.Examples("blockstack wallet verify-message ADDRESS SIGNATURE 'I am alice.id'"),
		Flags:  []cli.Flag{messageFlag()},
		Action: line.Verb(func(c *cli.Context) (messageOptions, error) { return parseMessage(c, 2) }, runWalletVerifyMessage),
	}
}

// messageOptions say what is signed by whom.
type messageOptions struct {
	Address, Signature string
	Message            *string // nil: from File
	File               string
}

// parseMessage reads the arguments; the message stands at place, or in a file.
func parseMessage(c *cli.Context, place int) (messageOptions, error) {
	o := messageOptions{Address: c.Args().First(), File: c.String("message-file")}
	if place == 2 {
		o.Signature = c.Args().Get(1)
	}
	if c.NArg() > place {
		text := c.Args().Get(place)
		o.Message = &text
	}
	if (o.Message == nil) == (o.File == "") {
		return o, fault.Usage("give the message either as an argument or with --message-file")
	}
	return o, nil
}

// text is the message.
func (o messageOptions) text(env *session.Session) (string, error) {
	if o.Message != nil {
		return *o.Message, nil
	}
	b, err := session.ReadAtMost(env, o.File, largestMessage)
	if err != nil {
		return "", fmt.Errorf("message: %w", err)
	}
	return string(b), nil
}

// runWalletSignMessage signs; no node is needed.
func runWalletSignMessage(ctx context.Context, env *session.Session, o messageOptions) error {
	message, err := o.text(env)
	if err != nil {
		return err
	}
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	if err := env.Keys.Unlock(ctx, w); err != nil {
		return err
	}
	signature, form, err := w.SignMessage(ctx, o.Address, message)
	if err != nil {
		return err
	}
	doc := map[string]any{"address": o.Address, "form": form, "signature": signature}
	return env.Out.Result("wallet.sign-message", doc, func(t *voice.Text) { t.Line("%s", signature) })
}

// runWalletVerifyMessage judges a signature.
func runWalletVerifyMessage(_ context.Context, env *session.Session, o messageOptions) error {
	message, err := o.text(env)
	if err != nil {
		return err
	}
	form, err := wallet.VerifyMessage(env.Config.Net(), o.Address, message, o.Signature)
	if err != nil {
		return err
	}
	doc := map[string]any{"address": o.Address, "form": form, "valid": true}
	return env.Out.Result("wallet.verify-message", doc, func(t *voice.Text) { t.Line("the signature is of %s (%s)", o.Address, form) })
}
