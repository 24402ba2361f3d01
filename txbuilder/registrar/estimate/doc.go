// Package estimate says what a request, or a list of names, would do and cost. It writes nothing
// and signs nothing.
package estimate
