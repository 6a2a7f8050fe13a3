package vm

// The engine runs every plan, so it links what the packages below leave to their importer.
import (
	_ "github.com/imlc-lang/imlc/vm/builtin/full"
	_ "github.com/imlc-lang/imlc/vm/plan/sign"
)
