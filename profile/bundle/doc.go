// Package bundle puts a profile into one file together with everything that it takes to check it
// offline: the signed token, the zone file, and a proof of who owned the name (package snv).
// Whoever trusts a consensus hash needs nothing else: no index, no network.
//
// What a valid report about a bundle means, given a trusted consensus hash of height H:
//
//   - the name had this owner at H, with this zone-file hash, and was neither revoked nor expired:
//     that is package snv's argument;
//   - the zone file in the bundle has that hash, so it is the owner's word where a data key signs
//     in his place;
//   - the token is signed by the key that speaks for the name: the data key of the zone file if it
//     names one, else the owner's.
//
// What it does not mean: that the name still has this owner after H, which is why a build pins a
// recent hash; and that this is the owner's newest profile, since an older token of his is signed
// as well. The time of issue and a policy's max_age limit that.
//
// A trusted block hash alone shows that the transactions are in the chain. Such a report is never
// valid; its reason is inclusion_only.
package bundle
