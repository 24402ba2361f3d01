// Package money has the transcripts of payments: see package scripttest.
package money
