package txbuilder

import (
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// outline is a transaction in the making: what its operation fixes, before coins are chosen.
type outline struct {
	operation string
	named     bool // a name operation: P2PKH and P2SH only
	anyInput  bool // given inputs may be of any kind, too
	// layout gives the outputs, which may depend on the script of input 0.
	layout func(sender []byte) (*Layout, error)
	// keep is what the change must hold at least; nil: nothing.
	keep    func(sender []byte) (btcutil.Amount, error)
	funding Funding
	tokens  *big.Int
	// lockTime is the block after which the transaction may be mined; 0: any.
	lockTime uint32
	// change is the wallet's change script once it was asked for: asking may use up an address.
	change func() ([]byte, error)
}

// result is a layout with coins that pay for it.
type result struct {
	layout *Layout
	coins  []*coin
	fee    btcutil.Amount
	change int // output index, -1: none
	keep   btcutil.Amount
	size   sizes
}

// changeScript is where optional change goes. In a name operation it must be of a kind the name
// system reads, whatever the wallet's own custom is; then it goes back to the sender.
func (d *outline) changeScript(sender []byte) ([]byte, error) {
	script := d.funding.Change
	if script == nil {
		var err error
		if script, err = d.change(); err != nil {
			return nil, err
		}
		if d.named && !isNamed(KindOf(script)) {
			script = sender
		}
	}
	if d.named {
		return script, checkNamed("change", script)
	}
	return script, checkStandard("change", script)
}

// fee of a size under the outline's funding.
func (d *outline) fee(vsize int64) btcutil.Amount {
	return max(d.funding.Rate.Fee(vsize), d.funding.MinFee)
}
