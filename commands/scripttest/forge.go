package scripttest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"blockstack/storage/dbfile"
	"blockstack/wallet/scripts"
)

// scriptForge is the thief: with keys of his own and without the password he writes scripts into
// the files of a home, with right checksums.
//
//	forge rows labels.db     the first three addresses of every kind and identity 0 are his
//	forge list keychain      the list says that the account of nested addresses is his
//	forge nolist keychain    a keychain of before there were lists
//	forge sent labels.db     our unconfirmed payments pay him
//	forge prepared labels.db the change of payments that wait for signatures is his
//	forge job journal.db     every job of a name becomes one, with an id of its own, that gives the name to him and has signed nothing
func scriptForge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: forge rows|list|nolist|job|sent|prepared FILE")
	}
	his, err := hdkeychain.NewMaster(bytes.Repeat([]byte{7}, 32), &chaincfg.RegressionNetParams)
	ts.Check(err)
	file := ts.MkAbs(args[1])
	write := map[string]func(*dbfile.Tx, *hdkeychain.ExtendedKey) error{"rows": forgeRows, "job": forgeJob, "sent": forgeSent, "prepared": forgePrepared}[args[0]]
	if write != nil {
		db, err := dbfile.OpenRows(file, dbfile.Format{}, dbfile.Options{Wait: time.Second})
		ts.Check(err)
		ts.Check(errors.Join(db.Update(func(tx *dbfile.Tx) error { return write(tx, his) }), db.Close()))
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

// payTo is the payment key of his of a kind.
func payTo(his *hdkeychain.ExtendedKey, kind scripts.Kind) (scripts.Key, error) {
	pub, err := his.ECPubKey()
	if err != nil {
		return scripts.Key{}, err
	}
	return scripts.NewPaymentKey(&chaincfg.RegressionNetParams, kind, scripts.Receive, 0, pub)
}

// forgeJob makes jobs up that give names to him.
func forgeJob(tx *dbfile.Tx, his *hdkeychain.ExtendedKey) error {
	k, err := payTo(his, scripts.P2PKH)
	if err != nil {
		return err
	}
	jobs, made := tx.Bucket([]byte("jobs")), map[string][]byte{}
	err = jobs.ForEach(func(id, raw []byte) error {
		var j struct {
			Request map[string]any `json:"request"`
			Created any            `json:"created"`
			Mark    []byte         `json:"mark"`
		}
		if err := json.Unmarshal(raw, &j); err != nil || j.Request["name"] == nil {
			return err
		}
		j.Request["kind"], j.Request["to"] = "transfer", k.Script
		delete(j.Request, "zone_file")
		forged := "0123" + string(id[4:])
		raw, err := json.Marshal(map[string]any{"id": forged, "attempt": 0, "state": 1, "request": j.Request, "created": j.Created, "updated": j.Created, "mark": j.Mark})
		made[forged] = raw
		return err
	})
	for id, raw := range made {
		err = errors.Join(err, jobs.Put([]byte(id), raw))
	}
	return err
}

// forgeSent rewrites what was sent: the smallest output of each payment pays him.
func forgeSent(tx *dbfile.Tx, his *hdkeychain.ExtendedKey) error {
	k, err := payTo(his, scripts.P2WPKH)
	if err != nil {
		return err
	}
	bucket, rows := tx.Bucket([]byte("sent")), map[string][]byte{}
	err = bucket.ForEach(func(id, raw []byte) error {
		rows[string(id)] = bytes.Clone(raw)
		return nil
	})
	for id, raw := range rows {
		t := new(wire.MsgTx)
		if err := errors.Join(err, t.Deserialize(bytes.NewReader(raw)), bucket.Delete([]byte(id))); err != nil {
			return err
		}
		slices.MinFunc(t.TxOut, func(a, b *wire.TxOut) int { return cmp.Compare(a.Value, b.Value) }).PkScript = k.Script
		var b bytes.Buffer
		hash := t.TxHash()
		if err := errors.Join(t.Serialize(&b), bucket.Put(hash[:], b.Bytes())); err != nil {
			return err
		}
	}
	return err
}

// forgePrepared rewrites what waits for signatures: the largest output pays him.
func forgePrepared(tx *dbfile.Tx, his *hdkeychain.ExtendedKey) error {
	k, err := payTo(his, scripts.P2WPKH)
	if err != nil {
		return err
	}
	held := tx.Bucket([]byte("held"))
	var coinsHeld [][]byte
	err = held.ForEach(func(coin, _ []byte) error {
		coinsHeld = append(coinsHeld, bytes.Clone(coin))
		return nil
	})
	for _, coin := range coinsHeld {
		err = errors.Join(err, held.Delete(coin))
	}
	if err != nil {
		return err
	}
	payments, requests := tx.Bucket([]byte("payments")), tx.Bucket([]byte("requests"))
	rows := map[string]map[string]any{}
	err = payments.ForEach(func(id, raw []byte) error {
		row := map[string]any{}
		rows[string(id)] = row
		return json.Unmarshal(raw, &row)
	})
	for id, row := range rows {
		raw, derr := base64.StdEncoding.DecodeString(row["psbt"].(string))
		p, perr := psbt.NewFromRawBytes(bytes.NewReader(raw), false)
		if err := errors.Join(err, derr, perr); err != nil {
			return err
		}
		most := 0
		for i, out := range p.UnsignedTx.TxOut {
			if out.Value > p.UnsignedTx.TxOut[most].Value {
				most = i
			}
		}
		p.UnsignedTx.TxOut[most].PkScript, p.Outputs[most] = k.Script, psbt.POutput{}
		var packet, bare bytes.Buffer
		if err := errors.Join(p.Serialize(&packet), p.UnsignedTx.Serialize(&bare)); err != nil {
			return err
		}
		row["psbt"], row["tx"] = packet.Bytes(), bare.Bytes()
		raw, err := json.Marshal(row)
		hash := p.UnsignedTx.TxHash()
		err = errors.Join(err, payments.Delete([]byte(id)), payments.Put(hash[:], raw))
		if request, ok := row["request"].(string); ok {
			err = errors.Join(err, requests.Put([]byte(request), hash[:]))
		}
		if err != nil {
			return err
		}
	}
	return err
}

// forgeRows puts his scripts and keys where ours were.
func forgeRows(tx *dbfile.Tx, his *hdkeychain.ExtendedKey) error {
	pub, err := his.ECPubKey()
	if err != nil {
		return err
	}
	keys, rows := tx.Bucket([]byte("keys")), tx.Bucket([]byte("scripts"))
	row := func(kind scripts.Kind, purpose, branch byte, index uint32) error {
		k, err := scripts.NewPaymentKey(&chaincfg.RegressionNetParams, kind, scripts.Receive, 0, pub)
		if err != nil {
			return err
		}
		place := binary.BigEndian.AppendUint32([]byte{purpose, branch}, index)
		if err := rows.Delete(bytes.Clone(keys.Get(place))); err != nil {
			return err
		}
		return errors.Join(keys.Put(place, k.Script), rows.Put(k.Script, append(place, pub.SerializeCompressed()...)))
	}
	for kind, purpose := range map[scripts.Kind]byte{scripts.P2PKH: 44, scripts.P2SHP2WPKH: 49, scripts.P2WPKH: 84, scripts.P2TR: 86} {
		for branch := range byte(2) {
			for index := range uint32(3) {
				err = errors.Join(err, row(kind, purpose, branch, index))
			}
		}
	}
	return errors.Join(err, row(scripts.P2PKH, 1, 0, 0))
}
