package terms

import (
	"errors"
	"math/big"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/zonefile"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/ports/portstest"
	"blockstack/txbuilder/registrar/reserve"
)

const zone = "$ORIGIN alice.id\n$TTL 3600\n_http._tcp\tIN\tURI\t10\t1\t\"https://example.com/profile.json\"\n\n"

// open is a world at block 1000 in which the namespace id is open, and its checks.
func open() (*portstest.World, *Checks) {
	w := portstest.New(1000)
	w.Names.Spaces["id"] = names.Namespace{Version: 1, Lifetime: 52595, Coeff: 4, Base: 4, Buckets: [16]byte{6, 5, 4, 3, 2, 1, 1}, NonAlphaDiscount: 1,
		NoVowelDiscount: 1, Status: names.NamespaceIsReady, RevealHeight: 10, ReadyHeight: 20}
	return w, &Checks{World: w.Ports(), Search: own.NewSearch(w.Ports(), nil)}
}

func registers(t *testing.T) *job.Job {
	return &job.Job{ID: "a", State: job.Planned, Request: job.Request{Kind: job.KindRegister, Name: portstest.Name(t, "alice.id"), Owner: portstest.Script(1)}}
}

// TestQuote quotes a block that a small reorg does not take away, and none before the first that
// the rules know.
func TestQuote(t *testing.T) {
	for height, want := range map[int32]int32{1000: 995, 11: 6, 10: 5, 7: 5, 3: 3} {
		w, c := open()
		w.At(height)
		hash, err := w.Names.ConsensusHash(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		q, err := c.Quote(t.Context())
		if err != nil || q.Tip != height || q.Consensus != hash || q.Window != want+w.Params.ConsensusWindow {
			t.Errorf("at block %d: %+v, %v; want the hash of block %d", height, q, err, want)
		}
	}
	w, c := open()
	if w.Names.Height--; !errors.Is(func() error { _, err := c.Quote(t.Context()); return err }(), job.ErrIndexBehind) {
		t.Error("quotes by an index that is behind")
	}
}

// TestRegister refuses to pay for what cannot be had.
func TestRegister(t *testing.T) {
	rec := func(s names.Status) func(*portstest.World, *job.Job) {
		return func(w *portstest.World, j *job.Job) {
			w.Names.Records[j.Request.Name] = names.Record{Status: s, Owner: portstest.Script(2), OwnerAddress: "somebody", ExpiresAt: 900, GraceEnds: 5900}
		}
	}
	space := func(s names.NamespaceStatus) func(*portstest.World, *job.Job) {
		return func(w *portstest.World, _ *job.Job) {
			ns := w.Names.Spaces["id"]
			ns.Status = s
			w.Names.Spaces["id"] = ns
		}
	}
	away := errors.New("away")
	for what, c := range map[string]struct {
		put  func(*portstest.World, *job.Job)
		want error
		code string
	}{
		"free":                        {func(*portstest.World, *job.Job) {}, nil, ""},
		"expired":                     {rec(names.Expired), nil, ""},
		"registered":                  {rec(names.Registered), &NameTaken{}, "name_taken"},
		"in grace":                    {rec(names.Grace), &NameTaken{}, "in_grace"},
		"revoked":                     {rec(names.Revoked), &NameTaken{}, "revoked"},
		"no namespace":                {func(w *portstest.World, _ *job.Job) { clear(w.Names.Spaces) }, &NamespaceClosed{}, "namespace_closed"},
		"revealed":                    {space(names.NamespaceRevealed), &NamespaceClosed{}, "namespace_closed"},
		"never opened":                {space(names.NamespaceExpired), &NamespaceClosed{}, "namespace_closed"},
		"a zone file":                 {func(_ *portstest.World, j *job.Job) { j.Request.ZoneFile = []byte(zone) }, nil, ""},
		"no zone file":                {func(_ *portstest.World, j *job.Job) { j.Request.ZoneFile = []byte("no zone file") }, zonefile.ErrNotZoneFile, ""},
		"the 24th name":               {func(w *portstest.World, _ *job.Job) { w.Names.Owned[string(portstest.Script(1))] = 23 }, nil, ""},
		"the 25th name":               {func(w *portstest.World, _ *job.Job) { w.Names.Owned[string(portstest.Script(1))] = 24 }, &Quota{}, "quota"},
		"an index that cannot answer": {func(w *portstest.World, _ *job.Job) { w.Names.Broken = away }, away, ""},
		"an index that is behind":     {func(w *portstest.World, _ *job.Job) { w.Names.Height-- }, job.ErrIndexBehind, ""},
		"tokens that nobody can count": {func(w *portstest.World, j *job.Job) {
			w.Params.GenesisUnknown, j.Request.PayWith = true, names.MicroStacks
		}, &UnknownGrants{}, ""},
	} {
		w, checks := open()
		j := registers(t)
		c.put(w, j)
		got, err := checks.Terms(t.Context(), j)
		var coded job.Coded
		switch {
		case !portstest.Is(err, c.want), c.code != "" && (!errors.As(err, &coded) || coded.Code() != c.code):
			t.Errorf("%s: %v", what, err)
		case err == nil && (got.Price.Unit != names.Satoshi || got.Price.Amount.Sign() <= 0 || len(got.Payee) == 0):
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// TestQuotaCounts counts a name that a job brings once, and none that its owner has already, that
// is over, or that is this job's own.
func TestQuotaCounts(t *testing.T) {
	mine := portstest.Script(1)
	brings := func(id job.ID, state job.State, name string, owner []byte) *job.Job {
		return &job.Job{ID: id, State: state, Request: job.Request{Kind: job.KindRegister, Name: portstest.Name(t, name), Owner: owner}}
	}
	for what, c := range map[string]struct {
		jobs   []*job.Job
		flying int
	}{
		"none":              {nil, 0},
		"one":               {[]*job.Job{brings("b", job.PreorderSigned, "bob.id", mine)}, 1},
		"one by two jobs":   {[]*job.Job{brings("b", job.PreorderSigned, "bob.id", mine), brings("c", job.Planned, "bob.id", mine)}, 1},
		"somebody else's":   {[]*job.Job{brings("b", job.PreorderSigned, "bob.id", portstest.Script(2))}, 0},
		"one that is over":  {[]*job.Job{brings("b", job.Rejected, "bob.id", mine)}, 0},
		"its own":           {[]*job.Job{brings("a", job.Planned, "alice.id", mine)}, 0},
		"one that is there": {[]*job.Job{brings("b", job.RegisterSigned, "owned0.id", mine)}, 0},
		"given by transfer": {[]*job.Job{{ID: "t", State: job.UpdateSigned, Request: job.Request{Kind: job.KindTransfer, Name: portstest.Name(t, "tom.id"), To: mine}}}, 1},
	} {
		w, checks := open()
		w.Names.Owned[string(mine)], w.Journal.List = 2, c.jobs
		j := registers(t)
		owned, flying, err := checks.Load(t.Context(), mine, func(o *job.Job, n names.Name) bool { return o.ID == j.ID && n == j.Request.Name })
		if err != nil || owned != 2 || flying != c.flying {
			t.Errorf("%s: %d and %d, %v; want 2 and %d", what, owned, flying, err, c.flying)
		}
		w.Params.MaxNamesPerOwner = 3 + c.flying // so that one more is one too many
		if err := checks.quota(t.Context(), j, mine); !errors.As(err, new(*Quota)) {
			t.Errorf("%s: room for one more: %v", what, err)
		}
		w.Params.MaxNamesPerOwner++
		if err := checks.quota(t.Context(), j, mine); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestPrice is the highest of the blocks where a preorder may land, in the unit that was asked for.
func TestPrice(t *testing.T) {
	for what, c := range map[string]struct {
		with      names.Unit
		version   int
		dearer    int32 // from this block on names cost twice as much; 0: never
		unit      names.Unit
		sat       int64 // 0: refused
		creatorIn bool
	}{
		"now":                          {"", 1, 0, names.Satoshi, 640, false},
		"in the last block dearer":     {"", 1, 1019, names.Satoshi, 1280, false},
		"after the last block dearer":  {"", 1, 1020, names.Satoshi, 640, false},
		"in tokens":                    {names.MicroStacks, 1, 0, names.MicroStacks, 27733, false},
		"in tokens to a creator":       {names.MicroStacks, 2, 0, "", 0, true},
		"in tokens after the creator":  {names.MicroStacks, 2, 0, names.MicroStacks, 27733, false},
		"in bitcoin where tokens rule": {names.Satoshi, 3, 0, "", 0, false},
	} {
		w, checks := open()
		ns := w.Names.Spaces["id"]
		ns.ID, ns.Version = "id", c.version
		if !c.creatorIn {
			ns.RevealHeight = -100_000
		}
		if c.dearer > 0 {
			before, after := w.Params.Epochs[0], w.Params.Epochs[0]
			rules := after.Namespaces[names.AnyNamespace]
			rules.PriceDivisor /= 2
			after.Namespaces = map[names.NamespaceID]names.NamespaceRules{names.AnyNamespace: rules}
			before.EndBlock = c.dearer - 1
			w.Params.Epochs = []names.Epoch{before, after}
		}
		req := registers(t).Request
		req.PayWith = c.with
		price, err := checks.NamePrice(&req, &ns, &Terms{Tip: 1000, Window: 1019})
		if c.sat == 0 {
			if !errors.Is(err, job.ErrBadRequest) {
				t.Errorf("%s: %+v, %v", what, price, err)
			}
			continue
		}
		if err != nil || price.Unit != c.unit || price.Amount.Int64() != c.sat {
			t.Errorf("%s: %s %s, %v; want %d", what, price.Amount, price.Unit, err, c.sat)
		}
	}
}

// TestPayee pays nobody where it is not certain who has to be paid: what counts is the block of the
// registration.
func TestPayee(t *testing.T) {
	w, checks := open()
	creator, err := w.Params.ScriptAddress(portstest.Script(7))
	if err != nil {
		t.Fatal(err)
	}
	burn, err := w.Params.AddressScript(w.Params.BurnAddress)
	if err != nil {
		t.Fatal(err)
	}
	window := int32(1019)
	last := window + w.Params.NamePreorderLifetime // in which a registration may land
	for what, c := range map[string]struct {
		version int
		until   int32 // the last block in which the creator is paid
		to      []byte
	}{
		"burnt":                              {1, 5000, burn},
		"the creator, for long":              {2, last, portstest.Script(7)},
		"the creator, not in the last block": {2, last - 1, nil},
		"the creator, for one block":         {2, 1001, nil},
		"no more":                            {2, 1000, burn},
	} {
		ns := w.Names.Spaces["id"]
		ns.ID, ns.Version, ns.PayerAddress, ns.RevealHeight = "id", c.version, creator, c.until-52595
		to, err := checks.payee(&ns, &Terms{Tip: 1000, Window: window})
		if c.to == nil {
			if !errors.As(err, new(*PayeeChanging)) {
				t.Errorf("%s: %x, %v", what, to, err)
			}
		} else if err != nil || string(to) != string(c.to) {
			t.Errorf("%s: %x, %v", what, to, err)
		}
	}
}

// TestTokens holds a price against what is left of an account when other jobs have taken theirs.
func TestTokens(t *testing.T) {
	w, checks := open()
	sender := portstest.Script(3)
	addr, err := w.Params.ScriptAddress(sender)
	if err != nil {
		t.Fatal(err)
	}
	w.Names.Accounts = map[string]int64{addr: 100}
	v := portstest.Version(t, portstest.Tx(1000, sender, portstest.Coin(1)))
	other := func(state job.State, unit names.Unit, from []byte) *job.Job {
		return &job.Job{ID: "b", State: state, Sender: from, Request: job.Request{Kind: job.KindRegister, Name: portstest.Name(t, "bob.id")},
			Stages: []*job.Stage{portstest.Stage(job.RolePreorder, v)}, Single: job.Single{Price: &job.Price{Unit: unit, Amount: big.NewInt(30)}}}
	}
	for what, c := range map[string]struct {
		other *job.Job
		read  bool // the index has its preorder
		have  int64
	}{
		"alone":                   {nil, false, 100},
		"another one is paid for": {other(job.PreorderSigned, names.MicroStacks, sender), false, 70},
		"and debited":             {other(job.PreorderSigned, names.MicroStacks, sender), true, 100},
		"and further":             {other(job.PreorderConfirmed, names.MicroStacks, sender), false, 100},
		"in bitcoin":              {other(job.PreorderSigned, names.Satoshi, sender), false, 100},
		"by another account":      {other(job.PreorderSigned, names.MicroStacks, portstest.Script(4)), false, 100},
	} {
		clear(w.Names.Ops)
		if c.read {
			w.Names.Ops[v.Txid] = ports.OpStatus{Height: 990, Accepted: true}
		}
		var jobs []*job.Job
		if c.other != nil {
			jobs = append(jobs, c.other)
		}
		for _, need := range []int64{c.have, c.have + 1} {
			short := &TokensShort{Have: new(big.Int)}
			enough, err := checks.HasTokens(t.Context(), registers(t), jobs, sender, big.NewInt(need), short)
			if err != nil || enough != (need == c.have) || short.Have.Int64() != c.have || short.Address != addr {
				t.Errorf("%s: %d is enough: %v, %v; %+v", what, need, enough, err, short)
			}
		}
	}
}

// TestPool sees what strangers are about to do, and nothing of the job's own.
func TestPool(t *testing.T) {
	w, _ := open()
	j := registers(t)
	sender := portstest.Script(3)
	hash, err := txbuilder.PreorderHash(w.Params, j.Request.Name, sender, j.Request.Owner)
	if err != nil {
		t.Fatal(err)
	}
	says := func(op nameop.Op, outputs int) *wire.MsgTx {
		script, err := nameop.Script(w.Params.Magic, op)
		if err != nil {
			t.Fatal(err)
		}
		tx := wire.NewMsgTx(2)
		coin := portstest.Coin(1)
		tx.AddTxIn(wire.NewTxIn(&coin, nil, nil))
		tx.AddTxOut(wire.NewTxOut(0, script))
		for range outputs {
			tx.AddTxOut(wire.NewTxOut(1000, sender))
		}
		return tx
	}
	preorder, register := says(nameop.NamePreorder{Hash: hash}, 2), says(nameop.NameRegistration{Name: "alice.id"}, 2)
	for what, c := range map[string]struct {
		waiting   []*wire.MsgTx
		ours      *wire.MsgTx
		part      bool
		unused    bool
		contested bool
	}{
		"nothing":                  {nil, nil, false, true, false},
		"an equal preorder":        {[]*wire.MsgTx{preorder}, nil, false, false, false},
		"its own preorder":         {[]*wire.MsgTx{preorder}, preorder, false, true, false},
		"a registration":           {[]*wire.MsgTx{register}, nil, false, true, true},
		"its own registration":     {[]*wire.MsgTx{register}, register, false, true, false},
		"of another name":          {[]*wire.MsgTx{says(nameop.NameRegistration{Name: "bob.id"}, 2)}, nil, false, true, false},
		"nothing in a part of it":  {nil, nil, true, true, false},
		"no operation, and no end": {[]*wire.MsgTx{portstest.Tx(1, sender, portstest.Coin(1)), wire.NewMsgTx(2)}, nil, false, true, false},
	} {
		p := w.Ports()
		p.Chain = portstest.Pool{Chain: w.Chain, Waiting: c.waiting, Part: c.part}
		checks := &Checks{World: p}
		j.Stages = nil
		if c.ours != nil {
			j.Stages = []*job.Stage{portstest.Stage(job.RolePreorder, portstest.Version(t, c.ours))}
		}
		terms := &Terms{Tip: 1000}
		if terms.Rivals, err = checks.Pool(t.Context(), j, terms); err != nil {
			t.Fatal(err)
		}
		unused, err := checks.UnusedHash(t.Context(), j, terms, sender)
		contest := terms.Rivals.Contest(j.Request.Subject())
		if err != nil || unused != c.unused || (contest != nil) != c.contested || contest != nil && !errors.As(contest, new(*Contested)) || terms.Rivals.Seen == c.part {
			t.Errorf("%s: unused %v, %v, contest %v, seen %v", what, unused, err, contest, terms.Rivals.Seen)
		}
	}
	w.Names.Held[hash] = true
	if unused, err := (&Checks{World: w.Ports()}).UnusedHash(t.Context(), registers(t), &Terms{}, sender); err != nil || unused {
		t.Errorf("a recorded hash is free: %v", err)
	}
}

// TestPayers leaves out the scripts that cannot pay: kept coins, owners, scripts that the name
// system does not read, and those of an equal preorder.
func TestPayers(t *testing.T) {
	w, _ := open()
	good, keeps, owner, native, used, full := portstest.Script(10), portstest.Script(11), portstest.Script(12), append([]byte{0, 20}, make([]byte, 20)...), portstest.Script(13), portstest.Script(14)
	kept := w.Wallet.Pay(keeps, 1e6, 1)
	for _, s := range [][]byte{good, owner, native, used, full} {
		w.Wallet.Pay(s, 1e6, 1)
	}
	j := registers(t)
	hash, err := txbuilder.PreorderHash(w.Params, j.Request.Name, used, j.Request.Owner)
	if err != nil {
		t.Fatal(err)
	}
	w.Names.Held[hash], w.Names.Owned[string(full)] = true, w.Params.MaxNamesPerOwner
	checks := &Checks{World: w.Ports(), Owner: func(s []byte) bool { return string(s) == string(owner) }}
	pays, err := checks.Payers(t.Context(), j, &Terms{Price: txbuilder.Price{Unit: names.Satoshi}}, reserve.Reservations{kept: {}})
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		script []byte
		pays   bool
	}{"a good one": {good, true}, "a kept coin": {keeps, false}, "an owner": {owner, false}, "native segwit": {native, false}, "an equal preorder": {used, false},
		"as many names as one may have": {full, false}} {
		if pays(c.script) != c.pays {
			t.Errorf("%s pays: %v", what, !c.pays)
		}
	}
	w.Wallet.Coins = w.Wallet.Coins[4:5] // the one of the equal preorder alone
	if _, err := checks.Payers(t.Context(), j, &Terms{}, nil); !errors.As(err, new(*PreorderOutstanding)) {
		t.Errorf("only from an equal preorder's script: %v", err)
	}
}
