// Package naming has the verbs of the noun name that are about one name.
package naming
