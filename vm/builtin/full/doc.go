// Package full links every function library, and the parts that some of their functions need: regular expressions and
// RSA keys. A new language adds its library here. Packages vm and compiler import it; only a program that runs plans
// with packages below vm decides for itself and imports the libraries that its plans call.
package full
