package session

import (
	"context"
	"errors"
	"strconv"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/txbuilder"
	"blockstack/wallet"
)

// AddressScript reads an address of the chosen network.
func AddressScript(e *Session, text string) ([]byte, error) {
	return txbuilder.AddressScript(text, e.Config.Net(), e.Config.Network)
}

// AddressOf shows a script as an address, or as nothing.
func AddressOf(e *Session, script []byte) string {
	return txbuilder.ScriptAddress(script, e.Config.Net())
}

// OwnerScript is the script of an identity of ours, by its number, or of an address.
func OwnerScript(ctx context.Context, e *Session, text string) ([]byte, error) {
	if i, err := strconv.ParseUint(text, 10, 32); err == nil && i <= line.MaxIdentity {
		w, err := e.Wallet(ctx)
		if err != nil {
			return nil, err
		}
		script, err := w.OwnerScript(ctx, uint32(i))
		if errors.Is(err, wallet.ErrNeedKeys) && w.WatchOnly() {
			return nil, fault.New("watch_only", "identity %d is not among those that this watch-only wallet watches", i).Because(err).
				Hint("name its address, which the home with the keys shows: blockstack identity show %d", i).
				Hint("or watch it, too: blockstack identity create where the keys are, and a new watch-only home from blockstack wallet descriptors")
		}
		return script, err
	}
	return AddressScript(e, text)
}
