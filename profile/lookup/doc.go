// Package lookup answers who a name is: name, record, zone file, where the profile is, the profile,
// and whether it is the owner's. It asks nobody at a terminal and prints nothing; one Lookup serves
// many requests at a time.
//
// An Answer carries what it is worth: the block after which its record is true and how far that is
// certain, where the zone file and the profile were read, and when. Its Outcome is one word for how
// far the way to the profile went, and what was found at the end. Only Verified is good enough to
// decide payments, keys or sign-in by; anything else may be shown, with that word.
//
// What was verified is remembered: the time of issue, so that storage which puts back an old
// profile is noticed, and a copy, so that it can be shown without a network. A copy is verified
// again each time, and never says that nothing newer exists.
package lookup
