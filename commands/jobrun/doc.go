// Package jobrun carries a request out as a job, for all verbs that write to the chain: plan, consent, start, advance as far as
// --wait says, and print. What a job does is the registrar's.
package jobrun
