// Package commands is the command line of blockstack as a whole: which commands there are,
// completion, and how a run begins and ends.
//
// The verbs are in packages below it, by subject, which do not import each other: naming, lists,
// namespaces, jobs, paying, wallets, psbts, identities, profiles, indexes, sandboxes, settings,
// health. A verb parses its options, calls a use case, asks the user, and prints. Use cases are in
// the rooms and in home, where a server can call them without a terminal.
//
// A verb is one file with three parts: a function that returns its [cli.Command] with help and an
// example, a struct of options, and a run function that takes a context, a [session.Session] and
// the options. [line.Verb] joins the three.
//
// What verbs share knows none of them: session is what one command has from its start to its end,
// jobrun carries a request out as a job, line takes the command line apart, prompt asks on the
// terminal, voice writes to the streams, fault is what a user is told, and faults says which fault
// an error of a room is. Only main exits.
//
// # The voice
//
//   - Standard output carries the result and nothing else; it stays empty when the command fails.
//   - Everything else goes to standard error, each line with a prefix: error, hint, warning, note,
//     plan.
//   - An error names the problem, in lower case and without a full stop. A hint, on a line of its
//     own, names the way out, preferably as a command to paste.
//   - Questions and secrets use the terminal itself, so that a pipe never swallows a question.
//     Without a terminal the command fails and names the flag that would have answered.
package commands
