package registrar

import (
	"context"

	"blockstack/txbuilder/registrar/reserve"
)

// Reserved is the function Reserved, with the registrar's chain and index to say how
// deep a transaction is.
func (r *Registrar) Reserved(ctx context.Context) (reserve.Reservations, error) {
	return r.search.Reserved(ctx)
}
