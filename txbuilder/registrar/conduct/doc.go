// Package conduct takes a request for a job from its plan to its end, for whoever asks: a command
// or a server. It plans, goes on with what was begun already, asks for consent, starts the job and
// advances it, block by block, as far as its terms say. It has no terminal: what it needs of one,
// and of a home, are the small ports of [Service].
//
//	plan ─▶ running already ──────────────────────────────▶ advance ─▶ waits, done, cancelled or rejected
//	  │  └▶ sent already, no job follows it ─▶ consent ─▶ start ─▶ advance
//	  └──▶ in doubt ─▶ settled ─▶ plan again
//	  └──▶ consent ─▶ keys ─▶ start ─▶ advance
//
// Killed anywhere, the same request goes on where it was: the plan finds the job. Nothing is
// started before every question has its yes.
package conduct
