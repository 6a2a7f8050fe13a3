// Package sign links ed25519 (RFC 8032) into the reader and the writer of plan files: a program that imports it, if
// only for its effect, can sign plans and accepts signed ones. Packages vm and compiler import it; only a program that
// runs plans with packages below vm decides for itself. It knows keys and messages, never what a plan holds.
package sign
