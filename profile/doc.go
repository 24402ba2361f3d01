// Package profile is the signed document in which a name says who it is: the document and its
// edits, the signed token around it, the file the token is stored in, and the judgement whether a
// token speaks for an owner.
//
// # Forms
//
// A profile is a JSON object in schema.org style (identity 3.1). Unknown fields are kept byte for
// byte. It is signed as the claim of a token (identity 0.3, 3.2):
//
//	token     = part "." part "." part
//	part      = base64url without padding (RFC 4648 section 5), no line breaks, unused bits zero
//	1st part  = header, a JSON object: "alg" is "ES256K"; "ES256k" is read with a warning; no "crit"
//	2nd part  = payload, a JSON object: "jti", "iat", "exp", "subject", "issuer", "claim"; also "nbf"
//	3rd part  = signature, 64 bytes: R || S, big-endian, over SHA-256 of the first two parts with their dot (secp256k1)
//
// and stored as a token file, usually profile.json (identity 3.3):
//
//	file      = "[" record *( "," record ) "]"     the first record counts, others are ignored with a warning
//	record    = JSON object with "token" (text); optional "parentPublicKey" equals the issuer; the rest is decoration
//
// Everywhere JSON is RFC 8259 in valid UTF-8, with no key twice in one object and at most 64 levels
// deep. Old clients read more than this; where they are lax this package is strict, and says so
// with an error that wraps ErrMalformed.
//
// # Trust
//
// Nothing that is read is trusted until Verifier.Verify says so: Token.Unverified carries the
// danger in its name, and Report.Profile gives the document only when the report is valid. Times
// come from the caller's clock.
package profile
