// Package profiles has the transcripts of profiles, proofs and zone files: see package scripttest.
package profiles
