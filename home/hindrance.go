package home

import (
	"errors"
	"syscall"

	"github.com/btcsuite/btcd/btcjson"

	"blockstack/home/config"
	"blockstack/home/jobports"
	"blockstack/names/index"
	"blockstack/names/resolver"
	"blockstack/profile/edit"
	"blockstack/profile/publish"
	"blockstack/profile/seen"
	"blockstack/storage"
	"blockstack/storage/dial"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/send"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
	"blockstack/wallet"
	"blockstack/wallet/agent"
	"blockstack/wallet/backup"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/chain/peers"
	"blockstack/wallet/chainsync"
	"blockstack/wallet/keychain"
	"blockstack/wallet/legacy"
	"blockstack/wallet/sandbox"
)

// What an error of a room means for whoever runs requests: whether waiting helps, or the keys. A
// test holds these lists to the table of what users are told.

// Passes reports whether an error is of the kind that goes away by itself, and is the same for all
// requests.
func Passes(err error) bool { return Away(err) || Busy(err) }

// Away reports whether something that was asked is away or cannot know: a node, peers, a proxy,
// storage, the folder of the copies.
func Away(err error) bool {
	var fate *send.UnknownFate
	if errors.As(err, &fate) {
		return !fate.Interrupted
	}
	return !untrue(err) && !Locked(err) && (isOne(err, away()...) || unnamed(err) || is[*NoPeer](err) || is[*registrar.NotCopied](err) ||
		is[*jobports.UnreadFolder](err) || is[*sandbox.NotRunning](err) || is[*sandbox.StartFailed](err) || is[*dial.ProxyDown](err) ||
		is[*node.Behind](err) || is[*chain.CannotTell](err) || is[*btcjson.RPCError](err) || is[*edit.UnreadError](err))
}

// Busy reports whether another process has what is needed.
func Busy(err error) bool {
	return isOne(err, chain.ErrBusy, index.ErrBusy, wallet.ErrBusy, registrar.ErrJournalBusy, registrar.ErrRestless, seen.ErrBusy, backup.ErrBusy) ||
		is[*sandbox.AlreadyRunning](err)
}

// Locked reports whether the keys are wanted, and were not opened.
func Locked(err error) bool {
	return isOne(err, keychain.ErrLocked, keychain.ErrWrongPassword, wallet.ErrNoKeychain, wallet.ErrNoList, wallet.ErrNeedKeys, registrar.ErrNeedsKey,
		conduct.ErrWatchOnly, agent.ErrNoAgent, legacy.ErrWrongPassword, backup.ErrWrongPassword)
}

// Unanswered reports whether the user would have to be asked.
func Unanswered(err error) bool {
	return is[*registrar.NotAgreed](err) || errors.Is(err, payments.ErrOpen) || is[*payments.NeedsApproval](err)
}

// away are the errors without data of what is away.
func away() []error {
	return []error{
		ErrOffline, ErrPeersAlone, ErrFilesAlone, registrar.ErrIndexBehind,
		chain.ErrUnreachable, chain.ErrUnauthorized, chain.ErrNotReady, chain.ErrNoTxIndex, chain.ErrBlockNotFound, chain.ErrBadAnswer, chain.ErrPruned,
		chainsync.ErrDisconnected, chainsync.ErrUnstable, index.ErrNodeBehind, index.ErrNoSpentOutput,
		resolver.ErrProxy, resolver.ErrNoZoneFile, resolver.ErrOffline, resolver.ErrRefused, resolver.ErrMissing, resolver.ErrUnreachable,
		storage.ErrUnreachable, storage.ErrNoCondition, publish.ErrReadBack, syscall.ECONNREFUSED, syscall.ECONNRESET,
	}
}

// untrue reports whether what was answered or kept is wrong, though the cause may look like
// something that is away.
func untrue(err error) bool { return is[*node.Lying](err) || errors.Is(err, peers.ErrBadHeaders) }

// unnamed reports whether no node is named that could be asked, or how to log in.
func unnamed(err error) bool {
	var e *config.NodeError
	return errors.As(err, &e) && (e.Reason == config.NodeUnnamed || e.Reason == config.NodeNoAuth || e.Reason == config.NodeNoCookie)
}

// isOne reports whether an error is one of some.
func isOne(err error, some ...error) bool {
	for _, one := range some {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

// is reports whether an error is of a type.
func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}
