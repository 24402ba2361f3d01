package wallet

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// Inspection is what a PSBT does, judged by our own keys and not by what it says.
type Inspection struct {
	Inputs  []InspectedPart
	Outputs []InspectedPart
	Fee     btcutil.Amount // valid with FeeKnown
	// FeeKnown says that every input proves or at least states what it spends.
	FeeKnown bool
	Ours     btcutil.Amount // inputs that are ours
	Back     btcutil.Amount // outputs that are ours
	Proof    Proof          // why they are taken for ours
}

// InspectedPart is an input or output of a PSBT.
type InspectedPart struct {
	OutPoint wire.OutPoint // inputs
	Known    bool          // inputs: what is spent is known
	Proven   bool          // inputs: the previous transaction is there
	Amount   btcutil.Amount
	Script   []byte
	Ours     bool
	// TooFar: an output pays a key of ours that no restore looks for (package watched, reach.go).
	// It is a payment, not change.
	TooFar bool
	Key    scripts.Key // valid with Ours or TooFar
}

// Inspect finds out which inputs and outputs of a PSBT are ours. It needs neither the password nor
// a node; Proof says what it goes by. An output is ours only where a restore from the seed would
// find it. ErrPSBT: it contradicts itself, or it says that an output is ours whose key pays
// elsewhere.
func (s *Signing) Inspect(ctx context.Context, p *psbt.Packet) (*Inspection, error) {
	if p == nil || p.UnsignedTx == nil || len(p.Inputs) != len(p.UnsignedTx.TxIn) || len(p.Outputs) != len(p.UnsignedTx.TxOut) {
		return nil, fmt.Errorf("%w: the PSBT is incomplete", ErrPSBT)
	}
	reach, err := s.keys.Reach(ctx)
	if err != nil {
		return nil, err
	}
	r := &Inspection{FeeKnown: true, Proof: s.proof()}
	shared := &sets{from: make(map[string]btcutil.Amount)}
	if err := s.inspectInputs(ctx, p, r, shared); err != nil {
		return nil, err
	}
	useInputs(reach, r.Inputs)
	for i, o := range p.UnsignedTx.TxOut {
		if o.Value < 0 || o.Value > btcutil.MaxSatoshi {
			return nil, fmt.Errorf("%w: output %d: %d sat is not an amount", ErrPSBT, i, o.Value)
		}
		part := InspectedPart{Known: true, Amount: btcutil.Amount(o.Value), Script: o.PkScript}
		if part.Key, part.Ours, err = s.owner(ctx, o.PkScript, p.Outputs[i].Bip32Derivation, p.Outputs[i].TaprootBip32Derivation); err != nil {
			return nil, fmt.Errorf("output %d: %w", i, err)
		}
		if k, ok := shared.takes(o); ok && !part.Ours {
			part.Key, part.Ours = k, true
		}
		if part.Ours && !reach.Has(part.Key) {
			part.Ours, part.TooFar = false, true
		}
		if r.Fee -= part.Amount; part.Ours {
			r.Back += part.Amount
		}
		r.Outputs = append(r.Outputs, part)
	}
	if r.FeeKnown && r.Fee < 0 {
		return nil, fmt.Errorf("%w: it pays more than its inputs hold", ErrPSBT)
	}
	return r, nil
}

// useInputs extends the reach by the inputs that are ours and proven, the nearest first: a
// transaction that can be mined spends what is on the chain, where a restore finds it.
func useInputs(reach *watched.Reach, inputs []InspectedPart) {
	var keys []scripts.Key
	for _, in := range inputs {
		if in.Ours && in.Proven {
			keys = append(keys, in.Key)
		}
	}
	slices.SortFunc(keys, func(a, b scripts.Key) int { return cmp.Compare(a.Index, b.Index) })
	for _, k := range keys {
		reach.Use(k)
	}
}

// sets are the scripts of several keys that a PSBT spends and that we sign with others. One that is
// not on our list may be anybody's idea: what goes back to it counts as ours as far as it came from
// it, or from others, and not from our coins.
type sets struct {
	from   map[string]btcutil.Amount // what is left of what was taken from each
	others btcutil.Amount            // what is left of what others put in
}

// takes says whether an output goes back to where it came from.
func (s *sets) takes(o *wire.TxOut) (scripts.Key, bool) {
	left, ok := s.from[string(o.PkScript)]
	short := max(0, btcutil.Amount(o.Value)-left)
	if !ok || short > s.others {
		return scripts.Key{}, false
	}
	s.from[string(o.PkScript)], s.others = max(0, left-btcutil.Amount(o.Value)), s.others-short
	return scripts.Key{Role: scripts.Shared, Kind: scripts.P2SH, Script: o.PkScript}, true
}

// inspectInputs looks at the inputs. shared takes what they spend of scripts of several keys.
func (s *Signing) inspectInputs(ctx context.Context, p *psbt.Packet, r *Inspection, shared *sets) error {
	seen := make(map[wire.OutPoint]bool)
	for i, in := range p.UnsignedTx.TxIn {
		if seen[in.PreviousOutPoint] {
			return fmt.Errorf("%w: input %d: %s is spent twice", ErrPSBT, i, in.PreviousOutPoint)
		}
		seen[in.PreviousOutPoint] = true
		part := InspectedPart{OutPoint: in.PreviousOutPoint}
		if p.Inputs[i].NonWitnessUtxo != nil || p.Inputs[i].WitnessUtxo != nil {
			out, err := keychain.SpentOutput(&p.Inputs[i], in.PreviousOutPoint)
			if err != nil {
				return fmt.Errorf("%w: input %d: %w", ErrPSBT, i, err)
			}
			part.Known, part.Proven, part.Amount, part.Script = true, p.Inputs[i].NonWitnessUtxo != nil, btcutil.Amount(out.Value), out.PkScript
			if part.Key, part.Ours, err = s.owner(ctx, out.PkScript, p.Inputs[i].Bip32Derivation, p.Inputs[i].TaprootBip32Derivation); err != nil {
				return fmt.Errorf("input %d: %w", i, err)
			}
			if !part.Ours {
				mine, err := s.sharedKeys(ctx, &p.Inputs[i], out.PkScript)
				if err != nil {
					return fmt.Errorf("input %d: %w", i, err)
				}
				if part.Ours = len(mine) > 0; part.Ours {
					part.Key = scripts.Key{Role: scripts.Shared, Kind: scripts.P2SH, Script: out.PkScript}
					if part.Proven {
						shared.from[string(out.PkScript)] += part.Amount
					}
				}
			}
		}
		if r.Fee += part.Amount; part.Ours {
			r.Ours += part.Amount
		} else {
			shared.others += part.Amount
		}
		r.FeeKnown = r.FeeKnown && part.Known
		r.Inputs = append(r.Inputs, part)
	}
	return nil
}

// owner finds a script among ours: among the keys that are watched, else at the place in a payment
// account that the PSBT names.
func (s *Signing) owner(ctx context.Context, script []byte, plain []*psbt.Bip32Derivation, taproot []*psbt.TaprootBip32Derivation) (scripts.Key, bool, error) {
	k, ok, err := s.keys.Lookup(ctx, script)
	if err != nil || ok {
		return k, ok, err
	}
	for _, d := range plain {
		if !s.roots.isOurs(d.MasterKeyFingerprint) {
			continue
		}
		if k, ok, err := s.ringAt(ctx, script, d.Bip32Path); err != nil || ok {
			return k, ok, err
		}
		return s.atPath(ctx, script, d.Bip32Path)
	}
	for _, d := range taproot {
		if s.roots.isOurs(d.MasterKeyFingerprint) && len(d.LeafHashes) == 0 {
			return s.atPath(ctx, script, d.Bip32Path)
		}
	}
	return scripts.Key{}, false, nil
}

// atPath holds a script to the payment key at a path. Hardened paths cannot be checked without the
// password; they are not taken for ours.
func (s *Signing) atPath(ctx context.Context, script []byte, path keychain.Path) (scripts.Key, bool, error) {
	for _, kind := range scripts.Kinds() {
		k := scripts.Key{Role: scripts.Payment, Kind: kind}
		n := len(path) - 2 // steps of the account
		if n < 0 || path[n] > scripts.Change || path[n+1] >= keychain.Hardened {
			continue
		}
		k.Branch, k.Index = path[n], path[n+1]
		if s.roots.path(k).String() != path.String() {
			continue
		}
		account, err := s.keys.Account(ctx, kind)
		if errors.Is(err, labels.ErrNotFound) {
			continue
		}
		if err != nil {
			return k, false, err
		}
		for _, step := range path[n:] {
			if account, err = account.Derive(step); err != nil {
				return k, false, err
			}
		}
		pub, err := account.ECPubKey()
		if err != nil {
			return k, false, err
		}
		return s.sameScript(kind, k, pub, script)
	}
	return scripts.Key{}, false, nil
}

// sameScript fills in a key and compares its script.
func (s *Signing) sameScript(kind scripts.Kind, k scripts.Key, pub *btcec.PublicKey, script []byte) (scripts.Key, bool, error) {
	full, err := scripts.NewPaymentKey(s.roots.net, kind, k.Branch, k.Index, pub)
	if err != nil {
		return k, false, err
	}
	if !bytes.Equal(full.Script, script) {
		return k, false, fmt.Errorf("%w: it is said to be our %s, and pays elsewhere", ErrPSBT, s.roots.path(k))
	}
	return full, true, nil
}
