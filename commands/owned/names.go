package owned

import (
	"context"
	"maps"
	"slices"
	"strings"

	"blockstack/commands/session"
	"blockstack/home"
	"blockstack/names"
	"blockstack/names/index"
)

// Names are the names of this wallet's identities, and of the owners of several keys that it is one
// of.
func Names(ctx context.Context, e *session.Session, x *index.Index) ([]names.Record, error) {
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	scripts, err := ownerScripts(ctx, w)
	if err != nil {
		return nil, err
	}
	return namesOfAll(ctx, x, scripts)
}

// namesOfAll are the names that any of some scripts owns, in their order.
func namesOfAll(ctx context.Context, x *index.Index, scripts map[string]bool) ([]names.Record, error) {
	var all []names.Record
	for _, script := range slices.Sorted(maps.Keys(scripts)) {
		list, err := home.NamesOf(ctx, x, []byte(script))
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b names.Record) int { return strings.Compare(a.Name.String(), b.Name.String()) })
	return all, nil
}
