package coins

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcwallet/chain"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// Shared scripts are P2SH scripts that several keys sign (m of n, BIP 11 and 16),
// such as those of names that several people own. btcwallet's watch-only address
// manager takes no scripts, so they are watched past it: link.go asks the chain for
// their addresses too, and records what they receive.

// Role and kind of the scripts that several keys sign.
const (
	Shared Role = "shared"
	P2SH   Kind = "p2sh"
)

const sharedByte = 3

// bucketShared: index (4) -> JSON of sharedRow. It is made when it is first needed.
var bucketShared = []byte("shared")

type sharedRow struct {
	Redeem []byte `json:"redeem_script"`
	Label  string `json:"label,omitempty"`
}

// SharedScript is a script that several keys sign.
type SharedScript struct {
	Index     uint32
	Label     string
	Redeem    []byte
	Script    []byte
	Address   string
	Threshold int
	Keys      [][]byte // in the order of the script
}

// ParseShared reads a redeem script: m of n compressed keys, at most 15, no key
// twice, at most 520 bytes (BIP 16).
func ParseShared(redeem []byte) (threshold int, keys [][]byte, err error) {
	bad := func(text string) (int, [][]byte, error) {
		return 0, nil, fmt.Errorf("%w: redeem script: %s", ErrBadScript, text)
	}
	if len(redeem) > txscript.MaxScriptElementSize {
		return bad("longer than 520 bytes")
	}
	if multi, err := txscript.IsMultisigScript(redeem); err != nil || !multi {
		return bad("it is no multisig script")
	}
	n, m, err := txscript.CalcMultiSigStats(redeem)
	if err != nil {
		return bad(err.Error())
	}
	seen := make(map[string]bool)
	for t := txscript.MakeScriptTokenizer(0, redeem); t.Next(); {
		if k := t.Data(); len(k) > 0 {
			if len(k) != 33 || seen[string(k)] {
				return bad("its keys must be compressed, each there once")
			}
			seen[string(k)] = true
			keys = append(keys, bytes.Clone(k))
		}
	}
	if len(keys) != n || m < 1 || m > n {
		return bad("its numbers do not fit its keys")
	}
	return m, keys, nil
}

// AddShared begins to watch a script. The next sync looks at the chain from the
// birthday. Again it changes at most the label.
func (c *Coins) AddShared(ctx context.Context, redeem []byte, label string) (s SharedScript, err error) {
	if err := ctx.Err(); err != nil {
		return s, err
	}
	_, keys, err := ParseShared(redeem)
	if err != nil {
		return s, err
	}
	script, err := setScript(redeem)
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrBadScript, err)
	}
	c.syncing.Lock() // what a scan that is under way looks for must not change
	defer c.syncing.Unlock()
	err = c.book.update(func(tx *dbfile.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists(bucketShared)
		if err != nil {
			return err
		}
		c.scripts.addSet(redeem)
		k, known, err := c.keyOf(tx, script)
		if err != nil {
			return err
		}
		if !known {
			if k.Index, err = nextShared(bucket); err != nil {
				return err
			}
			place := append([]byte{sharedByte, 0}, u32(k.Index)...)
			if err := tx.Bucket(bucketScripts).Put(script, append(place, keys[0]...)); err != nil {
				return err
			}
			if err := setRescan(tx, "a shared script was added"); err != nil {
				return err
			}
		}
		raw, err := json.Marshal(sharedRow{Redeem: redeem, Label: label})
		if err != nil {
			return err
		}
		s, err = c.sharedOf(k.Index, raw)
		if err != nil {
			return err
		}
		return bucket.Put(u32(k.Index), raw)
	})
	return s, err
}

// nextShared is the first index that is free.
func nextShared(b *dbfile.Bucket) (uint32, error) {
	last, _ := b.Last()
	if last == nil {
		return 0, nil
	}
	if len(last) != 4 {
		return 0, fmt.Errorf("%w: index of a shared script", ErrMalformed)
	}
	return binary.BigEndian.Uint32(last) + 1, nil
}

// readSharedRow reads the JSON of a row.
func readSharedRow(raw []byte) (row sharedRow, err error) {
	if err := json.Unmarshal(raw, &row); err != nil {
		return row, fmt.Errorf("%w: it is no JSON: %w", ErrMalformed, err)
	}
	return row, nil
}

// sharedOf reads a row.
func (c *Coins) sharedOf(index uint32, raw []byte) (SharedScript, error) {
	row, err := readSharedRow(raw)
	if err != nil {
		return SharedScript{}, fmt.Errorf("shared script %d: %w", index, err)
	}
	s := SharedScript{Index: index, Label: row.Label, Redeem: row.Redeem}
	if s.Threshold, s.Keys, err = ParseShared(row.Redeem); err != nil {
		return s, fmt.Errorf("%w: shared script %d: %w", ErrMalformed, index, err)
	}
	addr, err := address.NewAddressScriptHash(row.Redeem, c.net)
	if err != nil {
		return s, err
	}
	s.Address = addr.EncodeAddress()
	s.Script, err = txscript.PayToAddrScript(addr)
	return s, err
}

// SharedScripts lists the scripts that several keys sign.
func (c *Coins) SharedScripts(ctx context.Context) (list []SharedScript, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = c.book.view(func(tx *dbfile.Tx) error {
		list, err = c.sharedRows(tx)
		return err
	})
	return list, err
}

// sharedRows are the rows of the scripts that are believed.
func (c *Coins) sharedRows(tx *dbfile.Tx) (list []SharedScript, err error) {
	b := tx.Bucket(bucketShared)
	if b == nil {
		return nil, nil
	}
	err = b.ForEach(func(k, raw []byte) error {
		if len(k) != 4 {
			return fmt.Errorf("%w: index of a shared script", ErrMalformed)
		}
		s, err := c.sharedOf(binary.BigEndian.Uint32(k), raw)
		if err == nil && c.scripts.knows(s.Redeem) {
			list = append(list, s)
		}
		return err
	})
	return list, err
}

// setScript is the output script of a redeem script: P2SH.
func setScript(redeem []byte) ([]byte, error) {
	return txscript.NewScriptBuilder().AddOp(txscript.OP_HASH160).AddData(address.Hash160(redeem)).AddOp(txscript.OP_EQUAL).Script()
}

// sharedAddresses are the addresses that link watches beside btcwallet's.
func (c *Coins) sharedAddresses() ([]address.Address, error) {
	list, err := c.SharedScripts(context.Background())
	if err != nil {
		return nil, err
	}
	var out []address.Address
	for _, s := range list {
		addr, err := address.NewAddressScriptHash(s.Redeem, c.net)
		if err != nil {
			return nil, err
		}
		out = append(out, addr)
	}
	return out, nil
}

// recordShared puts the transactions of a notification that pay shared scripts into
// the books before btcwallet hears of them: it would not see these outputs, and a
// spend of one in the same block would find nothing to spend.
func (l *link) recordShared(n any) error {
	if l.shared == nil {
		return nil
	}
	switch n := n.(type) {
	case chain.RelevantTx:
		return l.recordSharedTx(n.TxRecord, n.Block)
	case chain.FilteredBlockConnected:
		for _, rec := range n.RelevantTxs {
			if err := l.recordSharedTx(rec, n.Block); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *link) recordSharedTx(rec *wtxmgr.TxRecord, block *wtxmgr.BlockMeta) error {
	keys, err := l.shared(&rec.MsgTx)
	if err != nil {
		return err
	}
	pays := false
	for _, k := range keys {
		pays = pays || k.Role == Shared
	}
	if !pays {
		return nil
	}
	if !l.send(barrier{}) { // what came before is dealt with
		return nil
	}
	return walletdb.Update(l.db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(txBucket)
		if block == nil {
			if _, err := removeConflicts(l.w.TxStore, ns, &rec.MsgTx); err != nil {
				return err
			}
		}
		known, err := l.w.TxStore.InsertTxCheckIfExists(ns, rec, block)
		if err != nil || known {
			return err
		}
		for i, k := range keys {
			if err := l.w.TxStore.AddCredit(ns, rec, block, i, k.Role == Payment && k.Branch == Change); err != nil {
				return err
			}
		}
		return nil
	})
}

// withShared adds the addresses of shared scripts to a list.
func (l *link) withShared(addrs []address.Address) []address.Address {
	return append(append([]address.Address{}, addrs...), l.also...)
}

// NotifyReceived asks for payments to shared scripts, too.
func (l *link) NotifyReceived(addrs []address.Address) error {
	return l.Interface.NotifyReceived(l.withShared(addrs))
}
