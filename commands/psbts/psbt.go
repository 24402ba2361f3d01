package psbts

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/faults"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/psbtfile"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
	"blockstack/txbuilder/psbtmap"
	"blockstack/wallet"
	"blockstack/wallet/scripts"
)

// Command is the noun `wallet psbt`.
func Command() *cli.Command {
	file := func(c *cli.Context) (psbtOptions, error) {
		return psbtOptions{Files: c.Args().Slice(), Out: c.String("out")}, nil
	}
	return line.Noun("psbt", "partially signed transactions (BIP 174): for signing elsewhere, or with others", "",
		&cli.Command{
			Name: "show", Usage: "say in words what a PSBT does to your money", ArgsUsage: "FILE",
			Description: "FILE is binary or base64; - is standard input. What is yours is judged by your own keys.\n\n" + line.Examples("blockstack wallet psbt show pay.psbt"),
			Action:      line.Verb(file, runPSBTShow),
		},
		&cli.Command{
			Name: "sign", Usage: "add your signatures, after checking amounts, scripts and change", ArgsUsage: "FILE",
			Description: "It works without a network: with --offline on a machine that has none. The result goes to --out, or in base64 to\n" +
				"standard output.\n\n" + line.Examples("blockstack wallet psbt sign pay.psbt --offline --out signed.psbt"),
			Flags:  []cli.Flag{line.OutFlag()},
			Action: line.Verb(file, runPSBTSign),
		},
		&cli.Command{
			Name: "combine", Usage: "put the signatures of several copies into one", ArgsUsage: "FILE...",
			Description: line.Examples("blockstack wallet psbt combine a.psbt b.psbt --out both.psbt"),
			Flags:       []cli.Flag{line.OutFlag()},
			Action:      line.Verb(file, runPSBTCombine),
		},
		&cli.Command{
			Name: "finalize", Usage: "turn a fully signed PSBT into the transaction", ArgsUsage: "FILE",
			Description: "Every signature is checked. The transaction is printed in hex. One that would undo an unconfirmed payment of yours\n" +
				"wants --confirm with that payment's TXID.\n\n" + line.Examples("blockstack wallet psbt finalize signed.psbt"),
			Action: line.Verb(file, runPSBTFinalize),
		},
		&cli.Command{
			Name: "broadcast", Usage: "send the transaction of a fully signed PSBT", ArgsUsage: "FILE",
			Description: "It is recorded before it is sent. Sending it again does no harm. One that would undo an unconfirmed payment of yours\n" +
				"wants --confirm with that payment's TXID.\n\n" + line.Examples("blockstack wallet psbt broadcast signed.psbt"),
			Action: line.Verb(file, runPSBTBroadcast),
		})
}

// psbtOptions say which PSBT, and where the result goes.
type psbtOptions struct {
	Files []string
	Out   string
}

// psbtView is what programs see of a PSBT.
type psbtView struct {
	Txid      string         `json:"unsigned_txid"`
	Inputs    []psbtPartView `json:"inputs"`
	Outputs   []psbtPartView `json:"outputs"`
	FeeSat    *int64         `json:"fee_sat"`
	VSize     *int64         `json:"vsize"`
	NetSat    int64          `json:"net_sat"` // what it changes in this wallet
	Complete  bool           `json:"complete"`
	PSBT      string         `json:"psbt,omitempty"`
	File      string         `json:"file,omitempty"`
	LeftOut   []string       `json:"left_out,omitempty"` // where copies that were combined contradict each other
	Signed    int            `json:"signed_inputs"`
	Operation bool           `json:"name_operation"`
	Unknown   int            `json:"unknown_fields"` // that this program does not know, and keeps
	Op        *psbtOpView    `json:"operation,omitempty"`
	Proved    bool           `json:"proved"` // what is called ours was derived from the seed

	reading *txbuilder.Reading
}

// psbtPartView is an input or output.
type psbtPartView struct {
	Outpoint  string `json:"outpoint,omitempty"`
	AmountSat *int64 `json:"amount_sat"`
	Address   string `json:"address,omitempty"`
	Ours      bool   `json:"ours"`
	TooFar    bool   `json:"beyond_restore,omitempty"` // a key of ours that no restore looks for
	Role      string `json:"role,omitempty"`
	Path      string `json:"path,omitempty"`
	Signed    *bool  `json:"signed,omitempty"`
	// Of an input that several keys sign: how many of how many, and which have and have not.
	Threshold int      `json:"threshold,omitempty"`
	Keys      int      `json:"keys,omitempty"`
	SignedBy  []string `json:"signed_by,omitempty"`
	Missing   []string `json:"not_signed_by,omitempty"`

	index uint32 // of the key, where it is ours
}

// viewPSBT looks at a PSBT with the wallet's eyes.
func viewPSBT(w *wallet.Wallet, env *session.Session, f *psbtfile.File, r *wallet.Inspection) psbtView {
	p := f.Packet
	v := psbtView{Txid: p.UnsignedTx.TxHash().String(), NetSat: int64(r.Net()), Unknown: txbuilder.UnknownFields(p), Proved: r.Proof == wallet.ProofSeed}
	v.reading = readOperation(env, p)
	v.Op = viewOperation(env, v.reading)
	part := func(x wallet.InspectedPart) psbtPartView {
		pv := psbtPartView{Ours: x.Ours, TooFar: x.TooFar, Address: session.AddressOf(env, x.Script)}
		if x.Known {
			pv.AmountSat = voice.SatPointer(x.Amount)
		}
		if x.Ours || x.TooFar {
			pv.Role, pv.Path, pv.index = string(x.Key.Role), w.Path(x.Key).String(), x.Key.Index
			switch {
			case x.Ours && x.Key.Role == scripts.Payment && x.Key.Branch == scripts.Change:
				pv.Role = "change"
			case x.Key.Role == scripts.Shared:
				pv.Path = ""
			}
		}
		return pv
	}
	for i, x := range r.Inputs {
		pv := part(x)
		signed := txbuilder.Signed(p, i)
		pv.Outpoint, pv.Signed = x.OutPoint.String(), &signed
		if m, ok := txbuilder.MultisigOf(p, i); ok {
			signed = len(m.Signed) >= m.Threshold
			pv.Threshold, pv.Keys, pv.SignedBy, pv.Missing = m.Threshold, len(m.Keys), voice.Hexes(m.Signed), voice.Hexes(m.Missing)
		}
		if signed {
			v.Signed++
		}
		v.Inputs = append(v.Inputs, pv)
	}
	for _, x := range r.Outputs {
		v.Outputs = append(v.Outputs, part(x))
		v.Operation = v.Operation || txbuilder.KindOf(x.Script) == txbuilder.KindData
	}
	if r.FeeKnown {
		v.FeeSat = voice.SatPointer(r.Fee)
	}
	if size, ok := txbuilder.SignedSize(p); ok {
		v.VSize = &size
	}
	_, err := txbuilder.Finish(p)
	v.Complete = err == nil
	return v
}

// openPSBT reads and inspects one PSBT. Where the keys can be had without a question, what is ours
// is derived from them.
func openPSBT(ctx context.Context, e *session.Session, path string) (*wallet.Wallet, *psbtfile.File, psbtView, *wallet.Inspection, error) {
	f, err := psbtfile.Read(e, path)
	if err != nil {
		return nil, nil, psbtView{}, nil, err
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, nil, psbtView{}, nil, err
	}
	if e.Keys.HasPassword() && !w.WatchOnly() {
		if err := e.Keys.Unlock(ctx, w); err != nil {
			return nil, nil, psbtView{}, nil, err
		}
	}
	r, err := w.Inspect(ctx, f.Packet)
	if err != nil {
		return nil, nil, psbtView{}, nil, err
	}
	return w, f, viewPSBT(w, e, f, r), r, nil
}

// runPSBTShow shows a PSBT.
func runPSBTShow(ctx context.Context, env *session.Session, o psbtOptions) error {
	_, _, v, _, err := openPSBT(ctx, env, o.Files[0])
	if err != nil {
		return err
	}
	return env.Out.Result("wallet.psbt-show", v, func(t *voice.Text) {
		for _, row := range psbtLines(v) {
			t.Line("%s", row)
		}
		t.Line("%d of %s signed", v.Signed, voice.Count(len(v.Inputs), "input"))
	})
}

// runPSBTSign signs. Nothing is signed that a job needs, that is frozen, or whose fee is unknown or
// absurd.
func runPSBTSign(ctx context.Context, env *session.Session, o psbtOptions) error {
	w, f, v, r, err := openPSBT(ctx, env, o.Files[0])
	if err != nil {
		return err
	}
	if err := maySign(ctx, env, w, packetToSign(w, f.Packet, r, v.reading)); err != nil {
		return err
	}
	if err := env.Keys.Unlock(ctx, w); err != nil { // first, so that all that is shown as ours is derived from the seed
		return err
	}
	if r, err = w.Inspect(ctx, f.Packet); err != nil {
		return err
	}
	v = viewPSBT(w, env, f, r)
	for _, row := range psbtLines(v) {
		env.Out.Show("plan", row)
	}
	if err := confirmSigning(ctx, env, packetToSign(w, f.Packet, r, v.reading)); err != nil {
		return err
	}
	if err := w.Sign(ctx, f.Packet); err != nil {
		return err
	}
	return printPSBT(env, "wallet.psbt-sign", viewPSBT(w, env, f, r), f, o.Out)
}

// runPSBTCombine combines PSBTs.
func runPSBTCombine(ctx context.Context, env *session.Session, o psbtOptions) error {
	var docs []*psbtmap.Document
	for _, path := range o.Files {
		f, err := psbtfile.Read(env, path)
		if err != nil {
			return err
		}
		docs = append(docs, f.Doc)
	}
	doc, leftOut, err := txbuilder.CombineDocuments(docs...)
	if err != nil {
		return err
	}
	for _, at := range leftOut {
		env.Out.Warn("LEFT OUT: %s: two of the files say different things, and what the first one says stays", at)
	}
	p, err := txbuilder.PacketOf(doc)
	if err != nil {
		return err
	}
	all := &psbtfile.File{Packet: p, Doc: doc}
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	r, err := w.Inspect(ctx, all.Packet)
	if err != nil {
		return err
	}
	v := viewPSBT(w, env, all, r)
	for _, at := range leftOut {
		v.LeftOut = append(v.LeftOut, at.String())
	}
	return printPSBT(env, "wallet.psbt-combine", v, all, o.Out)
}

// printPSBT writes a PSBT to where it is wanted, and what it is.
func printPSBT(env *session.Session, schema string, v psbtView, f *psbtfile.File, out string) error {
	raw, err := f.Bytes()
	if err != nil {
		return err
	}
	text, err := psbtfile.Put(env, out, raw)
	if err != nil || text != "" && !env.Out.JSON() {
		return err
	}
	v.PSBT, v.File = text, out
	return env.Out.Result(schema, v, func(t *voice.Text) {
		t.Field("file", "%s", out)
		t.Field("signed", "%d of %s", v.Signed, voice.Count(len(v.Inputs), "input"))
		for i, in := range v.Inputs {
			if in.Threshold > 0 {
				t.Field("signatures", "%d of %d, input %d", len(in.SignedBy), in.Threshold, i)
			}
		}
		t.Field("complete", "%t", v.Complete)
	})
}

// runPSBTFinalize prints the transaction of a PSBT.
func runPSBTFinalize(ctx context.Context, env *session.Session, o psbtOptions) error {
	f, err := psbtfile.Read(env, o.Files[0])
	if err != nil {
		return err
	}
	tx, err := txbuilder.Finish(f.Packet)
	if err != nil {
		return err
	}
	w, err := env.Wallet(ctx)
	if err == nil {
		var deprived []paid.Entry
		if deprived, err = session.SignedElsewhere(env, w).Deprived(ctx, tx); err == nil {
			err = agreeToReplace(ctx, env, deprived)
		}
	}
	if err != nil && !errors.Is(err, wallet.ErrNotFound) { // without a wallet there is nothing to lose
		return err
	}
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		return err
	}
	doc := map[string]any{"txid": tx.TxHash().String(), "hex": hex.EncodeToString(raw.Bytes())}
	return env.Out.Result("wallet.psbt-finalize", doc, func(t *voice.Text) { t.Line("%x", raw.Bytes()) })
}

// runPSBTBroadcast sends the transaction of a PSBT.
func runPSBTBroadcast(ctx context.Context, env *session.Session, o psbtOptions) (err error) {
	f, err := psbtfile.Read(env, o.Files[0])
	if err != nil {
		return err
	}
	tx, err := txbuilder.Finish(f.Packet)
	if err != nil {
		return err
	}
	p := f.Packet
	if j, _, err := jobrun.PlannedBy(ctx, env, p); err != nil || j != nil {
		if err == nil {
			err = jobrun.RunAccepted(ctx, env, "wallet.psbt-broadcast", j, []*psbt.Packet{p}, jobrun.Options{Wait: jobrun.WaitBroadcast})
		}
		return err
	}
	w, err := env.SyncedWallet(ctx)
	if err != nil {
		return err
	}
	r, err := w.Inspect(ctx, p)
	if err != nil {
		return err
	}
	v := viewPSBT(w, env, f, r)
	packet := packetToSign(w, p, r, v.reading)
	if err := packet.CheckFee(); err != nil {
		return err
	}
	for _, row := range psbtLines(v) {
		env.Out.Show("note", row)
	}
	signed := session.SignedElsewhere(env, w)
	deprived, err := signed.Deprived(ctx, tx)
	if err != nil {
		return err
	}
	if err := agreeToReplace(ctx, env, deprived); err != nil {
		return err
	}
	if err := session.AgreeToFee(ctx, env, false, packet.Cost()); err != nil {
		return err
	}
	if err := env.Confirm(ctx, "Send it"); err != nil {
		return err
	}
	sent, err := signed.Send(ctx, tx, r.Ours > 0 || r.Back > 0)
	var but *payments.SentBut
	if errors.As(err, &but) {
		return faults.SentBut(ctx, but)
	}
	if err != nil {
		return err
	}
	session.Offered(env, sent.Offered)
	doc := map[string]any{"txid": sent.Txid.String(), "already_known": sent.Known, "fee_sat": int64(r.Fee), "net_sat": v.NetSat}
	return env.Out.Result("wallet.psbt-broadcast", doc, func(t *voice.Text) { t.Field("txid", "%s", sent.Txid) })
}

// agreeToReplace asks before a transaction takes money from somebody whom an unconfirmed payment of
// ours pays.
func agreeToReplace(ctx context.Context, env *session.Session, deprived []paid.Entry) error {
	for i := range deprived {
		e := &deprived[i]
		act := fmt.Sprintf("undo %s, which pays %s to others and is not in a block yet", e.Txid, voice.BTC(e.ToOthers()))
		if err := env.ConfirmDangerous(ctx, act, e.Txid.String()); err != nil {
			return err
		}
	}
	return nil
}
