package chain

import (
	"testing"

	"github.com/btcsuite/btcd/btcjson"
)

// TestRefusalCodes has the words of both programs, as they send them.
func TestRefusalCodes(t *testing.T) {
	for text, want := range map[string]RefusalCode{
		"TX rejected: transaction 01 has insufficient priority (0 <= 5.76e+07)":                           InsufficientFee,
		"TX rejected: transaction 01 has 100 fees which is under the required amount of 225":              InsufficientFee,
		"TX rejected: transaction 01 has been rejected by the rate limiter due to low fees":               InsufficientFee,
		"TX rejected: 01: replacement transaction has an insufficient fee rate: needs more than 1, has 1": InsufficientFee,
		"min relay fee not met, 100 < 225":                                                                InsufficientFee,
		"mempool min fee not met, 1 < 2":                                                                  InsufficientFee,
		"insufficient fee, rejecting replacement 01":                                                      InsufficientFee,
		"Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)":                             FeeTooHigh,
		"max-fee-exceeded": FeeTooHigh,
		"TX rejected: orphan transaction 01 references outputs of unknown or fully-spent transaction 02": MissingInputs,
		"bad-txns-inputs-missingorspent": MissingInputs,
		"missing-inputs":                 MissingInputs,
		"TX rejected: output already spent in mempool: output=01:0, tx=02": Conflict,
		"txn-mempool-conflict":          Conflict,
		"bip125-replacement-disallowed": Conflict,
		"replacement-adds-unconfirmed, replacement 01 adds unconfirmed input, idx 0":              Conflict,
		"too many potential replacements, rejecting replacement 01":                               Conflict,
		"TX rejected: transaction 01 is not standard: transaction output 0: payment is dust: 545": Dust,
		"dust": Dust,
		"TX rejected: transaction 01 is not standard: transaction output 0: non-standard script form":        NonStandard,
		"TX rejected: transaction 01 is not standard: more than one transaction output in a nulldata script": NonStandard,
		"scriptpubkey":                NonStandard,
		"multi-op-return":             NonStandard,
		"version":                     NonStandard,
		"tx-size":                     NonStandard,
		"bad-txns-nonstandard-inputs": NonStandard,
		"bad-witness-nonstandard":     NonStandard,
		"non-mandatory-script-verify-flag (Witness program hash mismatch)":           NonStandard,
		"TX rejected: transaction 01 is not standard: transaction is not finalized":  NonFinal,
		"TX rejected: tried to spend coinbase transaction output 01:0 from height 1": NonFinal,
		"TX rejected: transaction's sequence locks on inputs not met":                NonFinal,
		"non-final":       NonFinal,
		"non-BIP68-final": NonFinal,
		"bad-txns-premature-spend-of-coinbase, tried to spend coinbase at depth 5":                                               NonFinal,
		"TX rejected: failed to validate input 01:0 which references output 02:0":                                                Invalid,
		"mandatory-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)": Invalid,
		"TX rejected: total value of all transaction inputs for transaction 01 is 1 which is less than the amount spent of 2":    Invalid,
		"bad-txns-in-belowout, value in (1) < value out (2)":                                                                     Invalid,
		"TX rejected: transaction has no outputs":                                                                                Invalid,
		"TX rejected: transaction is an individual coinbase 01":                                                                  Invalid,
		"coinbase": Invalid,
		"too-long-mempool-chain, too many unconfirmed ancestors [limit: 25]":              NoRoom,
		"too-long-mempool-chain, exceeds descendant size limit for tx 01 [limit: 101000]": NoRoom,
		"mempool full": InsufficientFee,
		"insufficient fee, rejecting replacement 01, less fees than conflicting txs; 0.00000001 < 0.00000002":    InsufficientFee,
		"insufficient fee, rejecting replacement 01; new feerate 0.00001 BTC/kvB <= old feerate 0.00001 BTC/kvB": InsufficientFee,
		"insufficient fee, rejecting replacement 01, not enough additional fees to relay; 0.00 < 0.00000110":     InsufficientFee,
		"too many potential replacements, rejecting replacement 01; too many potential replacements (101 > 100)": Conflict,
		"something else entirely": OtherRefusal,
		"":                        OtherRefusal,
	} {
		for range 20 { // rpcclient's tables are maps: no order may matter
			if got := refusalCode(&btcjson.RPCError{Code: -26, Message: text}); got != want {
				t.Errorf("%q: %s, want %s", text, got, want)
				break
			}
		}
	}
	if got := refusalCode(&btcjson.RPCError{Code: btcjson.ErrRPCDeserialization, Message: "TX decode failed"}); got != Invalid {
		t.Errorf("not a transaction: %s", got)
	}
}
