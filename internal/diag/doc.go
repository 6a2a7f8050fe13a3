// Package diag is the one form of every problem that this module reports: a stable code, a severity, a place, what was
// found, and what to do about it. It collects and sorts diagnostics and renders them as text, JSON and SARIF; it does
// not know which rules exist.
package diag
