package full

import (
	"github.com/imlc-lang/imlc/internal/regex"
	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/builtin/internal/rs256"
	_ "github.com/imlc-lang/imlc/vm/builtin/membrane"
	_ "github.com/imlc-lang/imlc/vm/builtin/supermetrics"
	_ "github.com/imlc-lang/imlc/vm/builtin/zapier"
)

func init() {
	builtin.RegisterPatterns(compile)
	builtin.RegisterRS256(rs256.Sign)
}

func compile(pattern, flags string) (builtin.Pattern, error) {
	re, err := regex.Compile(pattern, flags)
	if err != nil {
		return nil, err // not a nil *Regexp in an interface
	}
	return re, nil
}
