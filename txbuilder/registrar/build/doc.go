// Package build plans and signs the transactions of jobs, or hands them out as drafts: those of
// single jobs and imports (Txs) and those of a series, which spend one another's change (Paths).
package build
