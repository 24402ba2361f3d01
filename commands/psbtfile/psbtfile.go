package psbtfile

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/storage/textfile"
	"blockstack/txbuilder"
	"blockstack/txbuilder/psbtmap"
)

// File is a PSBT that was read: the packet that the program works with, and all that the file says.
type File struct {
	Packet *psbt.Packet
	Doc    *psbtmap.Document
}

// Bytes is the file with what was added to its packet since it was read.
func (f *File) Bytes() ([]byte, error) {
	now, err := txbuilder.DocumentOf(f.Packet)
	if err != nil {
		return nil, err
	}
	all, err := psbtmap.Overlay(f.Doc, now)
	if err != nil {
		return nil, err
	}
	return all.Bytes(), nil
}

// Read reads a PSBT (BIP 174, version 0), binary or in base64, from a file or standard input.
func Read(e *session.Session, path string) (*File, error) {
	raw, err := session.ReadFileOrStdin(e, path, psbtmap.MaxSize)
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
func parsePSBT(raw []byte) (*File, error) {
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
	return &File{p, doc}, nil
}

// Put writes a PSBT: binary to a new file, or base64 to standard output for - and nothing. With
// --json it is returned for the document instead of being written to standard output.
func Put(e *session.Session, path string, raw []byte) (text string, err error) {
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

// PutPacket is Put for a packet that was made here.
func PutPacket(e *session.Session, path string, p *psbt.Packet) (text string, err error) {
	raw, err := txbuilder.EncodePacket(p)
	if err != nil {
		return "", err
	}
	return Put(e, path, raw)
}

// ReadAll reads the PSBTs of a file: one in binary, or any number in base64, one a line.
func ReadAll(e *session.Session, path string) ([]*psbt.Packet, error) {
	raw, err := session.ReadFileOrStdin(e, path, psbtmap.MaxSize)
	if err != nil {
		return nil, fmt.Errorf("PSBT: %w", err)
	}
	texts := [][]byte{raw}
	if lines := bytes.Fields(raw); !bytes.HasPrefix(raw, psbtmap.Magic[:]) && len(lines) > 1 && bytes.HasPrefix(lines[1], []byte("cHNidP8")) {
		texts = lines
	}
	var list []*psbt.Packet
	for _, text := range texts {
		f, err := parsePSBT(text)
		if err != nil {
			return nil, fault.New("malformed", "%s: %v", path, err).Because(err)
		}
		list = append(list, f.Packet)
	}
	return list, nil
}
