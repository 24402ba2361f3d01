package commands

import "blockstack/txbuilder"

// addressScript reads an address of the chosen network.
func (e *Env) addressScript(text string) ([]byte, error) {
	return txbuilder.AddressScript(text, e.Config.Net(), e.Config.Network)
}

// addressOf shows a script as an address, or as nothing.
func (e *Env) addressOf(script []byte) string { return txbuilder.ScriptAddress(script, e.Config.Net()) }
