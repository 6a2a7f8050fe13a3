// Package jshost runs the scripts of specs: JavaScript, in goja. It is the only package that links an interpreter of
// JavaScript; engines know the interface script.Host alone.
//
// Every call has a runtime of its own, made for it and dropped after it; what is compiled of a program is shared and
// never changes. A script has the language and what its World gives it, and nothing else: no timers, files, sockets,
// environment, clock or entropy. It runs in a goroutine of its own, while that of the caller does for it what it asks
// for (requests, functions of the library, the console) and watches its limits. A script that a limit ends is
// interrupted at the next instruction; one that stays inside a single built-in function of the interpreter longer than
// that is given up, and no more than a few of those may be left behind at a time.
//
// What cannot be bounded from inside one process is memory that one built-in function takes at a blow: a host that runs
// the scripts of strangers does so in a process of its own, which the operating system bounds.
package jshost
