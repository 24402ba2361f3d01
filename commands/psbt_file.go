package commands

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/txbuilder"
	"blockstack/wallet"
)

// maxPSBT is above what the largest transaction that nodes relay needs with all its previous transactions.
const maxPSBT = 32 << 20

// psbtMagic are the first bytes of a binary PSBT.
var psbtMagic = [5]byte{'p', 's', 'b', 't', 0xff}

// readFileOrStdin reads a file, or standard input for -, up to a limit.
func (e *Env) readFileOrStdin(path string, most int64) ([]byte, error) {
	in := e.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && int64(len(raw)) > most {
		err = fault("malformed", "%s has more than %d bytes", path, most)
	}
	return raw, err
}

// readPSBT reads a PSBT (BIP 174, version 0), binary or in base64, from a file or standard input.
func (e *Env) readPSBT(path string) (*psbt.Packet, error) {
	raw, err := e.readFileOrStdin(path, maxPSBT)
	if err != nil {
		return nil, fmt.Errorf("PSBT: %w", err)
	}
	p, err := parsePSBT(raw)
	if err != nil {
		return nil, fault("malformed", "%s: %v", path, err).because(err)
	}
	return p, nil
}

// parsePSBT reads a PSBT from bytes: binary, or base64 with or without line breaks.
func parsePSBT(raw []byte) (*psbt.Packet, error) {
	if !bytes.HasPrefix(raw, psbtMagic[:]) {
		text := bytes.Join(bytes.Fields(raw), nil)
		decoded, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil || !bytes.HasPrefix(decoded, psbtMagic[:]) {
			return nil, errors.New("not a PSBT, neither binary nor in base64")
		}
		raw = decoded
	}
	r := bytes.NewReader(raw)
	p, err := psbt.NewFromRawBytes(r, false)
	if err != nil {
		return nil, fmt.Errorf("not a PSBT: %w", err)
	}
	if r.Len() > 0 {
		return nil, errors.New("something follows the PSBT")
	}
	if p.UnsignedTx == nil || len(p.Inputs) == 0 || len(p.Inputs) != len(p.UnsignedTx.TxIn) || len(p.Outputs) != len(p.UnsignedTx.TxOut) {
		return nil, errors.New("the PSBT is incomplete")
	}
	return p, nil
}

// putPSBT writes a PSBT: binary to a new file, or base64 to standard output for - and nothing. With --json it is returned
// for the document instead of being written to standard output.
func (e *Env) putPSBT(path string, p *psbt.Packet) (text string, err error) {
	var b bytes.Buffer
	if err := p.Serialize(&b); err != nil {
		return "", fmt.Errorf("PSBT: %w", err)
	}
	if path != "" && path != "-" {
		if err := newFile(path, b.Bytes(), 0o600); err != nil {
			return "", fmt.Errorf("PSBT: %w", err)
		}
		return "", nil
	}
	text = base64.StdEncoding.EncodeToString(b.Bytes())
	if !e.Out.JSON() {
		e.Out.Raw([]byte(text + "\n"))
	}
	return text, nil
}

// writePlan writes the unsigned transaction of a payment, with what an offline wallet needs to sign it.
func writePlan(ctx context.Context, env *Env, w *wallet.Wallet, plan *txbuilder.Plan, view payView, path string) error {
	if err := w.Annotate(ctx, plan.Packet); err != nil {
		return err
	}
	text, err := env.putPSBT(path, plan.Packet)
	if err != nil {
		return err
	}
	if text != "" && !env.Out.JSON() {
		return nil
	}
	view.PSBT = path
	if text != "" {
		view.PSBT = text
	}
	return printPayment(env, view)
}
