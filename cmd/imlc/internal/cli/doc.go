// Package cli is the command imlc.
//
// Each sub-command is a struct with its flags in a file of its own. What it touches, streams, files, network, clock, entropy,
// keyring and browser, it is given in type command, so that tests run it whole. It knows nothing that a library could know:
// it reads arguments, asks people, and hands on to package paste (requests that were pasted), vault (connections that are
// kept), files (reading and writing) and show (what people see). Secrets come from prompts, files and the environment, never
// from arguments alone, and are masked in everything that is printed.
//
// Exit codes: 0 good, 1 the spec, flow or case failed, 2 wrong usage, 3 an error in imlc itself; 130 and 143 when it was
// interrupted. An interrupted command ends within a second, whatever it does.
package cli
