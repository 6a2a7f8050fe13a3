// Package message holds what the engine says to people, by ids, so that a host can say it in another language. Errors
// carry the id and the arguments of their message beside its English text.
//
// It knows texts and nothing else. Its catalogues are copies, so that everything in it is safe for concurrent use.
package message
