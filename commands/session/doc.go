// Package session is what one command has from its start to its end: what the user said to
// questions, the printer, the rooms of the home as they are opened, and the ways to open the keys.
// Verbs take it; it knows no verb.
package session
