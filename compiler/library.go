package compiler

// Whoever compiles may sign the plan, so the compiler links what package plan leaves to its importer.
import _ "github.com/imlc-lang/imlc/vm/plan/sign" // signed plans
