package agent

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/wallet/keychain"
)

// Client asks the agent at one of a few sockets, the first where one answers.
type Client struct{ sockets []string }

// New returns a client for the agent at a socket; nothing is asked yet.
func New(socket string) *Client { return &Client{[]string{socket}} }

// Of returns a client for the agent of a home, wherever it listens; nothing is asked yet.
func Of(home string) *Client { return &Client{sockets(home)} }

// Status is what an agent says of itself.
type Status struct {
	Keychain string    // id of the keychain that it has unlocked
	Until    time.Time // when it locks
}

// ask sends one request. ErrNoAgent: nobody answers.
func (c *Client) ask(ctx context.Context, q request) (*answer, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := checkPeer(conn); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(2 * patience))
	var a answer
	if err = writeLine(conn, q); err == nil {
		err = readLine(conn, &a)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	return &a, a.err()
}

// dial connects to the first socket where somebody listens.
func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	for _, socket := range c.sockets {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", socket)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return nil, ErrNoAgent
}

// Status asks which keychain is unlocked, and for how long.
func (c *Client) Status(ctx context.Context) (Status, error) { return c.status(ctx, opStatus) }

// Lock ends the agent. Its keys are zeroed when it returns.
func (c *Client) Lock(ctx context.Context) (Status, error) { return c.status(ctx, opLock) }

func (c *Client) status(ctx context.Context, op string) (Status, error) {
	a, err := c.ask(ctx, request{Op: op})
	if err != nil {
		return Status{}, err
	}
	if a.Until == nil || a.Keychain == "" {
		return Status{}, ErrProtocol
	}
	return Status{Keychain: a.Keychain, Until: *a.Until}, nil
}

// SignPSBT lets the agent sign, as keychain.SignPSBT does. What comes back must be about the same
// transaction.
func (c *Client) SignPSBT(ctx context.Context, p *psbt.Packet) (int, error) {
	var b bytes.Buffer
	if err := p.Serialize(&b); err != nil {
		return 0, fmt.Errorf("agent: %w", err)
	}
	a, err := c.ask(ctx, request{Op: opSignPSBT, PSBT: b.Bytes()})
	if err != nil {
		return 0, err
	}
	signed, err := psbt.NewFromRawBytes(bytes.NewReader(a.PSBT), false)
	if err != nil || signed.UnsignedTx.TxHash() != p.UnsignedTx.TxHash() || len(signed.Inputs) != len(p.Inputs) {
		return 0, fmt.Errorf("%w: the PSBT that came back is another one", ErrProtocol)
	}
	p.Inputs = signed.Inputs
	return a.Signed, nil
}

// Vouches asks whether the list of scripts with this digest and MAC was written by a holder of the
// password.
func (c *Client) Vouches(ctx context.Context, digest [32]byte, mac []byte) (bool, error) {
	a, err := c.ask(ctx, request{Op: opVouch, Digest: digest[:], MAC: mac})
	if err != nil {
		return false, err
	}
	return a.Vouched, nil
}

// Mark is keychain.Mark.
func (c *Client) Mark(ctx context.Context, text []byte) ([]byte, error) {
	a, err := c.ask(ctx, request{Op: opMark, Text: text})
	if err != nil {
		return nil, err
	}
	if len(a.Mark) != 32 {
		return nil, fmt.Errorf("%w: the mark", ErrProtocol)
	}
	return a.Mark, nil
}

// Key is an owner or revealer key in the agent.
type Key struct {
	client *Client
	path   string
	pub    *btcec.PublicKey
}

// Key asks for the public key of a path.
func (c *Client) Key(ctx context.Context, path keychain.Path) (*Key, error) {
	k := &Key{client: c, path: path.String()}
	a, err := c.ask(ctx, request{Op: opPublicKey, Path: k.path})
	if err != nil {
		return nil, err
	}
	if k.pub, err = a.publicKey(); err != nil {
		return nil, err
	}
	return k, nil
}

// PublicKey is the public key.
func (k *Key) PublicKey() *btcec.PublicKey { return k.pub }

// SignToken lets the agent sign the token of a header and a payload, and checks what comes back.
func (k *Key) SignToken(ctx context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	hash, err := keychain.TokenHash(header, payload)
	if err != nil {
		return nil, err
	}
	a, err := k.client.ask(ctx, request{Op: opSignToken, Path: k.path, Header: header, Payload: payload})
	if err != nil {
		return nil, err
	}
	return a.signature(hash, k.pub)
}

// SignMessage lets the agent sign a message in the legacy form with the key of an identity or of a
// P2PKH payment address, and checks what comes back.
func (c *Client) SignMessage(ctx context.Context, path keychain.Path, message string) (*btcec.PublicKey, *ecdsa.Signature, error) {
	a, err := c.ask(ctx, request{Op: opSignMessage, Path: path.String(), Text: []byte(message)})
	if err != nil {
		return nil, nil, err
	}
	pub, err := a.publicKey()
	if err != nil {
		return nil, nil, err
	}
	sig, err := a.signature(keychain.MessageHash(message), pub)
	return pub, sig, err
}

// publicKey is the public key in an answer.
func (a *answer) publicKey() (*btcec.PublicKey, error) {
	b, err := hex.DecodeString(a.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("%w: the public key", ErrProtocol)
	}
	pub, err := btcec.ParsePubKey(b)
	if err != nil {
		return nil, fmt.Errorf("%w: the public key", ErrProtocol)
	}
	return pub, nil
}

// signature is the signature in an answer, which must be one of a hash by a key.
func (a *answer) signature(hash [32]byte, pub *btcec.PublicKey) (*ecdsa.Signature, error) {
	b, err := hex.DecodeString(a.Signature)
	if err != nil {
		return nil, fmt.Errorf("%w: the signature", ErrProtocol)
	}
	sig, err := ecdsa.ParseDERSignature(b)
	if err != nil || !sig.Verify(hash[:], pub) {
		return nil, fmt.Errorf("%w: the signature", ErrProtocol)
	}
	return sig, nil
}
