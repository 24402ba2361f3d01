package commands

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/fault"
	"blockstack/txbuilder/payments/send"
	"blockstack/wallet"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/peers"
	"blockstack/wallet/chainsync"
)

// bitcoin is what money needs of the network: a node of one's own, or ordinary peers.
type bitcoin interface {
	chainsync.Backend
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	HashAt(ctx context.Context, height int32) (chainhash.Hash, error)
	Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error)
	RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error)
	EstimateFeeRate(ctx context.Context, blocks int32) (rate btcutil.Amount, known bool, err error)
	Broadcast(ctx context.Context, tx *wire.MsgTx) (chain.Outcome, error)
	WaitBlock(ctx context.Context, known chainhash.Hash) (int32, chainhash.Hash, error)
	// Peers is the number of nodes that it is connected to.
	Peers(ctx context.Context) (int, error)
}

// Bitcoin connects to what money is looked for and sent through.
func (e *Env) Bitcoin(ctx context.Context) (bitcoin, error) {
	if !e.Config.Offline && e.Config.UsesPeers() {
		return e.Peers(ctx)
	}
	return e.Node(ctx)
}

// Peers connects to ordinary peers and waits until the headers of all blocks are here.
func (e *Env) Peers(ctx context.Context) (*peers.Peers, error) {
	return e.rooms.peers.get(ctx, e, func(ctx context.Context) (*peers.Peers, func() error, error) {
		named, err := e.namedPeers(ctx)
		if err != nil {
			return nil, nil, err
		}
		shown := e.Out.Progress("headers", "blocks")
		defer shown.Done()
		p, err := peers.Open(ctx, peers.Config{
			Dir: e.Config.PeersDir(), Net: e.Config.Net(), Named: named, Proxy: e.Config.ChainProxy(), Wait: patience,
			Progress: func(p peers.Progress) {
				if p.Target-min(p.Blocks, p.Filters) >= fewBlocks {
					shown.Update(int64(p.Blocks+p.Filters)/2, int64(p.Target))
				}
			},
		})
		if err != nil {
			return nil, nil, err
		}
		return p, func() error { p.Close(); return nil }, nil
	})
}

// releasePeers lets other commands use the headers while this one waits for a block.
func (e *Env) releasePeers() {
	if e.rooms.peers.open {
		e.rooms.peers.value.Close()
		e.rooms.peers.open = false
	}
}

// namedPeers are the peers that are asked: the named ones, on the sandbox its own node; none: whoever is found.
func (e *Env) namedPeers(ctx context.Context) ([]string, error) {
	named := slices.Clone(e.Config.Peers)
	if e.Config.Network == "sandbox" && (len(named) == 0 || e.Config.Origin("peer") == "file") {
		s, err := e.Sandbox(ctx)
		if err != nil {
			return nil, err
		}
		return []string{s.P2PAddress()}, nil
	}
	if len(named) == 0 && !e.Config.Public() {
		return nil, fault.New("unreachable", "nobody but you runs a node on %s, and no peer is named", e.Config.Network).
			Hint("name one: --peer HOST:PORT")
	}
	for i, host := range named {
		if _, _, err := net.SplitHostPort(host); err != nil {
			named[i] = net.JoinHostPort(strings.Trim(host, "[]"), e.Config.Net().DefaultPort)
		}
	}
	return named, nil
}

// peersPause is how long a command that waits for a block stays away from peers, so that other commands can ask them.
const peersPause = time.Minute

// nextMoneyBlock waits until there may be a new block. Meanwhile others can use what this command had open.
func (e *Env) nextMoneyBlock(ctx context.Context, n bitcoin, tip chainhash.Hash, noMine bool) error {
	mined, err := e.mineOne(ctx, noMine)
	if err != nil {
		return err
	}
	_, viaPeers := n.(*peers.Peers)
	if viaPeers {
		e.releasePeers()
	}
	switch {
	case mined:
		return nil
	case !viaPeers:
		_, _, err = n.WaitBlock(ctx, tip)
		return err
	}
	pause := peersPause
	if !e.Config.Public() {
		pause = time.Second
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}

// seenInBlock says in which block the wallet has seen a transaction; found is false while it waits.
func seenInBlock(ctx context.Context, w *wallet.Wallet, txid chainhash.Hash) (height int32, found bool, err error) {
	entries, err := w.History(ctx)
	if err != nil {
		return 0, false, err
	}
	for i := range entries {
		if entries[i].Txid == txid && entries[i].Height >= 0 {
			return entries[i].Height, true, nil
		}
	}
	return 0, false, nil
}

// offered tells what peers leave open about a transaction that was sent to them.
func (e *Env) offered(is bool) {
	if is {
		e.Out.Note("peers do not say whether they accept a transaction; that it is in a block shows it")
	}
}

// byPeers says that strangers refuse a transaction. They may have passed it on all the same, so that it stays on record:
// another one in its place could pay a second time.
func byPeers(e *send.RefusedByPeers, f *fault.Fault) {
	txid := e.Refused.Txid.String()
	f.Hint("it stays recorded, because peers may be lying; do not pay a second time").
		Hint("if its fee is too low: blockstack bump %s", txid).
		Hint("or ask a node of your own: --backend btcd|bitcoind --node URL").
		Detail("txid", txid)
	var refused *chain.Refused
	if errors.As(e, &refused) {
		f.Message = fmt.Sprintf("the peers refuse %s (%s): %s", txid, refused.Code, refused.Reason)
		f.Detail("reason", refused.Reason).Detail("class", string(refused.Code))
	}
}
