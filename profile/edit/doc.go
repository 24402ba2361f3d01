// Package edit changes profiles: it reads what is to be changed, says what changed, and signs it
// for an identity that agreed to that. What is signed was verified before anybody gets to edit it,
// so that nothing of a stranger's is ever signed anew. It asks through a Hand, and prints nothing;
// package publish puts the result where it belongs.
package edit
