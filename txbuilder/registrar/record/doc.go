// Package record writes down what jobs have come to, tells who listens, and knows what the user has
// agreed to.
package record
