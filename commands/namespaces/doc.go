// Package namespaces has the verbs of the noun namespace.
package namespaces
