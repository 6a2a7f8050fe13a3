// Package linkcheck holds that readers can follow what the repository refers to: its tests fail for a link or an anchor of a
// document that leads nowhere, and for a citation in a comment, a message or a case that names no section of spec/ or docs/.
package linkcheck
