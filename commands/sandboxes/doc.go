// Package sandboxes has the verbs of the noun sandbox, and the demo that runs on it.
package sandboxes
