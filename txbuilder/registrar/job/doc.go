// Package job is what the registrar stores: jobs with their requests, states and transactions, how
// they are read and checked, and what several copies of one job come to. It asks nobody: no chain,
// no index, no wallet.
package job
