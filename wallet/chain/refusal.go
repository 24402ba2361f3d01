package chain

import (
	"errors"
	"strings"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/rpcclient"
)

// Nodes give the reason of a refusal only in words. This file is the one place that reads them:
// everybody above sees a RefusalCode.

// Refusal is the refusal of a transaction in a node's words.
func Refusal(txid chainhash.Hash, said *btcjson.RPCError) *Refused {
	return &Refused{Txid: txid, Code: refusalCode(said), Reason: said.Message}
}

// RefusalOf classes the reason that a peer gives.
func RefusalOf(reason string) RefusalCode { return refusalCode(&btcjson.RPCError{Message: reason}) }

func refusalCode(said *btcjson.RPCError) RefusalCode {
	if said.Code == btcjson.ErrRPCDeserialization {
		return Invalid
	}
	words := normal(said.Message)
	for _, w := range moreWords() {
		if strings.Contains(words, w.words) {
			return w.code
		}
	}
	var known rpcclient.BitcoindRPCErr
	if errors.As(rpcclient.MapRPCErr(said), &known) {
		return libraryCode(known)
	}
	return OtherRefusal
}

// normal makes words comparable: lower case, and spaces for the dashes that some versions of
// bitcoind write.
func normal(s string) string {
	return strings.ToLower(strings.ReplaceAll(s, "-", " "))
}

type wordsCode struct {
	words string
	code  RefusalCode
}

// moreWords lists what rpcclient's tables lack or put in a wrong class, in the form of normal.
func moreWords() []wordsCode {
	return []wordsCode{
		// btcd
		{"failed to validate input", Invalid},
		{"failed to parse input", Invalid},
		{"which is less than the amount spent", Invalid},
		{"individual coinbase", Invalid},
		{"sigop cost is too high", NonStandard},
		{"is too small", NonStandard},
		{"has witness data", NonStandard},
		// bitcoind
		{"min relay fee not met", InsufficientFee},
		{"fee exceeds maximum", FeeTooHigh},
		{"max feerate exceeded", FeeTooHigh},
		{"premature spend of coinbase", NonFinal},
		{"too long mempool chain", NoRoom},
		{"mempool full", InsufficientFee}, // it had the lowest rate of all
		{"replacement transaction", InsufficientFee},
		{"bad txns spends conflicting tx", Conflict},
		{"package mempool limits", NoRoom},
		{"too many potential replacements", Conflict},
		{"bip125 replacement disallowed", Conflict},
		{"non mandatory script verify", NonStandard},
		{"nonstandard inputs", NonStandard},
		{"bad witness nonstandard", NonStandard},
		{"truc violation", NonStandard},
	}
}

// libraryCode classes the reasons that rpcclient knows the words of.
func libraryCode(known rpcclient.BitcoindRPCErr) RefusalCode {
	switch known {
	case rpcclient.ErrInsufficientFee, rpcclient.ErrMempoolMinFeeNotMet:
		return InsufficientFee
	case rpcclient.ErrMaxFeeExceeded, rpcclient.ErrMaxBurnExceeded:
		return FeeTooHigh
	case rpcclient.ErrMissingInputs, rpcclient.ErrMissingInputsOrSpent:
		return MissingInputs
	case rpcclient.ErrMempoolConflict, rpcclient.ErrReplacementAddsUnconfirmed,
		rpcclient.ErrTooManyReplacements, rpcclient.ErrConflictingTx:
		return Conflict
	case rpcclient.ErrDust:
		return Dust
	case rpcclient.ErrNonFinal, rpcclient.ErrNonBIP68Final:
		return NonFinal
	case rpcclient.ErrNonStandardVersion, rpcclient.ErrNonStandardScript, rpcclient.ErrBareMultiSig,
		rpcclient.ErrScriptSigNotPushOnly, rpcclient.ErrScriptSigSize, rpcclient.ErrTxTooLarge,
		rpcclient.ErrTxTooSmall, rpcclient.ErrMultiOpReturn, rpcclient.ErrNonMandatoryScriptVerifyFlag:
		return NonStandard
	case rpcclient.ErrEmptyOutput, rpcclient.ErrEmptyInput, rpcclient.ErrDuplicateInput,
		rpcclient.ErrEmptyPrevOut, rpcclient.ErrBelowOutValue, rpcclient.ErrNegativeOutput,
		rpcclient.ErrLargeOutput, rpcclient.ErrLargeTotalOutput, rpcclient.ErrScriptVerifyFlag,
		rpcclient.ErrTooManySigOps, rpcclient.ErrInvalidOpcode, rpcclient.ErrOversizeTx, rpcclient.ErrCoinbaseTx:
		return Invalid
	}
	return OtherRefusal
}
