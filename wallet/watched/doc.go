// Package watched knows which public keys of a wallet are watched on the chain, and hands them out.
//
// A restore from the seed looks along each branch until as many keys in a row as the gap were never
// paid (reach.go). So no key is handed out beyond that, and keys are derived ahead of every sync.
// What the rows of labels.db say of scripts is a cache, which anybody may have written who can
// write the file: a row only says where to look, the script is derived from what Believe was given
// (package scripts), and Heal writes rows anew that say something else.
package watched
