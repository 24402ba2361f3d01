package sandbox

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/chain/node"
)

const (
	stateSchema  = "blockstack/sandbox-node/v1"
	stateFile    = "state.json"
	registryFile = "registry.json"
	maxStateFile = 1 << 16 // bytes
)

// phase is how far the last start or stop came.
type phase string

const (
	phaseStarting phase = "starting" // a start began; the node may or may not run, its chain may be incomplete
	phaseRunning  phase = "running"  // the start was completed
	phaseStopped  phase = "stopped"  // the node was stopped and everything is saved
)

// nodeState is state.json:
//
//	schema          "blockstack/sandbox-node/v1"
//	phase           "starting", "running" or "stopped"
//	program         path of the btcd that was started last
//	version         what it says its version is
//	process         {pid, started, program} as the operating system names the running node;
//	                absent when none was started or it was stopped
//	rpc_port, p2p_port   ports of 127.0.0.1
//	rpc_user, rpc_password   random, made at the first start
//	faucet_key      hex, 32 bytes: the key that all mined coins are paid to
//
// It is written beside and renamed, with mode 0600.
type nodeState struct {
	Schema      string   `json:"schema"`
	Phase       phase    `json:"phase"`
	Program     string   `json:"program"`
	Version     string   `json:"version"`
	Process     *process `json:"process,omitempty"`
	RPCPort     int      `json:"rpc_port"`
	P2PPort     int      `json:"p2p_port"`
	RPCUser     string   `json:"rpc_user"`
	RPCPassword hidden   `json:"rpc_password"`
	FaucetKey   hidden   `json:"faucet_key"`
	Height      int32    `json:"height,omitempty"` // of the stored chain at the last start or stop
}

func newState() (*nodeState, error) {
	key, err := btcec.NewPrivateKey()
	if err != nil {
		return nil, err
	}
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return nil, err
	}
	return &nodeState{
		Schema:      stateSchema,
		Phase:       phaseStopped,
		RPCUser:     "sandbox",
		RPCPassword: hide(hex.EncodeToString(secret[:])),
		FaucetKey:   hide(hex.EncodeToString(key.Serialize())),
	}, nil
}

// readState returns nil and no error when there is no sandbox yet.
func readState(dir string) (*nodeState, error) {
	path := filepath.Join(dir, stateFile)
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxStateFile+1))
	if err != nil {
		return nil, err
	}
	s, err := parseState(raw)
	if err != nil {
		return nil, &BadState{Path: path, Err: err}
	}
	return s, nil
}

func parseState(raw []byte) (*nodeState, error) {
	if len(raw) > maxStateFile {
		return nil, fmt.Errorf("longer than %d bytes", maxStateFile)
	}
	s := new(nodeState)
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("more than one value in it")
	}
	if s.Schema != stateSchema {
		return nil, fmt.Errorf("schema is %.60q, not %q", s.Schema, stateSchema)
	}
	switch s.Phase {
	case phaseStarting, phaseRunning, phaseStopped:
	default:
		return nil, fmt.Errorf("unknown phase %.60q", string(s.Phase))
	}
	if s.RPCUser == "" || s.RPCPassword.text() == "" {
		return nil, errors.New("RPC credentials are missing")
	}
	if _, err := s.faucetKey(); err != nil {
		return nil, err
	}
	if !validPort(s.RPCPort) || !validPort(s.P2PPort) || s.RPCPort == s.P2PPort {
		s.RPCPort, s.P2PPort = 0, 0 // can be replaced: the next start picks others
	}
	return s, nil
}

func validPort(p int) bool { return p > 0 && p < 1<<16 }

func (s *nodeState) write(dir string) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, stateFile), append(raw, '\n'))
}

func (s *nodeState) faucetKey() (*btcec.PrivateKey, error) {
	raw, err := hex.DecodeString(s.FaucetKey.text())
	if err != nil || len(raw) != btcec.PrivKeyBytesLen {
		return nil, errors.New("the faucet key is not a private key")
	}
	var n btcec.ModNScalar
	if n.SetByteSlice(raw) || n.IsZero() {
		return nil, errors.New("the faucet key is not a private key")
	}
	key, _ := btcec.PrivKeyFromBytes(raw)
	return key, nil
}

func (s *nodeState) faucetAddress() (*address.AddressPubKeyHash, error) {
	key, err := s.faucetKey()
	if err != nil {
		return nil, err
	}
	hash := address.Hash160(key.PubKey().SerializeCompressed())
	return address.NewAddressPubKeyHash(hash, netParams())
}

func (s *nodeState) rpcHost() string { return hostPort(s.RPCPort) }
func (s *nodeState) p2pHost() string { return hostPort(s.P2PPort) }

func hostPort(port int) string {
	if port == 0 {
		return ""
	}
	return "127.0.0.1:" + strconv.Itoa(port)
}

func (s *nodeState) config() node.Config {
	return node.Config{
		Kind: node.Btcd,
		Host: s.rpcHost(),
		User: s.RPCUser,
		Pass: node.NewPassword(s.RPCPassword.text()),
		Net:  netParams(),
	}
}

func netParams() *chaincfg.Params { return &chaincfg.RegressionNetParams }

// writeFile replaces a private file as a whole or not at all.
func writeFile(path string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
