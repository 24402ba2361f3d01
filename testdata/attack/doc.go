// Package attack attacks the program as it is shipped, on a real node, for as long as it is told:
// kill -9 at random moments, damaged files, full disks, a node, a web server and a hub that lie,
// and restores at every moment of a job. What happened to money and names is counted from the
// node's own blocks, never from what the program says. make attack runs it; the seed chooses what
// happens.
package attack
