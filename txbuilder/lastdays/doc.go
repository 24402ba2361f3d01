// Package lastdays keeps what shows whether a home still knows all that it has sent of late. A
// preorder that was sent and forgotten cannot always be seen: a memory pool that does not hold it
// proves nothing. So a home that may have forgotten one starts no other until so many blocks have
// passed that the first is in one of them, or never will be.
//
// What a home cannot know, it doubts:
//
//	words          its seed was typed in: another home, or this one before, may have used it
//	backup         it was brought back from a backup, which may be older than what was sent
//	watch_only     it watches the keys of another home, which may send
//	journal_lost   its journal is gone, or another one lies there
//	journal_older  its journal is older than what was sent with it
//	record_lost    the record that would show it is gone, or cannot be read
//
// A home that made its seed itself and lost nothing doubts nothing, and so does one of an earlier
// version of the program, which kept no record, until something is lost: when nothing says that a
// journal was cut, it is believed.
//
// The record of a network is a file beside its journal, JSON with mode 0600:
//
//	record = { "schema": "blockstack/last-days/v1", "journal": 32HEX, "writes": NUMBER, "doubt": DOUBT, "restored": TIME }
//	DOUBT  = { "why": WHY, "since": HEIGHT, "at": TIME }
//
// "journal" and "writes" are what the journal said of itself when something was last sent: the
// number that it was given when it was made, and how often it was written. A journal with another
// number, or with fewer writes, is not the one that something was sent with. Without "journal"
// nothing was sent yet. "doubt" is absent where there is none; its "since" is the height of the
// chain when it was first looked at, absent before. "restored" is when what the home knew was last
// brought back from elsewhere, or found to be older than it was. A doubt ends, this does not: for
// which requests something was paid before that time stays unknown. It is absent where the home
// knows all of them.
//
// Beside the networks' folders one file says where the seed is from:
//
//	origin = { "schema": "blockstack/seed-origin/v1", "made_here": BOOL, "networks": [NAME...] }
//
// with the networks that this home was ever made for, so that a network whose folder is gone is
// told from one that is new, and a home that lost journal and record together from one of an
// earlier version.
package lastdays
