package home_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/home"
	"blockstack/home/config"
	"blockstack/home/unlock"
	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/profile/lookup"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bills"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
	"blockstack/txbuilder/registrar/schedule"
	"blockstack/wallet"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/keychain"
	"blockstack/wallet/sandbox"
	"blockstack/wallet/scripts"
	"blockstack/wallet/secret"
)

const (
	rate     = 5000 // satoshi per 1000 virtual bytes
	phrase   = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	password = "a password for tests"
)

// listener is a Teller that keeps warnings.
type listener struct {
	mu    sync.Mutex
	warns []string
}

func (l *listener) Warn(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.warns = append(l.warns, fmt.Sprintf(format, args...))
}
func (l *listener) Note(string, ...any)             {}
func (l *listener) Meter(string, string) home.Meter { return silent{} }

type silent struct{}

func (silent) Update(int64, int64) {}
func (silent) Done()               {}

// keysOf are the keys of a server: nobody can be asked, and the password is in a file.
func keysOf(cfg *config.Config) *unlock.Keys {
	return unlock.New(cfg, unlock.Ports{Tell: &listener{}, Cost: keychain.TestCost()})
}

// serve opens a home on a new sandbox, with a wallet that is unlocked and has coins, and STACKS at
// the first address with coins.
func serve(t *testing.T, coins int) (*home.Home, *wallet.Wallet, *sandbox.Sandbox) {
	t.Helper()
	ctx, network := t.Context(), "sandbox"
	cfg, err := config.Load(config.Given{Home: t.TempDir(), Values: config.Values{Network: &network}}, false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.Start(ctx, sandbox.Options{Dir: cfg.SandboxDir(), Btcd: chaintest.Btcd(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := sandbox.Stop(context.Background(), cfg.SandboxDir()); err != nil {
			t.Error(err)
		}
	})
	h := home.New(cfg, &listener{}, keysOf(cfg), home.Given{})
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := errors.Join(lastdays.MadeSeed(cfg.Home, cfg.Network), lastdays.Begin(cfg.NetworkPath(), "")); err != nil {
		t.Fatal(err)
	}
	err = wallet.Create(ctx, home.WalletConfig(cfg), wallet.CreateOptions{
		Mnemonic: secret.New([]byte(phrase)), Password: secret.New([]byte(password)), Cost: keychain.TestCost(), Birthday: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := h.Wallet(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cfg.PasswordFile = filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(cfg.PasswordFile, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keysOf(cfg).Unlock(ctx, w); err != nil {
		t.Fatal(err)
	}
	faucet, err := s.Faucet()
	if err != nil {
		t.Fatal(err)
	}
	rules := names.Sandbox("", nil)
	for i := range coins {
		a, err := w.NewReceiveAddress(ctx, scripts.P2PKH)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			rules.Genesis = append(rules.Genesis, names.GenesisAccount{Address: a.Text, Type: string(names.MicroStacks), Value: big.NewInt(1e12), ReceiveWhitelisted: true})
		}
		if _, err := faucet.FundAddress(ctx, a.Text, btcutil.SatoshiPerBitcoin); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := names.WriteRegistry(&b, rules); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteRegistry(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Mine(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SyncedWallet(ctx); err != nil {
		t.Fatal(err)
	}
	return h, w, s
}

// server does what requests ask for, as a server of a home would: it has no terminal, and
// everything that it needs is a call.
type server struct {
	home   *home.Home
	wallet *wallet.Wallet
}

// launch opens a namespace.
func (s server) launch(ctx context.Context, id string) error {
	a, err := s.wallet.RevealerAddress(ctx, 0)
	if err != nil {
		return err
	}
	return s.do(ctx, registrar.Request{Kind: registrar.KindLaunch, Owner: a.Script, Rate: rate, Namespace: &nameop.NamespaceReveal{
		ID: id, Version: 1, Lifetime: 52595, Coeff: 250, Base: 4, Buckets: [16]byte{6, 5, 4, 3, 2, 1}, NonAlphaDiscount: 10, NoVowelDiscount: 10,
	}})
}

// register registers a name.
func (s server) register(ctx context.Context, name names.Name, owner []byte) error {
	return s.do(ctx, registrar.Request{Kind: registrar.KindRegister, Name: name, Owner: owner, Rate: rate})
}

// do carries a request out until it is done: plan, consent, keys, blocks, as a command does it,
// without a terminal.
func (s server) do(ctx context.Context, req registrar.Request) error {
	service := conduct.Service{
		Engine: home.JobEngine{Home: s.home}, Keys: openKeys{s.wallet}, Blocks: home.JobBlocks{Home: s.home, NoMine: true},
		Consent: yes{}, Teller: quiet{}, Moved: func(context.Context) (bool, error) { return false, nil }, Passes: home.Passes, LeftAlone: home.Locked,
	}
	out, err := service.Do(ctx, req, conduct.Terms{Until: schedule.Over})
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", req.Subject(), err)
	case out.What != conduct.Done:
		return fmt.Errorf("%s ends %s: %s", req.Subject(), out.Job.State, out.Job.Reason)
	}
	return nil
}

// openKeys are the keys of a wallet that was unlocked when the server began.
type openKeys struct{ w *wallet.Wallet }

func (k openKeys) WatchOnly(context.Context) (bool, error) { return k.w.WatchOnly(), nil }
func (k openKeys) Copies(context.Context) (bool, error)    { return false, nil }
func (k openKeys) Unlock(context.Context) error {
	if k.w.Locked() {
		return conduct.ErrNobody
	}
	return nil
}

// yes is the consent of a server whose owner has agreed beforehand to what the tests ask for, and
// to nothing that is out of the way.
type yes struct{}

func (yes) Sure(string) bool { return false }
func (yes) Ask(_ context.Context, q conduct.Question) error {
	if q.Act != conduct.Start {
		return fmt.Errorf("nobody has agreed to act %d", q.Act)
	}
	return nil
}

// quiet tells nobody.
type quiet struct{}

func (quiet) Launched(names.NamespaceID) {}
func (quiet) Running(*registrar.Job)     {}
func (quiet) Found(*registrar.Pending)   {}
func (quiet) Plan(*registrar.Estimate)   {}
func (quiet) Settled(*registrar.InDoubt) {}
func (quiet) Waiting(*registrar.Job)     {}

// pay pays an address.
func (s server) pay(ctx context.Context, to, amount, request string) error {
	node, release, err := s.home.Bitcoin(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	service, err := s.home.Payments(s.wallet, home.PayRequest{Node: func(context.Context) (home.Bitcoin, error) { return node, nil }})
	if err != nil {
		return err
	}
	bill, err := bills.Parse(to, amount)
	if err != nil {
		return err
	}
	order := payments.Order{Bills: []bills.Bill{bill}, Request: request, Rate: rate, RateGiven: true}
	payees, err := service.Payees(ctx, order)
	if err != nil {
		return err
	}
	plan, err := service.Plan(ctx, order, payees)
	if err != nil {
		return err
	}
	for _, c := range plan.Concerns {
		plan.Agree(c)
	}
	_, err = service.Pay(ctx, plan)
	return err
}

// look reads a name's record, and where its profile is.
func (s server) look(ctx context.Context, name names.Name) (record names.Record, err error) {
	err = s.home.WithLookup(ctx, func(l *lookup.Lookup) error {
		a, err := l.Resolve(ctx, name)
		if errors.Is(err, names.ErrNotFound) { // nobody has it, which is an answer
			return nil
		}
		if err == nil {
			record = a.Record
		}
		return err
	})
	return record, err
}

// mine mines a block a second until the returned function is called.
func mine(ctx context.Context, t *testing.T, s *sandbox.Sandbox) (stop func()) {
	mining, cancel := context.WithCancel(ctx)
	var miner sync.WaitGroup
	miner.Go(func() {
		for mining.Err() == nil {
			if _, err := s.Mine(mining, 1); err != nil && mining.Err() == nil {
				t.Error(err)
				return
			}
			select {
			case <-mining.Done():
			case <-time.After(time.Second):
			}
		}
	})
	return func() { cancel(); miner.Wait() }
}

// TestServer does what a server of apps would: a hundred requests, twenty at a time, register
// names, pay, look names up, and ask for jobs and money, while another process uses the same home.
func TestServer(t *testing.T) {
	h, w, s := serve(t, 16)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	srv := server{h, w}
	to, err := w.NewReceiveAddress(ctx, scripts.P2PKH)
	if err != nil {
		t.Fatal(err)
	}
	stop := mine(ctx, t, s)
	defer stop()
	if err := srv.launch(ctx, "test"); err != nil {
		t.Fatal(err)
	}
	const requests, atATime, registrations, payments = 100, 20, 4, 8
	var list []names.Name
	for i := range registrations {
		n, err := names.Parse(fmt.Sprintf("server%d.test", i))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	work := func(i int) error {
		switch {
		case i < registrations:
			a, err := w.OwnerAddress(ctx, uint32(i))
			if err != nil {
				return err
			}
			return srv.register(ctx, list[i], a.Script)
		case i < registrations+payments:
			return srv.pay(ctx, to.Text, "0.001", fmt.Sprintf("order-%d", i))
		case i%3 == 0:
			_, err := h.Jobs(ctx)
			return err
		case i%3 == 1:
			if _, err := h.SyncedWallet(ctx); err != nil {
				return err
			}
			_, err := w.Balance(ctx)
			return err
		}
		_, err := srv.look(ctx, list[i%len(list)])
		return err
	}
	other := server{home.New(h.Config, &listener{}, keysOf(h.Config), home.Given{}), w} // as another process would have it
	var beside sync.WaitGroup
	looking, enough := context.WithCancel(ctx)
	beside.Go(func() {
		for looking.Err() == nil {
			if _, err := other.look(ctx, list[0]); err != nil {
				t.Errorf("another process: %v", err)
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	turns := make(chan struct{}, atATime)
	var all sync.WaitGroup
	for i := range requests {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			if err := work(i); err != nil {
				t.Errorf("request %d: %v", i, err)
			}
		})
	}
	all.Wait()
	enough()
	beside.Wait()
	if err := other.home.Close(); err != nil {
		t.Error(err)
	}
	for _, n := range list {
		rec, err := srv.look(ctx, n)
		if err != nil || rec.Status != names.Registered {
			t.Errorf("%s is %q, %v", n, rec.Status, err)
		}
	}
	paid, err := w.Payments().List(ctx)
	if err != nil || len(paid) != payments {
		t.Errorf("%d payments are remembered, want %d: %v", len(paid), payments, err)
	}
	spent := map[wire.OutPoint]string{}
	for i := range paid {
		for _, in := range paid[i].Tx.TxIn {
			if by, twice := spent[in.PreviousOutPoint]; twice {
				t.Errorf("%s is spent by %s and %s", in.PreviousOutPoint, by, paid[i].Request)
			}
			spent[in.PreviousOutPoint] = paid[i].Request
		}
	}
}
