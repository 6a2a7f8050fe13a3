// Package linkcheck holds that readers can follow what the repository refers to: its tests fail for a link or an anchor
// of a document that leads nowhere, for a citation in a comment, a message or a case that names no section of spec/ or
// docs/, for a path, test or Go name in a document that does not exist, and for a comment that begins with another
// name.
package linkcheck
