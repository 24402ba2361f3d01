// Package blockfiles reads blocks and the outputs that they spend straight from the files of a full
// node derived from Bitcoin Core: no RPC, no transaction index, and the node may be stopped. The
// grammars of the files stand above their parsers, in read.go and undo.go, that of the cache in
// cache.go.
package blockfiles
