// Package vault keeps what imlc must not lose and must not show: connections with their tokens, authorisations that
// wait for their callback, and the keys that encrypt both.
//
// A connection is a file encrypted by age under a passphrase; the passphrase is a person's, or a random key of 256 bits
// from the keyring of the system or a file beside it. A waiting authorisation is sealed under the same key. All files
// are for the user alone, are written as a whole, and replace a link instead of following it. The vault opens no
// socket; it asks people only through Vault.Ask.
package vault
