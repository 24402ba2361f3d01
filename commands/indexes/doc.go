// Package indexes has the verbs of the noun index.
package indexes
