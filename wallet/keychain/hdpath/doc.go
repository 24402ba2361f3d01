// Package hdpath is the derivation paths of a keychain's roles, and the output script that each
// role uses. It knows no keys.
package hdpath
