package faults

import (
	"errors"

	"blockstack/commands/fault"
	"blockstack/home"
	"blockstack/txbuilder/registrar"
)

// homeErrors are the rows for what a home cannot open.
func homeErrors() []rule {
	return []rule{
		{
			code:  "unreachable",
			about: home.ErrOffline,
			match: func(err error) bool { return errors.Is(err, home.ErrOffline) },
			fill:  func(_ error, f *fault.Fault) { f.Message = "--offline forbids to ask a node" },
		},
		on(home.ErrPeersAlone, "unreachable",
			"use a full node: --backend btcd (with --txindex) or --backend bitcoind, and --node URL",
			"or read its block files: --backend files --node DIR"),
		on(home.ErrFilesAlone, "unreachable",
			"name one: --backend btcd|bitcoind --node URL --node-auth-file FILE; the index goes on from where it is"),
		onType("unreachable", func(e *home.NoPeer, f *fault.Fault) { f.Hint("name one: --peer HOST:PORT") }),
		onType("no_name_rules", func(e *home.NoRules, f *fault.Fault) {
			f.Hint("name a registry with --registry FILE; its grammar: docs/formats.md").
				Hint("or use a network that has rules built in: --network mainnet or --network sandbox")
		}),
		onType("not_found", func(e *home.NoSandbox, f *fault.Fault) {
			f.Hint("start one: blockstack sandbox start").Hint("or use one that runs elsewhere: --sandbox DIR")
		}),
		onType("usage", func(e *home.OtherRules, f *fault.Fault) {
			f.Hint("leave out --registry, or start the sandbox with it: blockstack sandbox start --registry %s", e.Registry)
		}),
		onType("bad_config", func(e *home.BadRegistry, f *fault.Fault) {
			if e.Err != nil {
				f.Hint("its grammar and an example are in docs/formats.md")
				return
			}
			f.Hint("choose the network that the registry is for: --network NETWORK")
		}),
		onType("genesis_unknown", func(e *registrar.UnknownGrants, f *fault.Fault) {
			f.Hint("give a registry that has them: --registry FILE; its grammar: docs/formats.md")
		}),
	}
}
