// Package scan finds the name operations of a raw block. It walks over the bytes and decodes the
// few transactions that may carry an operation, since a chain has hundreds of millions that do not.
package scan
