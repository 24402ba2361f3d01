// Package local keeps objects as files of a folder on this machine, and writes single files so that
// a crash leaves the old one or the new one.
package local
