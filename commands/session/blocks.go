package session

import (
	"context"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/home"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/chain/peers"
) // peersPause is how long a command that waits for a block stays away from peers, so that other commands can ask them.
const peersPause = time.Minute

// NextMoneyBlock waits until there may be a new block. Meanwhile others can use what this command
// had open.
func (e *Session) NextMoneyBlock(ctx context.Context, n home.Bitcoin, tip chainhash.Hash, noMine bool) error {
	mined, err := e.MineOne(ctx, noMine)
	if err != nil {
		return err
	}
	_, byPeers := n.(*peers.Peers)
	if byPeers { // others can use the headers while this command waits
		if err := e.bitcoin.end(); err != nil {
			return err
		}
	}
	switch {
	case mined:
		return nil
	case !byPeers:
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

// Offered tells what peers leave open about a transaction that was sent to them.
func Offered(e *Session, is bool) {
	if is {
		e.Out.Note("peers do not say whether they accept a transaction; that it is in a block shows it")
	}
}

// NextBlock waits until the chain has moved on from a tip.
func (e *Session) NextBlock(ctx context.Context, n *node.Node, tip [32]byte, noMine bool) error {
	mined, err := e.MineOne(ctx, noMine)
	if err != nil || mined {
		return err
	}
	_, _, err = n.WaitBlock(ctx, tip)
	return err
}

// MineOne mines a block on the sandbox, unless that is not wanted.
func (e *Session) MineOne(ctx context.Context, noMine bool) (mined bool, err error) {
	if noMine {
		return false, nil
	}
	return e.Home.MineOne(ctx)
}
