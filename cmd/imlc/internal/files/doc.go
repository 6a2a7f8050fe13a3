// Package files is how imlc reads and writes files.
//
// Reading is bounded, and gives up when its context ends: a named pipe without a writer holds nobody. Writing replaces
// a file as a whole or not at all, so that a reader sees the old or the new content; it keeps the permissions of a file
// that was there, obeys the umask for a new one, and writes into devices, pipes and links instead of replacing them.
// Private files, those with keys and stored connections, are for the user alone and never written through a link. Spec
// opens the folder of a spec, which may come from a stranger, so that nothing in it leads elsewhere.
package files
