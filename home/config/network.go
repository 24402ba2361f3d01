package config

import (
	"github.com/btcsuite/btcd/chaincfg/v2"
)

// Net is Bitcoin's parameters of the chosen network.
func (c *Config) Net() *chaincfg.Params {
	switch c.Network {
	case "mainnet":
		return &chaincfg.MainNetParams
	case "testnet":
		return &chaincfg.TestNet3Params
	case "signet":
		return &chaincfg.SigNetParams
	case "regtest", "sandbox":
		return &chaincfg.RegressionNetParams
	}
	panic("bug: network " + c.Network + " was not refused")
}
