// Package full links the whole function library of IML: a program that imports it, if only for its effect, can call the
// functions that need regular expressions and RSA keys besides the rest of package builtin. Packages vm and compiler import
// it; only a program that runs plans with packages below vm decides for itself.
package full
