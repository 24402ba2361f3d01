// Package psbts has the verbs of wallet psbt: looking at, signing, joining and sending what others
// made.
package psbts
