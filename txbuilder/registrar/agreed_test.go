package registrar

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"math/big"
	"slices"
	"testing"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/wallet/chain/chaintest"
)

// notary is a wallet that marks what was agreed to.
type notary struct {
	homeWallet
	here *[][]byte // agreed to while it was locked
}

func (n notary) mark(text []byte) []byte {
	h := hmac.New(sha256.New, []byte("the seed"))
	h.Write(text)
	return h.Sum(nil)
}

func (n notary) Agree(_ context.Context, text []byte) ([]byte, error) {
	if n.locked {
		*n.here = append(*n.here, text)
		return nil, nil
	}
	return n.mark(text), nil
}

func (n notary) Agreed(_ context.Context, text, mark []byte) (bool, error) {
	return slices.ContainsFunc(*n.here, func(b []byte) bool { return bytes.Equal(b, text) }) || hmac.Equal(n.mark(text), mark), nil
}

// notarize starts the program with such a wallet.
func (v *world) notarize() {
	v.open()
	v.with(func(c *Config) { c.Wallet = notary{c.Wallet.(homeWallet), new([][]byte)} })
}

// rewritten writes a job into the journal as another program would.
func (v *world) rewritten(j *Job, change func(*Job)) *Job {
	v.t.Helper()
	n, err := job.Clone(j)
	if err != nil {
		v.t.Fatal(err)
	}
	change(n)
	if err := v.journal.Save(v.t.Context(), n); err != nil {
		v.t.Fatal(err)
	}
	v.notarize()
	return n
}

// Nothing is signed for an intention that somebody wrote into the journal, and a name goes to
// nobody whom the user has not agreed to.
func TestRewrittenIntention(t *testing.T) {
	v := owned(t)
	v.notarize()
	thief := v.w.add(66, false)
	req := v.ask(KindTransfer)
	j, err := v.r.Start(t.Context(), req)
	if err != nil || len(j.Mark) == 0 {
		t.Fatalf("%+v %v", j, err)
	}
	for name, change := range map[string]func(*Job){
		"another receiver":        func(j *Job) { j.Request.To = thief },
		"the zone file is erased": func(j *Job) { j.Request.Erase = true },
		"another operation":       func(j *Job) { j.Request.Kind, j.Request.To = KindRevoke, nil },
		"another ceiling":         func(j *Job) { j.Request.MaxTotal = 1e8 },
		"no mark":                 func(j *Job) { j.Mark = nil },
		"another mark":            func(j *Job) { j.Mark = bytes.Repeat([]byte{1}, 32) },
		"the mark of another job": func(j *Job) { j.ID = "0123456789" },
	} {
		signed := v.w.signed
		n := v.rewritten(j, change)
		_, err := v.r.Advance(t.Context(), n.ID)
		var no *NotAgreed
		if !errors.As(err, &no) || no.Job.ID != n.ID || v.w.signed != signed {
			t.Errorf("%s: %v, %d signed", name, err, v.w.signed-signed)
		}
	}
	// What is signed already is sent, and given up, but nothing newer is signed.
	j = v.rewritten(j, func(*Job) {})
	if j = v.advance(j.ID); j.State != UpdateSigned || len(j.Mark) == 0 {
		t.Fatalf("%s", j.State)
	}
	n := v.rewritten(j, func(j *Job) { j.Request.To = thief })
	signed := v.w.signed
	if _, err := v.r.Advance(t.Context(), n.ID); err != nil {
		t.Error(err)
	}
	if _, err := v.r.build.TxsFor(t.Context(), n, Action{Do: DoSign, Role: RoleTransfer, Replace: true}); !errors.As(err, new(*NotAgreed)) || v.w.signed != signed {
		t.Errorf("a newer version: %v", err)
	}
	if _, err := v.r.build.TxsFor(t.Context(), n, Action{Do: DoSign, Role: RoleReturn}); err != nil {
		t.Errorf("giving it up: %v", err)
	}
	v.mine(1)
	if rec := v.status("alice.id"); !bytes.Equal(rec.Owner, v.w.payer2) {
		t.Errorf("alice.id is owned by %x", rec.Owner)
	}
}

// A job that the user agrees to afterwards goes on. One that was agreed to while the wallet was
// locked is marked when it signs.
func TestAgreeAfterwards(t *testing.T) {
	v := owned(t)
	v.notarize()
	v.w.locked = true
	j, err := v.r.Start(t.Context(), v.ask(KindUpdate))
	if err != nil || j.Mark != nil {
		t.Fatalf("%+v %v", j, err)
	}
	if _, err := v.r.Advance(t.Context(), j.ID); !errors.Is(err, ErrNeedsKey) {
		t.Fatal(err)
	}
	v.w.locked = false
	if j = v.advance(j.ID); j.State != UpdateSigned || len(j.Mark) == 0 {
		t.Fatalf("%s, mark %x", j.State, j.Mark)
	}
	v.mine(1)
	if j = v.advance(j.ID); j.State != Done {
		t.Fatal(j.State)
	}
	old := v.rewritten(j, func(j *Job) {
		*j = Job{ID: "abcdef0123", State: Planned, Request: v.ask(KindRenew), Created: j.Created, Updated: j.Updated}
	})
	if _, err := v.r.Advance(t.Context(), old.ID); !errors.As(err, new(*NotAgreed)) {
		t.Fatalf("a job of an older program: %v", err)
	}
	if err := v.r.Agree(t.Context(), old.ID); err != nil {
		t.Fatal(err)
	}
	v.notarize()
	if j = v.advance(old.ID); j.State != UpdateSigned {
		t.Error(j.State)
	}
}

// The coins of a batch are the series', and the names of a series those of its list.
func TestRewrittenBatch(t *testing.T) {
	v := owned(t)
	v.notarize()
	thief := v.w.add(66, false)
	b, err := v.r.PlanBatch(t.Context(), v.batch("bob.id", "carol.id"))
	if err != nil {
		t.Fatal(err)
	}
	split, series, err := v.r.StartBatch(t.Context(), b)
	if err != nil || len(series) != 1 || len(split.Mark) == 0 || len(series[0].Mark) == 0 {
		t.Fatalf("%+v %+v %v", split, series, err)
	}
	signed := v.w.signed
	n := v.rewritten(split, func(j *Job) { j.Request.Split.Outputs[0].Script = thief })
	v.btc.SetRelay(chaintest.CoreRelay(0))
	v.floor(100) // so that the split has to be made dearer
	if _, err := v.r.Advance(t.Context(), n.ID); !errors.As(err, new(*NotAgreed)) || v.w.signed != signed {
		t.Errorf("the split: %v, %d signed", err, v.w.signed-signed)
	}
	v.floor(1)
	v.rewritten(split, func(*Job) {})
	one := v.rewritten(series[0], func(j *Job) { j.Request.Series.Items[0].Owner = thief })
	if _, err := v.r.Advance(t.Context(), one.ID); !errors.As(err, new(*NotAgreed)) || v.w.signed != signed {
		t.Errorf("the series: %v, %d signed", err, v.w.signed-signed)
	}
	v.rewritten(series[0], func(*Job) {})
	if j, err := v.r.Advance(t.Context(), series[0].ID); err != nil || v.w.signed == signed {
		t.Errorf("%+v %v", j, err)
	}
	if rec := v.status("bob.id"); rec.Status != names.Available {
		t.Errorf("%s", rec.Status)
	}
}

// What the journal says of change and of the price of a renewal turns no money to a stranger.
func TestRewrittenPayees(t *testing.T) {
	v := owned(t)
	v.notarize()
	his := bytes.Repeat([]byte{7}, 20)
	script := names.PubKeyHashScript([20]byte(his))
	j, err := v.r.Start(t.Context(), v.ask(KindRenew))
	if err != nil {
		t.Fatal(err)
	}
	if j = v.advance(j.ID); j.State != UpdateSigned {
		t.Fatal(j.State)
	}
	sign := func(n *Job) error {
		m, err := v.r.build.TxsFor(t.Context(), n, Action{Do: DoSign, Role: RoleRenew, Replace: true})
		if err == nil {
			err = m.Make(t.Context(), Action{Do: DoSign, Role: RoleRenew, Replace: true})
		}
		return err
	}
	price, err := txbuilder.Price{Unit: j.Price.Unit, Amount: j.Price.Amount}.Sat()
	if err != nil {
		t.Fatal(err)
	}
	signed := v.w.signed
	if err := sign(v.rewritten(j, func(j *Job) { j.Price.Payee = script })); !errors.Is(err, ErrBadJournal) || v.w.signed != signed {
		t.Errorf("another payee: %v, %d signed", err, v.w.signed-signed)
	}
	for name, change := range map[string]func(p *Price){
		"a higher price":       func(p *Price) { p.Amount = new(big.Int).Mul(p.Amount, big.NewInt(100)) },
		"a lower price":        func(p *Price) { p.Amount = big.NewInt(1) },
		"tokens for the price": func(p *Price) { p.Unit = names.MicroStacks },
	} {
		n := v.rewritten(j, func(j *Job) { change(j.Price) })
		m, err := v.r.build.TxsFor(t.Context(), n, Action{Do: DoSign, Role: RoleRenew, Replace: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Make(t.Context(), Action{Do: DoSign, Role: RoleRenew, Replace: true}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p := m.Planned[len(m.Planned)-1].Plan; p.Burn.ToBTC() != price.ToBTC() || n.Price.Unit != names.Satoshi {
			t.Errorf("%s: %s are paid for a price of %s", name, p.Burn, price)
		}
	}
	signed = v.w.signed
	if err := sign(v.rewritten(j, func(*Job) {})); err != nil || v.w.signed == signed {
		t.Errorf("a newer version: %v", err)
	}
	v.w.change = append([]byte{0, 20}, his...) // of a kind that the name system does not read: the sender's script is taken
	m, err := v.r.build.TxsFor(t.Context(), v.rewritten(j, func(j *Job) { j.Sender = script }), Action{Do: DoSign, Role: RoleRenew, Replace: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.OptionalChange(t.Context(), new(txbuilder.Funding)); !errors.Is(err, ErrBadJournal) {
		t.Errorf("change to another sender: %v", err)
	}
}

// Of two commands that planned the same list at once, the second is told that the job was begun
// meanwhile, and to look again; nothing asks it to give that job up.
func TestListBegunMeanwhile(t *testing.T) {
	v := owned(t)
	first, err := v.r.PlanBatch(t.Context(), v.batch("bob.id", "carol.id"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := v.r.PlanBatch(t.Context(), v.batch("bob.id", "carol.id"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := v.r.StartBatch(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	var c *Conflict
	if _, _, err := v.r.StartBatch(t.Context(), second); !errors.As(err, &c) || !c.Begun || c.What != "" {
		t.Errorf("%v", err)
	}
}
