// Package jobs has the verbs of the noun job, and watch.
package jobs
