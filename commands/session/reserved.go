package session

import (
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/coins"
)

// UntilText says in words what ends a reservation.
func UntilText(until string) string {
	switch registrar.Ending(until) {
	case registrar.UntilOver:
		return "the job is over"
	case registrar.UntilUsed:
		return "the preorder is used or lapses"
	}
	return until
}

// HolderOf says who holds a reserved coin, and what ends that: a time, job_over or spent.
func HolderOf(e *Session, c *coins.Coin) (holder, until string) {
	if c.Hold != nil {
		return c.Hold.Holder, voice.Time(c.Hold.Until)
	}
	r, known := e.Reserved()[c.OutPoint]
	if !known {
		return "", ""
	}
	if r.Purpose == registrar.PurposeFollow {
		return "a preorder that no job follows", string(r.Until)
	}
	return "job " + string(r.Holder), string(r.Until)
}
