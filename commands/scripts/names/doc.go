// Package names has the transcripts of names and namespaces, and of their jobs: see package
// scripttest.
package names
