// Package settings has the verbs of the noun config.
package settings
