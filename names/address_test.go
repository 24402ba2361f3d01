package names

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestAddressScript(t *testing.T) {
	regtest, mainnet := Sandbox("", nil), Mainnet()
	for _, c := range []struct {
		p      *Params
		addr   string
		reason string
	}{
		{mainnet, "1111111111111111111114oLvT2", ""},
		{regtest, "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8", ""},
		{regtest, "2MwFkBsSWd8Cx8qCjZNqjXW8Y52Ay2uSkrP", ""},
		{regtest, "1111111111111111111114oLvT2", "it belongs to another network (version 0, want 111 or 196)"},
		{mainnet, "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8", "it belongs to another network (version 111, want 0 or 5)"},
		{regtest, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "names can only belong to p2pkh and p2sh addresses, this one is native segwit"},
		{mainnet, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "names can only belong to p2pkh and p2sh addresses, this one is native segwit"},
		{mainnet, "1111111111111111111114oLvT3", "checksum error"},
		{mainnet, "", "invalid format: version and/or checksum bytes missing"},
		{mainnet, strings.Repeat("1", 1000), "it is too long"},
		{mainnet, "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "it holds 32 bytes instead of 20"},
	} {
		script, err := c.p.AddressScript(c.addr)
		if c.reason != "" {
			if !errors.Is(err, ErrBadAddress) || !strings.HasSuffix(err.Error(), ": "+c.reason) {
				t.Errorf("%s: %x, %v, want %q", c.addr, script, err, c.reason)
			}
			continue
		}
		if back, err2 := c.p.ScriptAddress(script); err != nil || err2 != nil || back != c.addr {
			t.Errorf("%s: %x, %v, and back %s, %v", c.addr, script, err, back, err2)
		}
	}
	for _, script := range [][]byte{nil, {0x6a}, append([]byte{0, 20}, make([]byte, 20)...), bytes.Repeat([]byte{1}, 10000)} {
		if addr, err := mainnet.ScriptAddress(script); !errors.Is(err, ErrBadScript) || addr != "" || len(err.Error()) > 300 {
			t.Errorf("%.50x: %s, %v", script, addr, err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8")
	f.Add("SP3P1HTP8TXCB3TX55MY11MWTVHPXK034EBBXR5HF")
	f.Add("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080")
	p := Sandbox("", nil)
	f.Fuzz(func(t *testing.T, s string) {
		if script, err := p.AddressScript(s); err == nil {
			if back, err := p.ScriptAddress(script); err != nil || back != s {
				t.Errorf("%q reads back as %q, %v", s, back, err)
			}
		} else if !errors.Is(err, ErrBadAddress) {
			t.Errorf("%q: %v", s, err)
		}
		if version, hash, err := ParseC32(s); err == nil {
			if back, err := C32FromHash(version, hash); err != nil || back != normalC32(s) {
				t.Errorf("%q reads back as %q, %v", s, back, err)
			}
		} else if !errors.Is(err, ErrBadAddress) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
