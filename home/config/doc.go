// Package config holds the choices of one home: what its file says, over it the environment, over
// it what a caller says for one run, such as flags. It reads and writes the file, knows where
// everything in the home is, and remembers where each choice came from. It reads no command line
// and asks nobody; it holds no secret.
package config
