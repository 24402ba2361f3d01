package agent

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/wallet/keychain"
)

// errFault is what a client is told when its request met a bug. What a panic says is not told: it
// may be about anything.
var errFault = errors.New("bug: the agent could not answer this request")

// server answers requests with the keys of a keychain.
type server struct {
	keys  *keychain.Keychain
	term  *term
	stop  func()
	conns conns
	work  chan struct{} // has room for one: requests are done one after the other
}

// serve answers the request of one connection.
func (s *server) serve(ctx context.Context, c net.Conn) {
	busy := false
	defer func() { s.conns.done(c, busy) }()
	if err := checkPeer(c); err != nil {
		return
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	var q request
	readErr := readLine(c, &q)
	if busy = s.conns.asked(c); !busy {
		return
	}
	if readErr != nil {
		_ = writeLine(c, refusal(readErr))
		return
	}
	a := s.answer(ctx, q)
	if q.Op == opLock || s.keys.Locked() {
		s.keys.Lock() // before it is said
		defer s.stop()
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	_ = writeLine(c, a)
}

// answer does what a request asks for, unless the time is over. A bug that it meets is told to this
// client alone: the agent goes on, with the keys that it has.
func (s *server) answer(ctx context.Context, q request) (a answer) {
	s.work <- struct{}{}
	defer func() { <-s.work }()
	defer func() {
		if recover() != nil {
			a = refusal(errFault)
		}
	}()
	if s.term.over() {
		s.keys.Lock()
		return refusal(fmt.Errorf("%w: the time of the agent is over", keychain.ErrLocked))
	}
	a, err := s.do(ctx, q)
	if err != nil {
		return refusal(err)
	}
	return a
}

// The operations.
const (
	opStatus      = "status"
	opLock        = "lock"
	opPublicKey   = "public_key"
	opSignPSBT    = "sign_psbt"
	opSignToken   = "sign_token"
	opSignMessage = "sign_message"
	opVouch       = "vouch"
	opMark        = "mark"
)

func (s *server) do(ctx context.Context, q request) (a answer, err error) {
	switch q.Op {
	case opStatus, opLock:
		until := s.term.until.UTC().Truncate(time.Second)
		return answer{Keychain: s.keys.ID(), Until: &until}, nil
	case opSignPSBT:
		return s.signPSBT(ctx, q)
	case opMark:
		a.Mark, err = s.keys.Mark(q.Text)
		return a, err
	case opVouch:
		if len(q.Digest) != 32 {
			return a, fmt.Errorf("%w: a digest has 32 bytes", ErrProtocol)
		}
		a.Vouched, err = s.keys.Vouches([32]byte(q.Digest), q.MAC)
		return a, err
	}
	var sign func(k *keychain.Key) (*ecdsa.Signature, error)
	var may func(keychain.Path) bool
	switch q.Op {
	case opPublicKey:
		may = keychain.Path.Identity
	case opSignToken:
		may = keychain.Path.Owner
		sign = func(k *keychain.Key) (*ecdsa.Signature, error) { return k.SignToken(ctx, q.Header, q.Payload) }
	case opSignMessage:
		may = func(p keychain.Path) bool { return p.Identity() || p.P2PKH() }
		sign = func(k *keychain.Key) (*ecdsa.Signature, error) { return k.SignMessage(ctx, string(q.Text)) }
	default:
		return a, fmt.Errorf("%w: unknown op %.40q", ErrProtocol, q.Op)
	}
	path, err := keychain.ParsePath(q.Path)
	if err != nil {
		return a, err
	}
	if !may(path) {
		return a, fmt.Errorf("%w: the key at %s is none for %s", keychain.ErrBadPath, path, q.Op)
	}
	key, err := s.keys.Key(path)
	if err != nil {
		return a, err
	}
	a.PublicKey = hex.EncodeToString(key.PublicKey().SerializeCompressed())
	if sign == nil {
		return a, nil
	}
	sig, err := sign(key)
	if err != nil {
		return answer{}, err
	}
	a.Signature = hex.EncodeToString(sig.Serialize())
	return a, nil
}

// signPSBT is keychain.SignPSBT.
func (s *server) signPSBT(ctx context.Context, q request) (a answer, err error) {
	p, err := psbt.NewFromRawBytes(bytes.NewReader(q.PSBT), false)
	if err != nil {
		return a, fmt.Errorf("%w: it is no PSBT", ErrProtocol)
	}
	if a.Signed, err = s.keys.SignPSBT(ctx, p); err != nil {
		return answer{}, err
	}
	var b bytes.Buffer
	if err := p.Serialize(&b); err != nil {
		return answer{}, fmt.Errorf("agent: %w", err)
	}
	a.PSBT = b.Bytes()
	return a, nil
}
