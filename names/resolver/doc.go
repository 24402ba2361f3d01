// Package resolver answers where the profile of a name is: name, record, zone file, profile URLs,
// and how all this is known.
//
// The record comes from Records, usually the local index. The zone file comes from ZoneFiles: a
// cache, then folders and web servers that hold it as <hash>.txt. Sources are not trusted: bytes
// are a name's zone file only if they hash to what the record holds.
//
// Fetcher reads what the URLs of a zone file point to. Whoever owns a name chooses those URLs, so
// it refuses what would reach into the reader's own network, and bounds everything in size and
// time.
package resolver
