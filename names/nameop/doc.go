// Package nameop is the name operations as bytes: payloads of OP_RETURN outputs in both directions,
// and what the transaction around a payload adds to it (sender, recipient, what was burned).
//
// A payload is the registry's two magic bytes, the opcode byte and the operation's body (protocol
// 3). Each operation is one file with its layout as a table above its encoder and decoder. Integers
// are big-endian. The names in decoded operations are bytes from the chain and may be hostile: they
// passed names.ValidName, but only names.Parse makes a name of them.
//
// Everything here is total on hostile input: any transaction gives an operation or an error.
package nameop
