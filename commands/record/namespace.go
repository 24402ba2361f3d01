package record

import (
	"strconv"

	"blockstack/names"
)

// NamespaceView is what programs see of a namespace.
type NamespaceView struct {
	Namespace        names.NamespaceID     `json:"namespace"`
	Version          int                   `json:"version"`
	Status           names.NamespaceStatus `json:"status"`
	RevealHeight     int32                 `json:"reveal_height"`
	ReadyHeight      *int32                `json:"ready_height"`
	Lifetime         uint32                `json:"lifetime_blocks"`
	Infinite         bool                  `json:"names_never_expire"`
	Unit             names.Unit            `json:"unit"`
	Coefficient      int                   `json:"coefficient"`
	Base             int                   `json:"base"`
	Buckets          []int                 `json:"buckets"`
	NoVowelDiscount  int                   `json:"no_vowel_discount"`
	NonAlphaDiscount int                   `json:"non_alpha_discount"`
	Revealer         string                `json:"revealer_address"`
	Payer            string                `json:"payer_address"`
	Height           int32                 `json:"height"`
	ExactUntil       *int32                `json:"exact_until_height,omitempty"`
}

// ViewNamespace turns a namespace into what programs see.
func ViewNamespace(ns names.Namespace) NamespaceView {
	v := NamespaceView{
		Namespace: ns.ID, Version: ns.Version, Status: ns.Status, RevealHeight: ns.RevealHeight, Lifetime: ns.Lifetime,
		Infinite: ns.Lifetime == names.InfiniteLifetime, Unit: ns.PriceUnit(), Coefficient: int(ns.Coeff), Base: int(ns.Base),
		NoVowelDiscount: int(ns.NoVowelDiscount), NonAlphaDiscount: int(ns.NonAlphaDiscount),
		Revealer: ns.RevealerAddress, Payer: ns.PayerAddress, Height: ns.Height,
	}
	for _, b := range ns.Buckets {
		v.Buckets = append(v.Buckets, int(b))
	}
	if ns.ReadyHeight > 0 {
		v.ReadyHeight = &ns.ReadyHeight
	}
	return v
}

// LifetimeText writes how long names of the namespace live.
func (v NamespaceView) LifetimeText() string {
	if v.Infinite {
		return "for ever"
	}
	return strconv.FormatUint(uint64(v.Lifetime), 10) + " blocks"
}
