// Package hostile attacks the program from outside, as authors of specs and providers of answers could: its tests make
// the inputs in code, small and large, run each in a child process, and hold what an input may cost there: processor
// time, resident memory, and an error with a name or the right result. Its fuzz target looks for work that grows faster
// than its input.
package hostile
