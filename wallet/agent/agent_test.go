package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

const phrase = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

// start runs an agent; done gives what Serve returned.
func start(t *testing.T, ctx context.Context, life time.Duration) (socket string, keys *keychain.Keychain, done chan error) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no agent here")
	}
	dir, err := os.MkdirTemp("", "agent") // t.TempDir is too long for a socket on some systems
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "keychain")
	if err := keychain.Create(path, secret.New([]byte(phrase)), secret.New([]byte("pw")), keychain.TestCost()); err != nil {
		t.Fatal(err)
	}
	if keys, err = keychain.Open(path); err != nil {
		t.Fatal(err)
	}
	if err := keys.Unlock(ctx, secret.New([]byte("pw"))); err != nil {
		t.Fatal(err)
	}
	socket, done = filepath.Join(dir, "agent.sock"), make(chan error, 1)
	ready := make(chan struct{})
	go func() {
		done <- Serve(ctx, socket, keys, time.Now().Add(life), func() error { close(ready); return nil })
	}()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	return socket, keys, done
}

func TestAgentSignsAndLocks(t *testing.T) {
	ctx := context.Background()
	socket, keys, done := start(t, ctx, time.Hour)
	c := New(socket)
	status, err := c.Status(ctx)
	if err != nil || status.Keychain != keys.ID() || time.Until(status.Until) > time.Hour {
		t.Fatalf("%+v %v", status, err)
	}
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v %v", info.Mode(), err)
	}
	want, err := keys.OwnerKey(3)
	if err != nil {
		t.Fatal(err)
	}
	key, err := c.Key(ctx, keychain.OwnerPath(3))
	if err != nil || !key.PublicKey().IsEqual(want.PublicKey()) {
		t.Fatalf("%v %v", key, err)
	}
	header, payload := []byte(`{"typ":"JWT","alg":"ES256K"}`), []byte(`{"claim":{}}`)
	hash, err := keychain.TokenHash(header, payload)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := key.SignToken(ctx, header, payload)
	if err != nil || !sig.Verify(hash[:], want.PublicKey()) {
		t.Errorf("signature: %v", err)
	}
	if _, err := key.SignToken(ctx, []byte(`{"alg":"none"}`), payload); !errors.Is(err, keychain.ErrToken) {
		t.Errorf("a token of another kind: %v", err)
	}
	for _, p := range []keychain.Path{keychain.PaymentPath(&chaincfg.MainNetParams, 84, 0, 0), {}, {888 | keychain.Hardened}, {1, 2, 3}} {
		if _, err := c.Key(ctx, p); !errors.Is(err, keychain.ErrBadPath) {
			t.Errorf("%s: %v", p, err)
		}
	}
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(1000, []byte{0x51}))
	p, err := psbt.NewFromUnsignedTx(tx)
	if err != nil {
		t.Fatal(err)
	}
	p.Inputs[0].WitnessUtxo = wire.NewTxOut(2000, []byte{0x51})
	if _, err := c.SignPSBT(ctx, p); !errors.Is(err, keychain.ErrNothingToSign) {
		t.Errorf("a PSBT of nobody: %v", err)
	}
	p.Inputs[0].WitnessUtxo.Value = 500
	if _, err := c.SignPSBT(ctx, p); !errors.Is(err, keychain.ErrPSBT) {
		t.Errorf("a PSBT that makes money: %v", err)
	}
	if err := Serve(ctx, socket, keys, time.Now().Add(time.Hour), func() error { return nil }); !errors.Is(err, ErrRunning) {
		t.Errorf("a second agent: %v", err)
	}
	if _, err := c.Lock(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !keys.Locked() {
		t.Error("the keychain is not locked")
	}
	if _, err := want.SignToken(ctx, header, payload); !errors.Is(err, keychain.ErrLocked) {
		t.Errorf("a key after lock: %v", err)
	}
	if _, err := c.Status(ctx); !errors.Is(err, ErrNoAgent) {
		t.Errorf("after lock: %v", err)
	}
	if _, err := os.Lstat(socket); err == nil {
		t.Error("the socket is left behind")
	}
}

func TestAgentEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, keys, done := start(t, ctx, time.Hour)
	cancel()
	if err := <-done; err != nil || !keys.Locked() {
		t.Errorf("told to end: %v", err)
	}
	_, keys, done = start(t, context.Background(), time.Millisecond)
	if err := <-done; err != nil || !keys.Locked() {
		t.Errorf("its time is over: %v", err)
	}
}

// TestAgentVouches: it makes the marks of its seed, and vouches for the list of scripts that a
// holder of the password wrote, and for no other.
func TestAgentVouches(t *testing.T) {
	ctx := context.Background()
	socket, keys, _ := start(t, ctx, time.Hour)
	c := New(socket)
	want, err := keys.Mark([]byte("register alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	if mark, err := c.Mark(ctx, []byte("register alice.id")); err != nil || !bytes.Equal(mark, want) {
		t.Errorf("mark %x: %v", mark, err)
	}
	list, err := keys.Derived(3, 2)
	if err == nil {
		list.Homes["regtest"] = keychain.Home{Accounts: map[uint32]string{84: "tpub"}, Gap: 20}
		err = keys.SetList(func(*keychain.List, bool) (*keychain.List, error) { return list, nil })
	}
	if err == nil {
		list, err = keys.List()
	}
	if err != nil {
		t.Fatal(err)
	}
	digest, err := list.Digest(keys.ID())
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := c.Vouches(ctx, digest, list.MAC); !ok || err != nil {
		t.Errorf("for its own list: %v %v", ok, err)
	}
	home := list.Homes["regtest"]
	home.Accounts = map[uint32]string{84: "another"}
	list.Homes["regtest"] = home
	forged, err := list.Digest(keys.ID())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := list.Digest("another keychain")
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]struct {
		digest [32]byte
		mac    []byte
	}{
		"another account": {forged, list.MAC}, "another keychain": {elsewhere, list.MAC}, "no MAC": {digest, nil},
		"half a MAC": {digest, list.MAC[:16]}, "a MAC of zeros": {digest, make([]byte, 32)},
	} {
		if ok, err := c.Vouches(ctx, of.digest, of.mac); ok || err != nil {
			t.Errorf("for %s: %v %v", name, ok, err)
		}
	}
	if a, err := c.ask(ctx, request{Op: opVouch, Digest: digest[:31], MAC: list.MAC}); !errors.Is(err, ErrProtocol) || a != nil && a.Vouched {
		t.Errorf("for a digest that is too short: %+v %v", a, err)
	}
	late := &server{keys: keys, term: newTerm(time.Now().Add(-time.Second), systemClocks), stop: func() {}, work: make(chan struct{}, 1)}
	if a := late.answer(ctx, request{Op: opVouch, Digest: digest[:], MAC: list.MAC}); a.Vouched || !errors.Is(a.err(), keychain.ErrLocked) {
		t.Errorf("after its time: %+v", a)
	}
}

// TestAgentStaleSocket: a killed agent leaves its socket behind.
func TestAgentStaleSocket(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no agent here")
	}
	dir, err := os.MkdirTemp("", "agent")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := listen(context.Background(), socket)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(socket, []byte("a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen(context.Background(), socket); err == nil {
		t.Error("a file that is no socket was removed")
	}
}

// hostileRequests are lines that no client of ours sends.
func hostileRequests() []string {
	lines := []string{
		`{"op":"status"}`, `{}`, `[]`, `null`, `"lock"`, `{"op":null}`, `{"op":"Lock "}`, `{"op":"sign_psbt"}`, `{"op":"sign_psbt","psbt":"cHNidP8="}`,
		`{"op":"sign_psbt","psbt":"cHNidP8BAAoCAAAAAAAAAAAAAA=="}`, `{"op":"sign_hash","path":"m/888'/0'/0'","hash":"` + strings.Repeat("11", 32) + `"}`,
		`{"op":"sign_token","path":"m/888'/0'/0'"}`, `{"op":"vouch"}`, `{"op":"vouch","digest":"` + strings.Repeat("A", 43) + `=","mac":"AA=="}`, `{"op":"sign_token","path":"m/888'/0'/0'","header":"e30=","payload":"e30="}`,
		`{"op":"sign_token","path":"m/888'/1'/0'","header":"eyJhbGciOiJFUzI1NksifQ==","payload":"e30="}`, strings.Repeat("[", 100_000),
	}
	for _, op := range []string{"public_key", "sign_token", "sign_message"} {
		for _, path := range []string{
			"", "m", "m/", "/", "//", "m//", "m/888'", "m/888'/0'", "m/888'/0'/0", "m/888/0/0", "m/888'/2'/0'", "m/888'/1'/0'/5", "m/888'/1'/0'/5'", "m/44'", "m/44'/0'", "m/44'/0'/0'",
			"m/44'/0'/0'/0", "m/44'/0'/0'/2/0", "m/84'/0'/0'/0/0", "m/0/0/0/0/0/0/0/0/0/0", "m/888'/0'/4294967295", "m/888'/0'/-1", "n/888'/0'/0'", "m/888'/0'/00'", "\x00", "m/888'/0'/0''",
		} {
			line, _ := json.Marshal(map[string]string{"op": op, "path": path, "text": "eA==", "header": "eyJhbGciOiJFUzI1NksifQ==", "payload": "e30="})
			lines = append(lines, string(line))
		}
	}
	return lines
}

// FuzzRequest: no request makes an agent say a private key, end, or fail in another way than by an
// answer.
func FuzzRequest(f *testing.F) {
	path := filepath.Join(f.TempDir(), "keychain")
	if err := keychain.Create(path, secret.New([]byte(phrase)), secret.New([]byte("pw")), keychain.TestCost()); err != nil {
		f.Fatal(err)
	}
	keys, err := keychain.Open(path)
	if err != nil {
		f.Fatal(err)
	}
	if err := keys.Unlock(context.Background(), secret.New([]byte("pw"))); err != nil {
		f.Fatal(err)
	}
	for _, s := range hostileRequests() {
		f.Add([]byte(s + "\n"))
	}
	s := &server{keys: keys, term: newTerm(time.Now().Add(24*time.Hour), systemClocks), stop: func() {}, work: make(chan struct{}, 1)}
	f.Fuzz(func(t *testing.T, b []byte) {
		var q request
		if err := readLine(bytes.NewReader(b), &q); err != nil || q.Op == "lock" {
			return
		}
		a := s.answer(context.Background(), q)
		if a.Error == "fault" {
			t.Errorf("a panic: %q", b)
		}
		if s.keys.Locked() {
			t.Fatalf("the keys are locked after %q", b)
		}
		var out bytes.Buffer
		if err := writeLine(&out, a); err != nil {
			t.Error(err)
		}
		if strings.Contains(out.String(), "xprv") || strings.Contains(out.String(), "abandon") {
			t.Errorf("it says %s", &out)
		}
	})
}
