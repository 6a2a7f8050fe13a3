package make

import "github.com/imlc-lang/imlc/parser/ast"

func (r *reader) lint(c *ast.Connection) {}
