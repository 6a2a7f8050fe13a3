// Package builtin is what function libraries are made of: the row that describes a function, its arguments, the budget
// it works under, its errors, and Invoke, the one place where arguments are converted, nil is judged, results are
// measured and secrets are marked. Libraries of languages are in packages of their own, such as iml; functions of hosts
// are declared here.
//
// The package promises that no function panics, that the clock, the zone and entropy come from the Context only, and
// that errors name types and never values. It does not know templates, plans, requests or dialects.
//
// It also promises to start at once. Regular expressions and RSA keys, which do not, are parts that a program links by
// importing package full; Function.Missing tells what a function lacks.
package builtin
