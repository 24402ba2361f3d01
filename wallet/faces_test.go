package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet"
	"blockstack/wallet/labels"
)

// What others ask of a wallet, by role; txbuilder and profile declare the like.
var (
	_ interface {
		Spendable(ctx context.Context, minConf int32) ([]wtxmgr.Credit, error)
		PrevTx(ctx context.Context, op wire.OutPoint) (*wire.MsgTx, error)
		ChangeScript(ctx context.Context) ([]byte, error)
	} = (*wallet.Money)(nil)
	_ interface {
		Sign(ctx context.Context, p *psbt.Packet) error
		Inspect(ctx context.Context, p *psbt.Packet) (*wallet.Inspection, error)
	} = (*wallet.Signing)(nil)
	_ interface {
		Labels(ctx context.Context) ([]labels.Label, error)
	} = (*wallet.Notes)(nil)
	_ interface {
		OwnerScript(ctx context.Context, i uint32) ([]byte, error)
	} = (*wallet.Addresses)(nil)
)

// TestFaces uses a wallet from many goroutines through its faces, while others lock and unlock it:
// every answer is right, or says that the wallet is locked.
func TestFaces(t *testing.T) {
	cfg := home(t)
	create(t, cfg, phraseA)
	w, err := wallet.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx := testContext(t)
	owner, err := w.Addresses.OwnerAddress(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	fingerprint := w.Fingerprint()
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: 1}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(1000, owner.Script))
	var wg sync.WaitGroup
	each := func(n int, f func(i int) error) {
		for i := range n {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for range 3 {
					if err := f(i); err != nil && !errors.Is(err, wallet.ErrLocked) && !errors.Is(err, labels.ErrBusy) {
						t.Error(err)
					}
				}
			}()
		}
	}
	each(2, func(int) error { return w.Unlock(ctx, text(password)) })
	each(1, func(int) error { w.Lock(); return nil })
	each(3, func(int) error {
		a, err := w.Addresses.OwnerAddress(ctx, 0)
		if err == nil && a.Text != owner.Text || w.Fingerprint() != fingerprint {
			return fmt.Errorf("identity 0 is %s of %s", a.Text, w.Fingerprint())
		}
		return err
	})
	each(3, func(i int) error {
		return w.Notes.SetLabel(ctx, labels.Label{Type: labels.Tx, Ref: fmt.Sprint(i), Text: "x"})
	})
	each(3, func(int) error {
		b, err := w.Money.Balance(ctx)
		if err == nil && b.Total() != btcutil.Amount(0) {
			return fmt.Errorf("a new wallet has %s", b.Total())
		}
		return err
	})
	each(3, func(int) error {
		p, err := psbt.NewFromUnsignedTx(tx)
		if err != nil {
			return err
		}
		r, err := w.Signing.Inspect(ctx, p)
		if err == nil && (r.Back != 1000 || r.Proof == wallet.ProofNone) {
			return fmt.Errorf("it gives back %s, by %q", r.Back, r.Proof)
		}
		return err
	})
	each(2, func(int) error {
		if p := w.Proof(); p != wallet.ProofSeed && p != wallet.ProofList {
			return fmt.Errorf("scripts are believed by %q", p)
		}
		return errors.Join(w.ListError())
	})
	each(2, func(int) error { _, _, err := w.Signing.SignMessage(ctx, owner.Text, "hello"); return err })
	wg.Wait()
	unlock(t, w)
	if list, err := w.Notes.Labels(ctx); err != nil || len(list) != 3 {
		t.Errorf("labels %v, %v", list, err)
	}
	if w.Proof() != wallet.ProofSeed || w.Repaired() != 0 {
		t.Errorf("proof %q, %d rows repaired", w.Proof(), w.Repaired())
	}
}
