package commands

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/rogpeppe/go-internal/testscript"
	"go.etcd.io/bbolt"

	"blockstack/wallet/coins"
)

// scriptForge is the thief: with keys of his own and without the password he writes scripts into the files of a home.
//
//	forge rows labels.db     the first three addresses of every kind and identity 0 are his
//	forge list keychain      the list says that the account of nested addresses is his
//	forge nolist keychain    a keychain of before there were lists
func scriptForge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: forge rows|list|nolist FILE")
	}
	his, err := hdkeychain.NewMaster(bytes.Repeat([]byte{7}, 32), &chaincfg.RegressionNetParams)
	ts.Check(err)
	file := ts.MkAbs(args[1])
	if args[0] == "rows" {
		db, err := bbolt.Open(file, 0o600, nil)
		ts.Check(err)
		ts.Check(errors.Join(db.Update(func(tx *bbolt.Tx) error { return forgeRows(tx, his) }), db.Close()))
		return
	}
	raw, err := os.ReadFile(file)
	ts.Check(err)
	var doc map[string]any
	ts.Check(json.Unmarshal(raw, &doc))
	switch args[0] {
	case "list":
		account, err := his.Neuter()
		ts.Check(err)
		for _, home := range doc["scripts"].(map[string]any)["homes"].(map[string]any) {
			home.(map[string]any)["accounts"].(map[string]any)["49"] = account.String()
		}
	case "nolist":
		delete(doc, "scripts")
		doc["schema"] = "blockstack/keychain/v1"
	default:
		ts.Fatalf("forge %s", args[0])
	}
	raw, err = json.Marshal(doc)
	ts.Check(err)
	ts.Check(os.WriteFile(file, raw, 0o600))
}

// forgeRows puts his scripts and keys where ours were.
func forgeRows(tx *bbolt.Tx, his *hdkeychain.ExtendedKey) error {
	pub, err := his.ECPubKey()
	if err != nil {
		return err
	}
	keys, scripts := tx.Bucket([]byte("keys")), tx.Bucket([]byte("scripts"))
	row := func(kind coins.Kind, purpose, branch byte, index uint32) error {
		k, err := coins.NewPaymentKey(&chaincfg.RegressionNetParams, kind, coins.Receive, 0, pub)
		if err != nil {
			return err
		}
		place := binary.BigEndian.AppendUint32([]byte{purpose, branch}, index)
		if err := scripts.Delete(bytes.Clone(keys.Get(place))); err != nil {
			return err
		}
		return errors.Join(keys.Put(place, k.Script), scripts.Put(k.Script, append(place, pub.SerializeCompressed()...)))
	}
	for kind, purpose := range map[coins.Kind]byte{coins.P2PKH: 44, coins.P2SHP2WPKH: 49, coins.P2WPKH: 84, coins.P2TR: 86} {
		for branch := range byte(2) {
			for index := range uint32(3) {
				err = errors.Join(err, row(kind, purpose, branch, index))
			}
		}
	}
	return errors.Join(err, row(coins.P2PKH, 1, 0, 0))
}
