// Package dbfile is the one door to the program's bbolt files. bbolt trusts what it reads: a page
// that makes no sense is a panic, a memory fault, or a loop without end. Here
//
//   - a file is made beside its place, synced and renamed, so that there is a whole one or none. An
//     empty file at the place is never one of ours: it is damage, as a file that was cut is;
//   - before bbolt reads a file, its pages are walked by our own reader, which believes nothing
//     (walk.go);
//   - every transaction is guarded: a panic or a memory fault in it is ErrDamaged, and the file is
//     not used again;
//   - rows have checksums, where the file is opened as Rows (rows.go);
//   - what the operating system complains about (a full disk, a missing right) stays what it is.
//
// A file's content has versions of its own, which its owner checks: ErrNewer is for them.
package dbfile
