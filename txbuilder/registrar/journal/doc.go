// Package journal keeps jobs in a file, and copies of them in a folder.
package journal
