// Package wallets has the transcripts of wallets, their passwords and backups: see package
// scripttest.
package wallets
