// Package regex has the regular expressions of JavaScript (ECMA-262 §22.2): what spec iml.md §9.4 takes from them,
// compiled by regexp2 after a check of what that library accepts beyond them. It bounds the length of patterns and the
// time and memory of every match. It promises that no pattern and no text makes it panic, and knows nothing of
// functions, values or limits of programs.
package regex
