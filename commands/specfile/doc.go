// Package specfile reads SPEC.toml, the rules of a namespace that is to be launched.
package specfile
