package agent

import (
	"bytes"
	"context"
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
	hash := [32]byte{7}
	sig, err := key.SignHash(ctx, hash)
	if err != nil || !sig.Verify(hash[:], want.PublicKey()) {
		t.Errorf("signature: %v", err)
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
	if _, err := want.SignHash(ctx, hash); !errors.Is(err, keychain.ErrLocked) {
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

// FuzzRequest: no request makes an agent say a private key, or fail in another way than by an answer.
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
	for _, s := range []string{`{"op":"status"}`, `{"op":"public_key","path":"m/888'/0'/0'"}`, `{"op":"sign_hash","path":"m/888'/0'/0'","hash":"00"}`, `{"op":"sign_psbt","psbt":"cHNidP8="}`} {
		f.Add([]byte(s + "\n"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var q request
		if err := readLine(bytes.NewReader(b), &q); err != nil || q.Op == "lock" {
			return
		}
		s := &server{keys: keys}
		a, err := s.do(context.Background(), q)
		if err != nil {
			a = refusal(err)
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
