// Package publish puts a signed profile where the name's zone file says it is, and makes sure that
// it got there: what is written is verified before, read back after, and compared byte for byte.
//
// A Place is what a driver of package storage offers. Writes are conditional, so that two devices
// of one owner cannot silently overwrite each other.
package publish
