// Package vm is what a host program runs connections with. An Engine takes a compiled plan and makes authorisations,
// calls and signed HTTP clients of it:
//
//	step, err := engine.Authorize(ctx, vm.Grant{Parameters: form, RedirectURI: callback}) // then the browser goes to step.RedirectURL
//	conn, err := engine.Callback(ctx, step.State, query)                                  // in any process, once
//	result, err := engine.Call(ctx, conn, "listNotes", input)
//
// A Host says where clock, entropy, HTTP, keys and stores come from; nothing here reads any of them by itself. Errors
// are *Error, or *form.Error for parameters that do not pass. An Engine is immutable and safe for concurrent use; a
// Connection is plain data that the host keeps.
//
// The runs themselves live in package vm/internal/run, suspended state in vm/internal/state, parameters in package
// vm/form and the expressions of a plan in package vm/expr. The package links no parser, compiler, schema or expression
// library.
package vm
