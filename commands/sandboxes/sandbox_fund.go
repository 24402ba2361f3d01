package sandboxes

import (
	"bytes"
	"context"
	"math/big"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/sandbox"
)

// sandboxFundRate is what the faucet pays for token transfers.
const sandboxFundRate = 10 // sat/vB

// sandboxFundCommand is `sandbox fund`.
func sandboxFundCommand() *cli.Command {
	return &cli.Command{
		Name:      "fund",
		Usage:     "send coins of the faucet to an address, or STACKS in a real TOKEN_TRANSFER",
		ArgsUsage: "ADDRESS AMOUNT",
		Description: "AMOUNT is in BTC, with --stacks in STACKS. One block is mined to confirm it.\n\n" + line.Examples(
			"blockstack sandbox fund 2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9 10",
			"blockstack sandbox fund 2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9 64000 --stacks"),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "stacks", Usage: "send STACKS instead of bitcoin"},
			line.NoMineFlag(),
		},
		Action: line.Verb(func(c *cli.Context) (fundOptions, error) {
			return fundOptions{To: c.Args().Get(0), Amount: c.Args().Get(1), Stacks: c.Bool("stacks"), NoMine: c.Bool("no-mine")}, nil
		}, runSandboxFund),
	}
}

// fundOptions say what the faucet sends to whom.
type fundOptions struct {
	To, Amount     string
	Stacks, NoMine bool
}

// runSandboxFund lets the faucet pay.
func runSandboxFund(ctx context.Context, env *session.Session, o fundOptions) error {
	if err := sandboxOnly(env); err != nil {
		return err
	}
	s, err := env.Sandbox(ctx)
	if err != nil {
		return err
	}
	if _, err := session.AddressScript(env, o.To); err != nil {
		return err
	}
	doc := map[string]any{"address": o.To}
	var txid chainhash.Hash
	var sent string
	if o.Stacks {
		amount, err := txbuilder.ParseStacks(o.Amount)
		if err != nil {
			return err
		}
		if txid, err = fundStacks(ctx, env, s, o.To, amount); err != nil {
			return err
		}
		doc["amount_ustacks"], sent = amount, voice.Stacks(new(big.Int).SetUint64(amount))
	} else {
		amount, err := txbuilder.ParseAmount(o.Amount)
		if err != nil {
			return err
		}
		if amount == 0 {
			return fault.New("bad_amount", "the amount is 0")
		}
		faucet, err := s.Faucet()
		if err != nil {
			return err
		}
		tx, err := faucet.FundAddress(ctx, o.To, amount)
		if err != nil {
			return err
		}
		txid = tx.TxHash()
		doc["amount_sat"], sent = int64(amount), voice.BTC(amount)
	}
	doc["txid"], doc["txids"] = txid, []string{txid.String()}
	if !o.NoMine {
		if _, err := s.Mine(ctx, 1); err != nil {
			return err
		}
		st, err := s.Chain().TxStatus(ctx, txid)
		if err != nil {
			return err
		}
		doc["height"] = st.Height
	}
	return env.Out.Result("sandbox.fund", doc, func(t *voice.Text) {
		t.Field("sent", "%s", sent)
		t.Field("to", "%s", o.To)
		t.Field("txid", "%s", txid)
		if h, ok := doc["height"]; ok {
			t.Field("height", "%d", h)
		}
	})
}

// fundStacks sends STACKS of the faucet's account.
func fundStacks(ctx context.Context, env *session.Session, s *sandbox.Sandbox, to string, amount uint64) (txid chainhash.Hash, err error) {
	rules, err := env.Registry(ctx)
	if err != nil {
		return txid, err
	}
	if rules.GenesisUnknown {
		return txid, &registrar.UnknownGrants{What: "send STACKS"}
	}
	faucet, err := s.Faucet()
	if err != nil {
		return txid, err
	}
	height, _, err := s.Chain().Tip(ctx)
	if err != nil {
		return txid, err
	}
	b, err := txbuilder.New(txbuilder.Config{Params: rules, Net: env.Config.Net(), Coins: faucet, Height: height})
	if err != nil {
		return txid, err
	}
	script, err := b.ParseAddress(to)
	if err != nil {
		return txid, err
	}
	plan, err := b.TokenTransfer(ctx, txbuilder.TokenTransferRequest{
		Funding: txbuilder.Funding{
			Rate:  txbuilder.SatPerVByte(sandboxFundRate),
			First: func(from []byte) bool { return bytes.Equal(from, faucet.Script()) },
		},
		Recipient: script,
		Amount:    amount,
	})
	if err != nil {
		return txid, err
	}
	if err := faucet.Sign(ctx, plan.Packet); err != nil {
		return txid, err
	}
	tx, err := plan.Finish()
	if err != nil {
		return txid, err
	}
	_, err = s.Chain().Broadcast(ctx, tx)
	return tx.TxHash(), err
}
