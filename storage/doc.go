// Package storage is how the rooms keep objects at a place that they do not know: a folder, a web
// server, a hub, a cloud. An object is a name and bytes. Small interfaces say what a place can do;
// a user asks for those that it needs, and a driver (local, webdav, gaia) implements those that its
// place has. All drivers fail with the same kinds of error and pass the same suite (storagetest).
//
// A write has a Condition, and a condition is never ignored: a place that cannot keep it against
// others who write at the same moment refuses it, unless the writer settles for a comparison just
// before.
package storage
