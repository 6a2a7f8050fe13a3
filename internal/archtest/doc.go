// Package archtest holds the house's import rules: its test fails when a package knows what it must not know
// (RATIONALE.md, "Why do imports point one way?").
package archtest
