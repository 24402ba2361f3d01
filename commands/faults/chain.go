package faults

import (
	"fmt"

	"github.com/btcsuite/btcd/btcjson"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/storage/dial"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/bills"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/blockfiles"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/chain/peers"
	"blockstack/wallet/sandbox"
)

// chainErrors are the rows for the node and the sandbox.
func chainErrors() []rule {
	return []rule{
		onType("unreachable", func(e *sandbox.NotRunning, f *fault.Fault) {
			f.Hint("start it: blockstack sandbox start").Hint("or use one that runs elsewhere: --sandbox DIR")
		}),
		onType("already_running", func(e *sandbox.AlreadyRunning, f *fault.Fault) {
			f.Hint("use it from another home: --sandbox DIR").Hint("or end it: blockstack sandbox stop")
			f.Detail("rpc", e.RPC).Detail("p2p", e.P2P).Detail("pid", e.PID)
		}),
		onType("missing_program", func(e *sandbox.NoBtcd, f *fault.Fault) { f.Hint("%s", e.Hint()) }),
		onType("missing_program", func(e *sandbox.NotBtcd, f *fault.Fault) {
			f.Hint("run: make build, or put btcd on PATH")
		}),
		onType("damaged", func(e *sandbox.BadState, f *fault.Fault) {
			f.Hint("move the folder of the sandbox away to begin with a new chain")
		}),
		onType("damaged", func(e *sandbox.BadChain, f *fault.Fault) {
			f.Hint("move the folder of the sandbox away to begin with a new chain")
		}),
		onType("unreachable", func(e *sandbox.StartFailed, f *fault.Fault) { f.Hint("see %s", e.Log) }),
		onType[*sandbox.NotEnding]("internal", nil),
		onType[*sandbox.BadDepth]("usage", nil),
		onType("insufficient_funds", func(e *sandbox.InsufficientFunds, f *fault.Fault) {
			f.Hint("mine more coins for the faucet: blockstack sandbox mine 100")
			f.Detail("need_sat", int64(e.Need)).Detail("have_sat", int64(e.Have))
		}),
		on(sandbox.ErrWrongNetwork, "bad_address", "the sandbox's addresses begin with m, n, 2 or bcrt1"),
		on(sandbox.ErrUnsupported, "internal"),

		onType("wrong_network", func(e *chain.WrongNetwork, f *fault.Fault) {
			f.Hint("choose the node's network with --network, or another node with --node")
		}),
		onType("refused_by_node", func(e *chain.Refused, f *fault.Fault) {
			f.Detail("txid", e.Txid.String()).Detail("reason", e.Reason).Detail("class", string(e.Code))
		}),
		on(chain.ErrUnauthorized, "unreachable", "check the user:password in the file of --node-auth-file"),
		on(chain.ErrPlaintext, "usage", "name the node's certificate with --node-cert-file FILE, or reach it through a tunnel to this machine",
			"whoever is on the way reads the password and changes answers; to take that risk: --insecure-node"),
		on(chain.ErrNotReady, "unreachable", "wait until the node has started, then run the same command again"),
		on(chain.ErrNoTxIndex, "unreachable", "start btcd with --txindex; bitcoind needs -txindex only before 23.0"),
		onBusy(chain.ErrBusy, "another blockstack command is asking peers for this home; try again when it is done"),
		on(peers.ErrBadHeaders, "damaged", "run the same command again: headers are asked for anew"),
		on(blockfiles.ErrBadFile, "damaged", "ask the node itself: --backend bitcoind --node URL"),
		on(chain.ErrUnreachable, "unreachable", "check that the node runs, and its address: --node URL", "on the sandbox: blockstack sandbox start"),
		on(chain.ErrTxNotFound, "not_found"),
		on(chain.ErrBlockNotFound, "unreachable", "the best chain changed meanwhile, or the node lacks a block: run the same command again"),
		on(chain.ErrBadAnswer, "unreachable", "check that --node URL leads to a Bitcoin node, and its log"),
		onType("unreachable", func(e *btcjson.RPCError, f *fault.Fault) {
			f.Hint("the node answers, and cannot do it (%d): its log may say why", e.Code)
		}),
	}
}

// beliefErrors are the rows for what a node says and is not to be believed, or cannot know. They
// stand before every room's: whatever was being done, this is why it could not be.
func beliefErrors() []rule {
	return []rule{
		onType("unreachable", func(e *dial.ProxyDown, f *fault.Fault) {
			f.Hint("start the proxy at %s, or name another one: --proxy socks5://HOST:PORT", e.Address).Detail("proxy", e.Address)
		}),
		on(chain.ErrPruned, "unreachable", "use a node that keeps all blocks, from the first one of the wallet and the registry on", "for money alone ordinary peers are enough: --backend neutrino"),
		on(resolver.ErrProxy, "unreachable", "start the proxy, or name another one: --proxy socks5://HOST:PORT"),
		onType("lying_node", func(e *node.Lying, f *fault.Fault) {
			f.Hint("nothing was changed; ask another node: --node URL, or read block files: --backend files --node DIR").
				Hint("it may not be the node: whatever passes its answers on can change them, unless it is reached with TLS or on this machine")
			f.Detail("node", e.Host)
		}),
		onType("unreachable", func(e *node.Behind, f *fault.Fault) {
			f.Hint("wait until the node has caught up, then run the same command again").
				Hint("if its chain is the right one all the same (blocks were invalidated by hand): delete the file headers.dat in the folder that blockstack config path names")
			f.Detail("node", e.Host).Detail("node_height", e.Tip).Detail("known_height", e.Known)
		}),
		onType("unreachable", func(e *chain.CannotTell, f *fault.Fault) {
			switch e.Why {
			case chain.NoIndex:
				f.Hint("start btcd with --txindex; bitcoind needs -txindex only before 23.0")
			case chain.Unclear:
				f.Hint("see the log of the node, then run the same command again")
			default:
				f.Hint("wait until the node has done that, then run the same command again")
			}
		}),
	}
}

// builderErrors are the rows for plans and amounts.
func builderErrors() []rule {
	return []rule{
		onType("bad_amount", func(e *txbuilder.BadAmount, f *fault.Fault) {}),
		on(bills.ErrZero, "bad_amount"),
		onType("usage", func(e *bills.OtherAmount, f *fault.Fault) {
			f.Message = fmt.Sprintf("the payment URI asks for %s, and AMOUNT is %s", voice.BTC(e.Asked), e.Given)
		}),
		onType("bad_address", func(e *txbuilder.BadAddress, f *fault.Fault) {
			if e.Foreign != "" {
				f.Hint("choose the network with --network")
				return
			}
			f.Hint("check it against where it came from; one wrong character is enough")
		}),
		onType("bad_address", func(e *txbuilder.ForbiddenScript, f *fault.Fault) {
			f.Hint("names and name operations only know addresses of the kinds P2PKH and P2SH").
				Hint("get one of yours: blockstack wallet address")
		}),
		onType("insufficient_funds", func(e *txbuilder.InsufficientFunds, f *fault.Fault) {
			f.Detail("need_sat", int64(e.Need)).Detail("have_sat", int64(e.Have))
			f.Hint("send at least %s to an address of yours (run: blockstack wallet address)", voice.BTC(e.Need-e.Have))
			if e.Unusable > 0 {
				f.Hint("or move native segwit coins first: blockstack pay ADDRESS AMOUNT, with the ADDRESS of: blockstack wallet address")
			}
		}),
		onType("bad_amount", func(e *txbuilder.DustAmount, f *fault.Fault) {
			f.Detail("minimum_sat", int64(e.Minimum))
		}),
		onType("over_budget", func(e *txbuilder.FeeTooHigh, f *fault.Fault) {
			f.Hint("choose a lower --fee-rate").Detail("fee_sat", int64(e.Fee)).Detail("ceiling_sat", int64(e.Ceiling))
		}),
		on(txbuilder.ErrBadRate, "bad_amount", "give a fee rate in satoshi per virtual byte, such as --fee-rate 5"),
		on(txbuilder.ErrNoFirstInput, "insufficient_funds", "the first input must come from a particular address; send it some bitcoin"),
		on(txbuilder.ErrBadURI, "usage"),
		on(txbuilder.ErrBadRequest, "usage"),
	}
}

// namesErrors are the rows for names and registries.
func namesErrors() []rule {
	return []rule{
		on(names.ErrBadName, "bad_name", "a name is LABEL.NAMESPACE, of a-z 0-9 - _ and at most 37 characters"),
		on(names.ErrBadNamespace, "bad_name", "a namespace is 1 to 19 of a-z 0-9 - _"),
		on(names.ErrNotFound, "not_found"),
	}
}
