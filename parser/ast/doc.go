// Package ast is the one syntax tree in which the dialects of connection specs meet. A front end builds it, the
// compiler reads it; nothing in it depends on how a spec was written. Every node carries the place it was read from.
// Trees are immutable after the front end returned them and may be read concurrently.
package ast
