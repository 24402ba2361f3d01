// Package own looks for preorders and renewals that scripts of the wallet have sent and that no job
// follows: in the index, in the memory pool, in what the wallet remembers, and in copies of jobs.
// What it finds keeps its coins.
package own
