// Package jobports puts the rooms of a home behind the interfaces that the registrar declares: the
// node and what is known of its memory pool, the index with the records that money depends on
// checked by their transactions, the wallet with what the user has agreed to, the copies of the
// journal, the folder of one's own zone files.
package jobports
