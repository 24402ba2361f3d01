// Package jobrun is the terminal of requests that are carried out as jobs, for all verbs that write
// to the chain: it reads their options, asks their questions, and prints what became of them. What
// is asked when, and what is started, is package conduct's.
package jobrun
