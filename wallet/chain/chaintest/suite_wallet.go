package chaintest

import (
	"bytes"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/wire/v2"
	btcwallet "github.com/btcsuite/btcwallet/chain"
)

// walletClient tests the client that the coin tracker follows: what it answers and which
// notifications come in which order.
func (s *suite) walletClient() {
	ctx := s.t.Context()
	client, err := s.Node.WalletClient(ctx)
	s.no(err)
	s.no(client.Start(ctx))
	defer func() {
		client.Stop()
		client.WaitForShutdown()
	}()
	next := func(want string, match func(any) bool) {
		s.t.Helper()
		for end := time.After(20 * time.Second); ; {
			select {
			case n, ok := <-client.Notifications():
				if !ok {
					s.t.Fatalf("no more notifications while waiting for %s", want)
				}
				if match(n) {
					return
				}
			case <-end:
				s.t.Fatalf("no notification: %s", want)
			}
		}
	}
	next("connected", func(n any) bool { _, ok := n.(btcwallet.ClientConnected); return ok })
	height, hash := s.tip()
	if got, h, err := client.GetBestBlock(); err != nil || *got != hash || h != height {
		s.t.Errorf("best block %v %d, want %s %d (%v)", got, h, hash, height, err)
	}
	block, err := client.GetBlock(&hash)
	s.no(err)
	if block.BlockHash() != hash {
		s.t.Errorf("another block")
	}
	if got, err := client.GetBlockHash(int64(height)); err != nil || *got != hash {
		s.t.Errorf("block hash %v, %v", got, err)
	}
	addr, err := address.NewAddressPubKeyHash(address.Hash160(s.key.PubKey().SerializeCompressed()), params())
	s.no(err)
	s.no(client.NotifyBlocks())
	s.no(client.NotifyReceived([]address.Address{addr}))

	tx, err := s.Pay(s.script, 700_000)
	s.no(err)
	next("unconfirmed payment", func(n any) bool {
		r, ok := n.(btcwallet.RelevantTx)
		return ok && r.TxRecord.Hash == tx.TxHash() && r.Block == nil
	})
	s.Mine(1)
	mined := s.status(tx.TxHash())
	next("confirmed payment", func(n any) bool {
		r, ok := n.(btcwallet.RelevantTx)
		return ok && r.TxRecord.Hash == tx.TxHash() && r.Block != nil && r.Block.Height == mined.Height
	})
	s.Reorg(1, false)
	next("disconnected block", func(n any) bool {
		d, ok := n.(btcwallet.BlockDisconnected)
		return ok && d.Height == mined.Height && d.Hash == mined.BlockHash
	})
	for h := mined.Height; h <= mined.Height+1; h++ {
		at, err := s.Node.HashAt(ctx, h)
		s.no(err)
		next("connected block", func(n any) bool {
			c, ok := n.(btcwallet.BlockConnected)
			return ok && c.Height == h && c.Hash == at
		})
	}
	s.Mine(1)
	first, err := s.Node.HashAt(ctx, 0)
	s.no(err)
	s.no(client.Rescan(&first, []address.Address{addr}, map[wire.OutPoint]address.Address{}))
	found := false
	next("end of the rescan", func(n any) bool {
		if r, ok := n.(btcwallet.RelevantTx); ok && r.TxRecord.Hash == tx.TxHash() && r.Block != nil {
			found = true
		}
		_, ok := n.(*btcwallet.RescanFinished)
		return ok
	})
	if !found {
		s.t.Error("the rescan has not found the payment")
	}
	bad := s.spend([]wire.OutPoint{{Hash: tx.TxHash(), Index: 99}}, []*wire.TxOut{s.out(1000)})
	if _, err := client.SendRawTransaction(bad, false); err == nil {
		s.t.Error("sent what cannot be sent")
	}
	for i, out := range tx.TxOut {
		if bytes.Equal(out.PkScript, s.script) {
			good := s.spend([]wire.OutPoint{{Hash: tx.TxHash(), Index: uint32(i)}}, []*wire.TxOut{s.out(690_000)})
			if id, err := client.SendRawTransaction(good, false); err != nil || *id != good.TxHash() {
				s.t.Errorf("sent as %v, %v", id, err)
			}
			next("own spend", func(n any) bool {
				r, ok := n.(btcwallet.RelevantTx)
				return ok && r.TxRecord.Hash == good.TxHash()
			})
		}
	}
}
