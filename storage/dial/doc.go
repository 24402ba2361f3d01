// Package dial makes the connections of this program: directly, or through a SOCKS5 proxy, which
// nothing goes around. A host is judged in the form in which it is dialled. Rules builds every HTTP
// client; what differs between them is values.
package dial
