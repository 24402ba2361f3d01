package commands

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/commands/fault"
	"blockstack/storage/textfile"
	"blockstack/txbuilder"
	"blockstack/txbuilder/psbtmap"
)

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
	raw, err := io.ReadAll(io.LimitReader(textfile.Unmarked(in), most+1))
	if err == nil && int64(len(raw)) > most {
		err = fault.New("malformed", "%s has more than %d bytes", path, most)
	}
	return raw, err
}

// psbtFile is a PSBT that was read: the packet that the program works with, and all that the file says.
type psbtFile struct {
	Packet *psbt.Packet
	doc    *psbtmap.Document
}

// bytes is the file with what was added to its packet since it was read.
func (f *psbtFile) bytes() ([]byte, error) {
	now, err := txbuilder.DocumentOf(f.Packet)
	if err != nil {
		return nil, err
	}
	all, err := psbtmap.Overlay(f.doc, now)
	if err != nil {
		return nil, err
	}
	return all.Bytes(), nil
}

// readPSBT reads a PSBT (BIP 174, version 0), binary or in base64, from a file or standard input.
func (e *Env) readPSBT(path string) (*psbtFile, error) {
	raw, err := e.readFileOrStdin(path, psbtmap.MaxSize)
	if err != nil {
		return nil, fmt.Errorf("PSBT: %w", err)
	}
	f, err := parsePSBT(raw)
	if err != nil {
		return nil, fault.New("malformed", "%s: %v", path, err).Because(err)
	}
	return f, nil
}

// parsePSBT reads a PSBT from bytes: binary, or base64 with or without line breaks.
func parsePSBT(raw []byte) (*psbtFile, error) {
	if !bytes.HasPrefix(raw, psbtmap.Magic[:]) {
		text := bytes.Join(bytes.Fields(raw), nil)
		decoded, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil || !bytes.HasPrefix(decoded, psbtmap.Magic[:]) {
			return nil, errors.New("not a PSBT, neither binary nor in base64")
		}
		raw = decoded
	}
	doc, err := psbtmap.Parse(raw)
	if err != nil {
		return nil, err
	}
	p, err := txbuilder.PacketOf(doc)
	if err != nil {
		return nil, fmt.Errorf("not a PSBT: %w", err)
	}
	if len(p.Inputs) == 0 {
		return nil, errors.New("the PSBT spends nothing")
	}
	return &psbtFile{p, doc}, nil
}

// putPSBT writes a PSBT: binary to a new file, or base64 to standard output for - and nothing. With --json it is returned
// for the document instead of being written to standard output.
func (e *Env) putPSBT(path string, raw []byte) (text string, err error) {
	if path != "" && path != "-" {
		if err := textfile.New(path, raw, 0o600); err != nil {
			return "", fmt.Errorf("PSBT: %w", err)
		}
		return "", nil
	}
	text = base64.StdEncoding.EncodeToString(raw)
	if !e.Out.JSON() {
		e.Out.Raw([]byte(text + "\n"))
	}
	return text, nil
}

// putPacket is putPSBT for a packet that was made here.
func (e *Env) putPacket(path string, p *psbt.Packet) (text string, err error) {
	raw, err := txbuilder.EncodePacket(p)
	if err != nil {
		return "", err
	}
	return e.putPSBT(path, raw)
}
