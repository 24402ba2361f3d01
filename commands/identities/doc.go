// Package identities has the verbs of the noun identity.
package identities
