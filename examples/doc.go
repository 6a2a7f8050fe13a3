// Package examples holds connection specs for real services, as a spec author writes them, with their flow cases. Its
// tests promise that every spec compiles without a warning, that its cases pass, and that those with the usual
// endpoints complete the whole flow over HTTP against the provider on loopback.
//
// Gallery and Files give them to programs that offer specs to begin with.
package examples
