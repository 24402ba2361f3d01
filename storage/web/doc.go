// Package web sends single requests to servers that keep objects, for the drivers of such servers.
// The user has chosen the server, so it may be anywhere; what it says is bounded and nothing of it
// is trusted. Redirects are refused: what is written goes where the user said.
package web
