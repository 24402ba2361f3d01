// Package cli declares commands and their flags, and runs the command that a line names. It takes lines in one order only:
//
//	line     = program *flag *( noun ) verb *flag [ "--" ] *argument
//	flag     = "--" name [ "=" value ]        ; a flag without a value, or with true or false: it is on or off
//
// Whoever lets people type flags anywhere puts them in this order first. The package prints nothing and has no help of its own.
//
// The linker drops methods that nobody calls only in programs that look up no methods by name at run time. Every general package for
// command lines does that, in its templates for help, and made this program 5.5 MB larger.
package cli
