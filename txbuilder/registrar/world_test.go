package registrar

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/nameop"
	"blockstack/storage/local"
	"blockstack/txbuilder"
	"blockstack/txbuilder/lastdays"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
)

// world is an in-memory Bitcoin, a real index over it, a wallet with real keys, and a journal in a
// file. A registrar over it can be killed at every boundary and started again.
type world struct {
	t       testing.TB
	btc     *chaintest.Bitcoin
	x       *index.Index
	w       *wallet
	params  *names.Params
	path    string // of the journal
	journal *BoltJournal
	r       *Registrar
	pub     *publisher
	events  []Event
	// kept are the transactions of its own that this home remembers, by txid.
	kept map[chainhash.Hash]*wire.MsgTx
	// days is the folder of the record of the last days; empty: the home keeps none.
	days   string
	disk   *disk  // nil: one that never fails
	copies string // folder with the copy of the journal, empty: none
	search string // folder with copies that are searched before a preorder, empty: none
	// writeCopy goes around each write of a copy. Nil: nothing does.
	writeCopy func(write func() error) error
	// sending looks at every transaction before it reaches the node. Nil: nobody.
	sending func(ctx context.Context, tx *wire.MsgTx)
	// kill is asked at every boundary; true stops the program there.
	kill func(boundary string) bool
	// fail gives an error at a boundary instead, without doing what it stands for.
	fail func(boundary string) error
}

// killed is what a stopped program panics with.
type killed struct{ at string }

var errFault = errors.New("injected fault")

type option func(*names.Params)

func newWorld(t testing.TB, options ...option) *world {
	t.Helper()
	w := newWallet(t)
	addr := w.address(w.payer)
	p := names.Sandbox(addr, big.NewInt(1e15))
	for _, o := range options {
		o(p)
	}
	dir := t.TempDir()
	x, err := index.Open(filepath.Join(dir, "index.db"), p, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	v := &world{t: t, btc: chaintest.New(), x: x, w: w, params: p, path: filepath.Join(dir, "journal.db"), pub: &publisher{}}
	w.btc, v.pub.v = v.btc, v
	t.Cleanup(func() {
		if v.journal != nil {
			_ = v.journal.Close()
		}
	})
	for range 4 {
		v.pay(w.payer, 1e7)
	}
	v.mine(1)
	v.open()
	return v
}

func (v *world) pay(script []byte, amount btcutil.Amount) {
	v.t.Helper()
	if _, err := v.btc.Pay(script, amount); err != nil {
		v.t.Fatal(err)
	}
}

// open starts the program: a fresh registrar over the journal file.
func (v *world) open() {
	v.t.Helper()
	if v.journal != nil {
		if err := v.journal.Close(); err != nil {
			v.t.Fatal(err)
		}
	}
	var err error
	if v.disk != nil {
		v.disk.reboot()
	}
	if v.journal, err = OpenJournal(v.path, time.Second); err != nil {
		v.t.Fatal(err)
	}
	var copies Copier
	if v.copies != "" {
		copies = NewCopies(v.journal, copyDisk{local.Mounted(v.copies), v.writeCopy}, testNet, testSeal)
	}
	var copied CopiedJobs
	if v.search != "" {
		copied = searched{v.journal, v.search}
	}
	var days LastDays
	if v.days != "" {
		if days, err = lastdays.Open(v.days, v.journal); err != nil {
			v.t.Fatal(err)
		}
	}
	v.r, err = New(Config{
		LastDays: days,
		Copies:   copies, Copied: copied, Journal: &faultyJournal{v.journal, v}, Chain: (*nodePort)(v), Names: (*namesPort)(v), Wallet: homeWallet{v.w, v}, Publisher: v.pub,
		Params: v.params, Net: &chaincfg.RegressionNetParams, Confirmations: 1,
		Owner:  func(s []byte) bool { return bytes.Equal(s, v.w.owner) },
		Notify: func(e Event) { v.events = append(v.events, e) },
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// with alters what the registrar works with.
func (v *world) with(alter func(*Config)) {
	cfg := v.r.cfg
	alter(&cfg)
	v.r = assemble(cfg)
}

// at is a boundary of the program.
func (v *world) at(boundary string) error {
	if v.kill != nil && v.kill(boundary) {
		panic(killed{boundary})
	}
	if v.fail != nil {
		return v.fail(boundary)
	}
	return nil
}

// survive runs a piece of the program until it ends or is killed.
func (v *world) survive(f func() error) (err error, dead bool) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(killed); !ok {
				panic(p)
			}
			dead = true
		}
	}()
	return f(), false
}

func (v *world) mine(n int) {
	v.t.Helper()
	v.btc.Mine(n)
	v.follow()
}

func (v *world) follow() {
	v.t.Helper()
	if err := v.x.Follow(v.t.Context(), v.btc, nil); err != nil {
		v.t.Fatal(err)
	}
}

func (v *world) height() int32 {
	v.t.Helper()
	h, _, err := v.btc.Tip(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	return h
}

// register is the usual request.
func (v *world) register(name string) Request {
	v.t.Helper()
	n, err := names.Parse(name)
	if err != nil {
		v.t.Fatal(err)
	}
	zf := "$ORIGIN " + name + "\n$TTL 3600\n_http._tcp\tIN\tURI\t10\t1\t\"https://example.com/profile.json\"\n\n"
	return Request{Kind: KindRegister, Name: n, Owner: v.w.owner, ZoneFile: []byte(zf), Rate: txbuilder.SatPerVByte(10)}
}

func (v *world) launchRequest(id string, version uint16) Request {
	return Request{Kind: KindLaunch, Owner: v.w.revealer, Rate: txbuilder.SatPerVByte(10), Namespace: &nameop.NamespaceReveal{
		ID: id, Version: version, Lifetime: 52595, Coeff: 4, Base: 4, Buckets: [16]byte{6, 5, 4, 3, 2, 1, 1}, NonAlphaDiscount: 10, NoVowelDiscount: 10}}
}

// launch runs a namespace launch to its end.
func (v *world) launch(id string, version uint16) *Job {
	v.t.Helper()
	return v.run(v.launchRequest(id, version))
}

// run starts a request and mines until the job is over.
func (v *world) run(req Request) *Job {
	v.t.Helper()
	j, err := v.r.Start(v.t.Context(), req)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.finish(j.ID)
}

// finish advances and mines until the job is over.
func (v *world) finish(id ID) *Job {
	v.t.Helper()
	for range 60 {
		j := v.advance(id)
		if !j.Open() {
			return j
		}
		v.mine(1)
	}
	v.t.Fatalf("job %s does not end", id)
	return nil
}

func (v *world) advance(id ID) *Job {
	v.t.Helper()
	j, err := v.r.Advance(v.t.Context(), id)
	if err != nil {
		v.t.Fatal(err)
	}
	return j
}

// nodePort is the Chain.
type nodePort world

func (p *nodePort) Tip(ctx context.Context) (int32, chainhash.Hash, error) { return p.btc.Tip(ctx) }

func (p *nodePort) Broadcast(ctx context.Context, tx *wire.MsgTx) error {
	if err := (*world)(p).at("before broadcast"); err != nil {
		return err
	}
	if p.sending != nil {
		p.sending(ctx, tx)
	}
	if _, err := p.btc.Broadcast(ctx, tx); err != nil {
		var no *chain.Refused
		if errors.As(err, &no) {
			class := map[chain.RefusalCode]RefusalClass{chain.InsufficientFee: RefusedFee, chain.NoRoom: RefusedRow, chain.MissingInputs: RefusedCoins, chain.Conflict: RefusedCoins}[no.Code]
			return &Refused{Txid: no.Txid, Class: class, Reason: no.Reason}
		}
		return err
	}
	(*world)(p).keep(tx)
	return (*world)(p).at("after broadcast")
}

func (p *nodePort) RelayFees(ctx context.Context) (RelayFees, error) {
	f, err := p.btc.RelayFees(ctx)
	return RelayFees{Floor: txbuilder.FeeRate(f.Floor), Increment: txbuilder.FeeRate(f.Increment)}, err
}

func (p *nodePort) HangingFees(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error) {
	return p.btc.HangingFees(ctx, txid)
}

func (p *nodePort) Unconfirmed(ctx context.Context) (txs []*wire.MsgTx, complete bool, err error) {
	ids, err := p.btc.MempoolTxs(ctx)
	for _, id := range ids {
		tx, err := p.btc.Tx(ctx, id)
		if err != nil {
			return nil, false, err
		}
		txs = append(txs, tx)
	}
	return txs, true, err
}

func (p *nodePort) TxStatus(ctx context.Context, txid chainhash.Hash) (TxStatus, error) {
	s, err := p.btc.TxStatus(ctx, txid)
	return TxStatus{InMempool: s.InMempool, Height: max(s.Height, 0)}, err
}

func (p *nodePort) BlockAt(ctx context.Context, height int32) (*wire.MsgBlock, error) {
	hash, err := p.btc.HashAt(ctx, height)
	if err != nil {
		return nil, err
	}
	raw, err := p.btc.RawBlock(ctx, hash)
	if err != nil {
		return nil, err
	}
	var b wire.MsgBlock
	return &b, b.Deserialize(bytes.NewReader(raw))
}

// namesPort is the Names.
type namesPort world

func (p *namesPort) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	t, err := p.x.Tip(ctx)
	return t.Height, t.Hash, err
}
func (p *namesPort) Record(ctx context.Context, n names.Name) (names.Record, error) {
	return p.x.Record(ctx, n)
}
func (p *namesPort) NamesOf(ctx context.Context, owner []byte) ([]names.Record, error) {
	all, err := p.x.NamesOf(ctx, owner)
	return slices.DeleteFunc(all, func(r names.Record) bool { return r.Status != names.Registered && r.Status != names.Grace }), err
}
func (p *namesPort) Namespace(ctx context.Context, id names.NamespaceID) (names.Namespace, error) {
	return p.x.Namespace(ctx, id)
}
func (p *namesPort) ExactUntil(ctx context.Context) (*int32, error) {
	tip, err := p.x.Tip(ctx)
	if err != nil || tip.ExactUntil >= tip.Height {
		return nil, err
	}
	return &tip.ExactUntil, nil
}
func (p *namesPort) Preordered(ctx context.Context, h names.PreorderHash) (bool, error) {
	_, ok, err := p.x.Preorder(ctx, h)
	return ok, err
}
func (p *namesPort) NamespacePreordered(ctx context.Context, h names.PreorderHash) (bool, error) {
	_, ok, err := p.x.NamespacePreorder(ctx, h)
	return ok, err
}
func (p *namesPort) PreordersBy(ctx context.Context, sender []byte) (list []Outstanding, err error) {
	rows, err := p.x.PreordersBySender(ctx, sender)
	for _, row := range rows {
		list = append(list, Outstanding{Hash: row.Hash, Namespace: row.Namespace, Txid: row.At.Txid, Height: row.At.Height, Sender: row.Sender})
	}
	return list, err
}
func (p *namesPort) Balance(ctx context.Context, address string) (*big.Int, bool, error) {
	return p.x.Account(ctx, address, names.MicroStacks)
}
func (p *namesPort) ConsensusHash(ctx context.Context, height int32) (names.ConsensusHash, error) {
	return p.x.ConsensusHash(ctx, height)
}
func (p *namesPort) OpStatus(ctx context.Context, txid chainhash.Hash) (OpStatus, bool, error) {
	s, ok, err := p.x.OpStatus(ctx, txid)
	return OpStatus{Height: s.Height, Accepted: s.Accepted, Reason: s.Reason}, ok, err
}

// faultyJournal stops or fails around every write.
type faultyJournal struct {
	*BoltJournal
	v *world
}

func (f *faultyJournal) Save(ctx context.Context, j *Job) error {
	if err := f.v.at("before save " + j.State.String()); err != nil {
		return err
	}
	if err := f.v.disk.save(f.v.path, !f.Flushes(), func() error { return f.BoltJournal.Save(ctx, j) }); err != nil {
		return err
	}
	return f.v.at("after save " + j.State.String())
}

// publisher remembers what it was given.
type publisher struct {
	v     *world
	files map[names.ZoneFileHash]int
}

func (p *publisher) Publish(_ context.Context, _ names.Name, zf []byte) ([]string, error) {
	if err := p.v.at("before publish"); err != nil {
		return nil, err
	}
	if p.files == nil {
		p.files = map[names.ZoneFileHash]int{}
	}
	p.files[names.HashZoneFile(zf)]++
	return []string{"memory"}, p.v.at("after publish")
}
