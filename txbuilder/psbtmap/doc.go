// Package psbtmap reads and writes PSBTs as what BIP 174 says that they are: maps of keys and
// values, of which nobody knows all. A program that puts two of them together, or adds to one, must
// keep what it does not know.
//
// # Format
//
// Version 0 (BIP 174). Numbers are compact sizes in their shortest form; a key is never empty and
// stands in its map once:
//
//	psbt    = %x70.73.62.74.FF  global  *input  *output     ; as many inputs and outputs as the transaction has
//	global, input, output = *( keylen key vallen value ) %x00
//
// The global map begins with the key %x00, whose value is the unsigned transaction without
// witnesses. The key %xFB, where it is there, has the version as its value: four bytes, all zero.
package psbtmap
