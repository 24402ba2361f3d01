package snv

import (
	"bytes"
	"context"
	"fmt"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/nameop"
)

// RecheckNamespace computes the rules of a namespace again before its prices are paid: from the
// transaction of its reveal, and from the ops hashes and consensus hashes of the blocks of reveal
// and ready. Rules that the operations do not give are an *index.Difference.
func RecheckNamespace(ctx context.Context, x Index, c Source, ns names.Namespace) error {
	m := &prover{ctx: ctx, x: x, p: x.Params(), codec: newCodec(x.Params())}
	if err := (&lifeCheck{prover: m, source: c}).rulesOf(ns); err != nil {
		return fmt.Errorf("check the rules of namespace %s: %w", ns.ID, err)
	}
	return nil
}

// rulesOf goes through the last reveal of a namespace and what followed it.
func (k *lifeCheck) rulesOf(ns names.Namespace) error {
	tip, err := k.x.Tip(k.ctx)
	if err != nil {
		return err
	}
	k.o.Height = tip.Height
	list, err := k.history(string(ns.ID))
	if err != nil {
		return err
	}
	var reveal, ready *index.HistoryEntry
	for i := range list {
		switch e := &list[i]; {
		case e.Space == nil:
		case e.Space.Ready():
			ready = e
		default:
			reveal, ready = e, nil
		}
	}
	if reveal == nil {
		return &index.Difference{What: "no operation reveals it"}
	}
	differs := func(what string) error {
		return &index.Difference{Height: reveal.At.Height, What: fmt.Sprintf("transaction %s: %s", reveal.At.Txid, what)}
	}
	row, _, err := k.block(reveal.At)
	if err != nil {
		return err
	}
	in, err := k.transaction(row.Hash, *reveal)
	if err != nil {
		return err
	}
	said, err := in.op(k.p)
	if err != nil {
		return differs(err.Error())
	}
	r, ok := said.(nameop.NamespaceReveal)
	if !ok || r.ID != string(ns.ID) || int(r.Version) != ns.Version || r.Lifetime != ns.Lifetime || r.Coeff != ns.Coeff || r.Base != ns.Base ||
		r.Buckets != ns.Buckets || r.NonAlphaDiscount != ns.NonAlphaDiscount || r.NoVowelDiscount != ns.NoVowelDiscount || ns.RevealHeight != reveal.At.Height {
		return differs("it reveals other rules")
	}
	payer, err := k.sender(row.Hash, in)
	if err != nil {
		return err
	}
	address := ""
	if payer != nil {
		address, _ = k.p.ScriptAddress(payer) // of a script without one there is none
	}
	if len(in.tx.TxOut) < 2 || !bytes.Equal(in.tx.TxOut[1].PkScript, ns.RevealerScript) || address != ns.PayerAddress {
		return differs("somebody else revealed it")
	}
	readyAt := int32(0)
	if ready != nil {
		readyAt = ready.At.Height
		if _, _, err := k.block(ready.At); err != nil {
			return err
		}
	}
	if ns.ReadyHeight != readyAt {
		return differs("it was made ready at another height")
	}
	return nil
}
