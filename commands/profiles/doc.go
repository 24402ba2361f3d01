// Package profiles has the verbs about who a name is: lookup, profile, proof, zonefile. They parse,
// call the room profile, ask what an outcome calls for, and print.
package profiles
