// Package line is the command line: taking it apart, the flags that every command has, how a verb
// is declared and called, help and the manual page. It refuses secrets among the words before
// anything looks at them, and knows which of the words a message may repeat. It knows no verb:
// those are given to it as a [cli.App], and what a verb needs is an interface of the verb's own.
package line
