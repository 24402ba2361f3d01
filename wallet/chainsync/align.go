package chainsync

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/tracker"
)

// recentBlocks is how far below the tip the blocks of our transactions are compared with the chain.
const recentBlocks = 100

// align rolls the tracker back to the last block that it shares with the chain. It sees what
// btcwallet's own comparison does not: a chain that is now shorter, and a transaction whose block
// is gone although the sync mark looks right. It runs before btcwallet is connected.
func align(l *link) error {
	bad, err := firstWrong(l)
	if errors.Is(err, tracker.ErrRebuild) {
		return err
	}
	if err != nil {
		return fmt.Errorf("compare the wallet with the chain: %w", err)
	}
	if bad < 0 {
		return nil
	}
	err = walletdb.Update(l.db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(tracker.AddrBucket)
		birthday, _, err := l.w.Manager.BirthdayBlock(ns)
		if err != nil || bad <= birthday.Height {
			return tracker.ErrRebuild
		}
		return rollback(tx, l.w, bad, l.w.SyncedTo().Timestamp)
	})
	if err != nil {
		return fmt.Errorf("%w: from block %d on: %w", tracker.ErrRebuild, bad, err)
	}
	return nil
}

// firstWrong is the lowest height at which the tracker differs from the chain, -1 when there is
// none.
func firstWrong(l *link) (int32, error) {
	_, best, err := l.Interface.GetBestBlock()
	if err != nil {
		return 0, err
	}
	inChain := func(height int32, hash chainhash.Hash) (bool, error) {
		if height > best {
			return false, nil
		}
		h, err := l.Interface.GetBlockHash(int64(height))
		if err != nil {
			return false, err
		}
		return *h == hash, nil
	}
	bad := int32(-1)
	err = walletdb.View(l.db, func(tx walletdb.ReadTx) error {
		ns, m := tx.ReadBucket(tracker.AddrBucket), l.w.Manager
		if _, _, err := m.BirthdayBlock(ns); err != nil {
			return nil // never synced
		}
		synced := m.SyncedTo()
		for h := synced.Height; h >= 0; h-- {
			ours, err := m.BlockHash(ns, h)
			if err != nil {
				bad = h // below what is remembered: cannot be repaired in place
				return nil
			}
			ok, err := inChain(h, *ours)
			if err != nil {
				return err
			}
			if ok {
				break
			}
			bad = h
		}
		blocks, err := recentTxBlocks(tracker.Store{Store: l.w.TxStore, NS: tx.ReadBucket(tracker.TxBucket), Tip: synced})
		if err != nil {
			return fmt.Errorf("%w: %w", tracker.ErrRebuild, err)
		}
		for _, b := range blocks {
			if bad >= 0 && b.Height >= bad {
				continue
			}
			ok, err := inChain(b.Height, b.Hash)
			if err != nil {
				return err
			}
			if !ok {
				bad = b.Height
			}
		}
		return nil
	})
	return bad, err
}

// errTwice: the tracker has a transaction in two blocks and counts it twice.
var errTwice = errors.New("a transaction is in two blocks")

// recentTxBlocks lists the blocks, young enough to be in question, that hold transactions of ours,
// from the top down.
func recentTxBlocks(s tracker.Store) ([]wtxmgr.Block, error) {
	var out []wtxmgr.Block
	seen := make(map[chainhash.Hash]bool)
	// From -1, which stands for "unconfirmed, then down from the tip".
	err := s.RangeTransactions(s.NS, -1, max(0, s.Tip.Height-recentBlocks), func(list []wtxmgr.TxDetails) (bool, error) {
		for i := range list {
			if seen[list[i].Hash] {
				return true, errTwice
			}
			seen[list[i].Hash] = true
			if b := list[i].Block.Block; b.Height >= 0 && (len(out) == 0 || out[len(out)-1] != b) {
				out = append(out, b)
			}
		}
		return false, nil
	})
	return out, err
}
