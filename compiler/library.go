package compiler

// Whoever compiles checks every function and folds it, and may sign the plan, so the compiler links what the packages
// below leave to their importer.
import (
	_ "github.com/imlc-lang/imlc/vm/builtin/full" // regular expressions, RSA keys
	_ "github.com/imlc-lang/imlc/vm/plan/sign"    // signed plans
)
