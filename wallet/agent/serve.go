package agent

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/wallet/keychain"
)

// patience is how long one request may take to arrive.
const patience = 10 * time.Second

// Serve answers at a socket until its time is over, ctx ends, or it is told to lock;
// the keychain, which the caller has unlocked, is locked when it returns. ready is
// called once the socket can be used.
func Serve(ctx context.Context, socket string, keys *keychain.Keychain, until time.Time, ready func() error) (err error) {
	defer keys.Lock()
	l, err := listen(ctx, socket)
	if err != nil {
		return err
	}
	ctx, stop := context.WithDeadline(ctx, until)
	defer stop()
	s := &server{keys: keys, until: until.UTC().Truncate(time.Second), stop: stop}
	end := context.AfterFunc(ctx, func() { _ = l.Close() }) // which also removes the socket
	defer end()
	if err := ready(); err != nil {
		return errors.Join(err, l.Close())
	}
	var conns sync.WaitGroup
	defer conns.Wait()
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = c.Close()
			}
			return nil
		}
		if err != nil {
			return errors.Join(fmt.Errorf("agent: %w", err), l.Close())
		}
		conns.Go(func() {
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(patience))
			s.serve(ctx, c)
		})
	}
}

// listen takes the socket; one that a dead agent left behind is removed.
func listen(ctx context.Context, socket string) (net.Listener, error) {
	if runtime.GOOS == "windows" {
		return nil, ErrUnsupported
	}
	if _, err := New(socket).Status(ctx); err == nil {
		return nil, fmt.Errorf("%w at %s", ErrRunning, socket)
	}
	if info, err := os.Lstat(socket); err == nil {
		if info.Mode()&os.ModeSocket == 0 {
			return nil, fmt.Errorf("agent: %s is there and is no socket", socket)
		}
		if err := os.Remove(socket); err != nil {
			return nil, fmt.Errorf("agent: %w", err)
		}
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	if err := os.Chmod(socket, 0o600); err != nil { // the folder keeps others out until then
		return nil, errors.Join(fmt.Errorf("agent: %w", err), l.Close())
	}
	return l, nil
}

type server struct {
	keys  *keychain.Keychain
	until time.Time
	stop  func()
}

func (s *server) serve(ctx context.Context, c net.Conn) {
	if err := checkPeer(c); err != nil {
		return
	}
	var q request
	if err := readLine(c, &q); err != nil {
		_ = writeLine(c, refusal(err))
		return
	}
	a, err := s.do(ctx, q)
	if err != nil {
		a = refusal(err)
	}
	if q.Op == "lock" {
		s.keys.Lock() // before it is said
		defer s.stop()
	}
	_ = writeLine(c, a)
}

func (s *server) do(ctx context.Context, q request) (a answer, err error) {
	switch q.Op {
	case "status", "lock":
		return answer{Keychain: s.keys.ID(), Until: &s.until}, nil
	case "sign_psbt":
		p, err := psbt.NewFromRawBytes(bytes.NewReader(q.PSBT), false)
		if err != nil {
			return a, fmt.Errorf("%w: it is no PSBT", ErrProtocol)
		}
		if a.Signed, err = s.keys.SignPSBT(ctx, p); err != nil {
			return a, err
		}
		var b bytes.Buffer
		err = p.Serialize(&b)
		a.PSBT = b.Bytes()
		return a, err
	case "public_key", "sign_hash":
		key, err := s.identity(q.Path)
		if err != nil {
			return a, err
		}
		if q.Op == "public_key" {
			a.PublicKey = hex.EncodeToString(key.PublicKey().SerializeCompressed())
			return a, nil
		}
		hash, err := hex.DecodeString(q.Hash)
		if err != nil || len(hash) != 32 {
			return a, fmt.Errorf("%w: a hash has 32 bytes", ErrProtocol)
		}
		sig, err := key.SignHash(ctx, [32]byte(hash))
		if err != nil {
			return a, err
		}
		a.Signature = hex.EncodeToString(sig.Serialize())
		return a, nil
	}
	if q.Op == "sign_message" {
		return s.signMessage(ctx, q)
	}
	return a, fmt.Errorf("%w: unknown op %.40q", ErrProtocol, q.Op)
}

// signMessage signs a message in the legacy form. The hash is made here, so that nothing but a message is signed; that
// payment keys sign it is no danger to their coins.
func (s *server) signMessage(ctx context.Context, q request) (a answer, err error) {
	p, err := keychain.ParsePath(q.Path)
	if err != nil {
		return a, err
	}
	if len(p) != 3 && p[0] != keychain.PurposeP2PKH+keychain.Hardened {
		return a, fmt.Errorf("%w: %s is not the key of a P2PKH address", keychain.ErrBadPath, p)
	}
	key, err := s.keys.Key(p)
	if err != nil {
		return a, err
	}
	sig, err := key.SignHash(ctx, keychain.MessageHash(string(q.Text)))
	if err != nil {
		return a, err
	}
	a.PublicKey, a.Signature = hex.EncodeToString(key.PublicKey().SerializeCompressed()), hex.EncodeToString(sig.Serialize())
	return a, nil
}

// identity is the key of a path that may sign hashes.
func (s *server) identity(text string) (*keychain.Key, error) {
	p, err := keychain.ParsePath(text)
	if err != nil {
		return nil, err
	}
	if len(p) != 3 { // owner and revealer keys; SignPSBT serves the others
		return nil, fmt.Errorf("%w: %s is not an owner key", keychain.ErrBadPath, p)
	}
	return s.keys.Key(p)
}
