// Package paid answers questions about payments that were made: what became of one (FateOf),
// whether the same was paid already (Memory.Twin), and whom a transaction would take money from
// (Deprived). It computes from what it is given, and reads and writes nothing.
package paid
