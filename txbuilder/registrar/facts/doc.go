// Package facts asks chain, index, wallet and journal what package step decides by.
package facts
