// Package match tells which job a request means, which jobs stand in its way, and what a reorg lets
// a job do again.
package match
