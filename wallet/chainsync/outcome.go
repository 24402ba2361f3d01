package chainsync

// outcome says what has to follow a scan.
type outcome int

const (
	settled outcome = iota // nothing
	again                  // scan again: the tracker must be built again
	repair                 // connect again: tracker and chain differ
	stalled                // connect again: the tip was not reached
)
