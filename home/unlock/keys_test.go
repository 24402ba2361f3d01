package unlock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	store "github.com/zalando/go-keyring"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/home/config"
	"blockstack/wallet"
	"blockstack/wallet/agent"
	"blockstack/wallet/keychain"
	"blockstack/wallet/keyring"
	"blockstack/wallet/secret"
)

const (
	phrase = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	right  = "the right one"
)

// room is a home with a wallet, and a person who may be asked.
type room struct {
	t      *testing.T
	cfg    *config.Config
	wallet *wallet.Wallet
	heard
	answers []string        // of the person, in order
	given   []*secret.Bytes // what the person gave
}

// newRoom makes a home of which nothing is configured.
func newRoom(t *testing.T, answers ...string) *room {
	t.Helper()
	store.MockInit()
	t.Setenv("XDG_RUNTIME_DIR", "") // an agent listens where only tests look
	r := &room{t: t, cfg: &config.Config{Home: t.TempDir(), Network: "regtest", PasswordFD: -1}, answers: answers}
	at := wallet.Config{Keychain: r.cfg.KeychainFile(), Dir: r.cfg.NetworkPath(), Network: &chaincfg.RegressionNetParams}
	err := wallet.Create(t.Context(), at, wallet.CreateOptions{
		Mnemonic: secret.New([]byte(phrase)), Password: secret.New([]byte(right)), Cost: keychain.TestCost(), Birthday: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.wallet, err = wallet.Open(at); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.wallet.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// keys are the keys of the room.
func (r *room) keys() *Keys {
	return New(r.cfg, Ports{Tell: r, Cost: keychain.TestCost(), Ask: func(context.Context) (*secret.Bytes, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.given) == len(r.answers) {
			return nil, errors.New("asked too often")
		}
		s := secret.New([]byte(r.answers[len(r.given)]))
		r.given = append(r.given, s)
		return s, nil
	}})
}

// mute are the keys of the room where nobody can be asked.
func (r *room) mute() *Keys { return New(r.cfg, Ports{Tell: r, Cost: keychain.TestCost()}) }

// file lets the password come from a file.
func (r *room) file(password string) { r.cfg.PasswordFile = write(r.t, password+"\n", 0o600) }

// keyringHas puts a secret into the keyring of the system; known: the keychain opens with it.
func (r *room) keyringHas(known bool) {
	r.t.Helper()
	random := keyring.New()
	k, err := keychain.Open(r.cfg.KeychainFile())
	if err == nil {
		err = k.AddKeyring(r.t.Context(), secret.New([]byte(right)), random)
	}
	if !known {
		random = keyring.New()
	}
	if err = errors.Join(err, keyring.Put(r.t.Context(), k.ID(), random), r.wallet.Close()); err != nil {
		r.t.Fatal(err)
	}
	at := wallet.Config{Keychain: r.cfg.KeychainFile(), Dir: r.cfg.NetworkPath(), Network: &chaincfg.RegressionNetParams}
	if r.wallet, err = wallet.Open(at); err != nil { // with the keychain as it is now
		r.t.Fatal(err)
	}
}

// serve runs an agent at the socket of the room; of another keychain: other.
func (r *room) serve(other bool) {
	t := r.t
	t.Helper()
	file := r.cfg.KeychainFile()
	if other {
		file = filepath.Join(t.TempDir(), "keychain")
		if err := keychain.Create(file, secret.New([]byte(phrase)), secret.New([]byte(right)), keychain.TestCost()); err != nil {
			t.Fatal(err)
		}
	} else { // an agent vouches for the list of scripts, which an unlock makes
		if err := r.wallet.Unlock(t.Context(), secret.New([]byte(right))); err != nil {
			t.Fatal(err)
		}
		r.wallet.Lock()
	}
	keys, err := keychain.Open(file)
	if err == nil {
		err = keys.Unlock(t.Context(), secret.New([]byte(right)))
	}
	if err != nil {
		t.Fatal(err)
	}
	socket, err := agent.MakeSocketFolder(r.cfg.Home)
	if errors.Is(err, agent.ErrUnsupported) {
		t.Skip("no agent here")
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- agent.Serve(ctx, socket, keys, time.Now().Add(time.Hour), func() error { close(ready); return nil })
	}()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		<-done
		_ = os.Remove(socket)
	})
}

// wiped fails when something that the person gave is still readable.
func (r *room) wiped() {
	r.t.Helper()
	for i, s := range r.given {
		if s.Len() > 0 {
			r.t.Errorf("answer %d is still in memory", i)
		}
	}
}

// TestOrder: what is configured comes first and alone; then the agent, the keyring, the person.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(r *room)
		answers []string
		asked   int
		here    bool // the seed is in this process
		err     error
		notes   string
	}{
		{name: "a file", prepare: func(r *room) { r.serve(false); r.keyringHas(true); r.file(right) }, answers: []string{right}, here: true},
		{name: "a wrong file", prepare: func(r *room) { r.serve(false); r.keyringHas(true); r.file("wrong") }, answers: []string{right}, err: keychain.ErrWrongPassword},
		{name: "the agent", prepare: func(r *room) { r.keyringHas(true); r.serve(false) }, answers: []string{right}},
		{name: "an agent of another keychain", prepare: func(r *room) { r.serve(true); r.keyringHas(true) }, answers: []string{right}, here: true},
		{name: "the keyring", prepare: func(r *room) { r.keyringHas(true) }, answers: []string{right}, here: true},
		{name: "a keyring without an entry", prepare: func(r *room) { r.keyringHas(true); store.MockInit() }, answers: []string{right}, asked: 1, here: true,
			notes: "the keyring of the system has nothing for this keychain; the password opens the wallet as before"},
		{name: "a keyring with another secret", prepare: func(r *room) { r.keyringHas(false) }, answers: []string{right}, asked: 1, here: true,
			notes: "what the keyring of the system has does not open this keychain; the password does as before"},
		{name: "the person", prepare: func(*room) {}, answers: []string{"wrong", right}, asked: 2, here: true},
		{name: "the person, three times wrong", prepare: func(*room) {}, answers: []string{"a", "b", "c", right}, asked: 3, err: keychain.ErrWrongPassword},
	} {
		t.Run(c.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(c.name, "agent") {
				t.Skip("no agent here")
			}
			r := newRoom(t, c.answers...)
			c.prepare(r)
			k := r.keys()
			err := k.Unlock(t.Context(), r.wallet)
			if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || len(r.given) != c.asked || strings.Join(r.notes, "\n") != c.notes {
				t.Errorf("%v, asked %d times, noted %q", err, len(r.given), r.notes)
			}
			if r.wallet.KeysHere() != c.here || r.wallet.Locked() != (c.err != nil) {
				t.Errorf("keys here %v, locked %v", r.wallet.KeysHere(), r.wallet.Locked())
			}
			r.wiped()
			if shown := fmt.Sprintf("%v %+v %v %q %q", err, k, k, r.warns, r.notes); strings.Contains(shown, right) {
				t.Errorf("told: %s", shown)
			}
			if c.err == nil {
				if err := k.Unlock(t.Context(), r.wallet); err != nil || len(r.given) != c.asked {
					t.Errorf("again: %v, asked %d times", err, len(r.given))
				}
			}
		})
	}
}

// TestNobody: without a person the keys stay locked, and the error says that nothing was wrong.
func TestNobody(t *testing.T) {
	r := newRoom(t)
	k := r.mute()
	if err := k.Unlock(t.Context(), r.wallet); !errors.Is(err, ErrNobody) {
		t.Errorf("unlock: %v", err)
	}
	if err := k.UnlockHere(t.Context(), r.wallet); !errors.Is(err, ErrNobody) {
		t.Errorf("here: %v", err)
	}
	if ok, err := k.Open(t.Context(), r.wallet); ok || err != nil || !r.wallet.Locked() {
		t.Errorf("open: %v, %v", ok, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Unlock(ended, r.wallet); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// TestOpen: what a home wants of its keys never takes a question.
func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(r *room)
		ok      bool
		err     error
	}{
		{"nothing", func(*room) {}, false, nil},
		{"an agent, which opens no copies", func(r *room) { r.serve(false) }, false, nil},
		{"a file", func(r *room) { r.file(right) }, true, nil},
		{"a wrong file", func(r *room) { r.file("wrong") }, true, keychain.ErrWrongPassword},
		{"the keyring", func(r *room) { r.keyringHas(true) }, true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom(t, right)
			c.prepare(r)
			ok, err := r.keys().Open(t.Context(), r.wallet)
			if ok != c.ok || !errors.Is(err, c.err) || len(r.given) > 0 || r.wallet.KeysHere() != (c.ok && c.err == nil) {
				t.Errorf("%v, %v, asked %d times, here %v", ok, err, len(r.given), r.wallet.KeysHere())
			}
		})
	}
}

// TestUnlockHere: an agent signs, and the seed is wanted here.
func TestUnlockHere(t *testing.T) {
	r := newRoom(t, right)
	r.serve(false)
	k := r.keys()
	if ok, err := k.UseAgent(t.Context(), r.wallet); !ok || err != nil || r.wallet.KeysHere() || r.wallet.Locked() {
		t.Fatalf("the agent: %v, %v", ok, err)
	}
	if err := k.UnlockHere(t.Context(), r.wallet); err != nil || !r.wallet.KeysHere() || len(r.given) != 1 {
		t.Errorf("%v, asked %d times", err, len(r.given))
	}
	r.wiped()
}

// TestManyAtOnce: requests that come together are answered by one question.
func TestManyAtOnce(t *testing.T) {
	r := newRoom(t, right)
	k := r.keys()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := k.Unlock(t.Context(), r.wallet); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(r.given) != 1 || r.wallet.Locked() {
		t.Errorf("asked %d times", len(r.given))
	}
}

// TestUnlockKeychain: the keychain itself, whose password is written again where it is too cheap to
// try.
func TestUnlockKeychain(t *testing.T) {
	r := newRoom(t, "wrong", right)
	keys, err := keychain.Open(r.cfg.KeychainFile())
	if err != nil {
		t.Fatal(err)
	}
	k := r.keys()
	k.ports.Cost.Time++
	password, err := k.UnlockKeychain(t.Context(), keys)
	if err != nil || text(password) != right || keys.Locked() {
		t.Fatalf("%v", err)
	}
	if len(r.warns) != 1 || r.warns[0] != "wrong password; once more (2 of 3)" || len(r.notes) != 1 || !strings.HasPrefix(r.notes[0], "the keychain file was written again") {
		t.Errorf("warned %q, noted %q", r.warns, r.notes)
	}
	password.Wipe()
	r.wiped()
}

// TestAskedStops: what is not a wrong password is not asked about again, and is forgotten.
func TestAskedStops(t *testing.T) {
	broken, given := errors.New("broken"), secret.New([]byte(right))
	ask := func(context.Context) (*secret.Bytes, error) { return given, nil }
	_, err := Asked(t.Context(), ask, &heard{}, func(*secret.Bytes) error { return broken })
	if !errors.Is(err, broken) || given.Len() > 0 {
		t.Errorf("%v, %d bytes left", err, given.Len())
	}
}
