// Package seedphrase turns BIP 39 phrases into entropy and back, on bytes that can be wiped.
package seedphrase
