// Package cli is the command imlc.
//
// The command is a struct with its streams and its surroundings injected (type command), one file per sub-command, and
// knows nothing that a library could know: it reads arguments, asks people, and shows what the packages report. Secrets
// come from prompts, files and the environment, never from arguments, and are masked in everything that is printed.
//
// Exit codes: 0 good, 1 the spec, flow or case failed, 2 wrong usage, 3 an error in imlc itself.
package cli
