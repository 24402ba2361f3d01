// Package money puts a wallet and a connection to Bitcoin into the ports of payments, bumps and
// sweeps.
package money
