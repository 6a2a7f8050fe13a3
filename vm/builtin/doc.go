// Package builtin is the function library of IML: every function of the language, the extra pack and the declaration of
// host functions. A function is one row of a table (name, argument range, kinds of its parameters, documentation) and one Go
// function; conversion of arguments, rules for nil, limits and the marking of secrets happen in one place, Invoke.
//
// The package promises that no function panics, that the clock, the zone and entropy come from the Context only, and that
// errors name types and never values. It does not know templates, plans, requests or dialects.
//
// It also promises to start at once. Regular expressions and RSA keys, which do not, are parts that a program links by
// importing package full; Function.Missing tells what a function lacks.
package builtin
