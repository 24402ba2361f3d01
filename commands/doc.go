// Package commands is the command line: it parses flags, asks the other rooms, asks the user, and prints.
//
// It holds no rule of the protocol, no arithmetic on money and no bytes of Bitcoin. A verb is one file with three
// parts: a function that returns its [cli.Command] with help and an example, an options struct, and a run function
// that takes a context, the [Env] and the options. [line.Verb] joins the three.
//
// Only package voice writes to a stream; package prompt asks on the terminal; only main exits.
//
// # The voice
//
//   - Standard output carries the result and nothing else; it stays empty when the command fails.
//   - Everything else goes to standard error, each line with a prefix: error, hint, warning, note.
//   - An error names the problem, in lower case and without a full stop. A hint, on a line of its own, names the way
//     out, preferably as a command to paste.
//   - Questions and secrets use the terminal itself, so that a pipe never swallows a question. Without a terminal the
//     command fails and names the flag that would have answered.
package commands
