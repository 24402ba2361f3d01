// Package ports says what the registrar asks of the world outside: a chain, a name index, a wallet,
// a journal, and what some of them can do beyond that.
package ports
