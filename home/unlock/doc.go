// Package unlock opens the keys of a home's wallet, for commands and servers: with the password
// that the configuration leads to (a file, a descriptor, a command), through an agent that runs,
// with what the keyring of the system has, or with a password that somebody is asked for. It prints
// nothing and knows no flags. It asks through one port, which is nil where nobody can be asked, and
// tells through another one.
//
// What the configuration names is the only way where it names one: a wrong password from there is
// an error and not a reason to look elsewhere. Else the order is agent, keyring, question.
package unlock
