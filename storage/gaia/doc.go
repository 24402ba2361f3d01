// Package gaia keeps objects in the bucket of a key on a Gaia hub (identity 8). Its tests run
// against gaiatest, a hub with the rules of the reference one.
package gaia
