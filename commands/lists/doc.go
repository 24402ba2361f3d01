// Package lists has the verbs that bring many names to a desired state: name apply, and name renew
// with --due.
package lists
