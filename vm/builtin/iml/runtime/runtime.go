package runtime

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Functions returns the rows of the family, which must not be changed.
func Functions() [][]builtin.Function { return [][]builtin.Function{functions} }

var functions = []builtin.Function{
	{Name: "createJSON", Version: 1, Min: 1, Max: 1, Family: "runtime", Result: value.KindText, Pure: true,
		Params:    []builtin.Param{{Kind: builtin.ParamAny}},
		Signature: "createJSON(value)",
		Doc:       "Writes a value as compact JSON.",
		Example:   `{{createJSON(pick(parameters; "n"))}}`,
		Call:      callCreateJSON,
	},
	{Name: "parseJSON", Version: 1, Min: 1, Max: 1, Family: "runtime", Nil: builtin.NilSame, Pure: true,
		Params:    []builtin.Param{{Kind: builtin.ParamAny}},
		Signature: "parseJSON(text)",
		Doc:       "Reads JSON from a text or buffer.",
		Example:   `{{parseJSON("[1,2]")[2]}}`,
		Call:      callParseJSON,
	},
	{Name: "mime", Version: 1, Min: 1, Max: 1, Family: "runtime", Result: value.KindText, Nil: builtin.NilSame, Pure: true,
		Params:    []builtin.Param{{Kind: builtin.ParamText}},
		Signature: "mime(fileName)",
		Doc:       "Returns the media type that the extension of a file name stands for.",
		Example:   `{{mime("picture.png")}}`,
		Call:      callMime,
	},
	{Name: "jwt", Version: 1, Min: 2, Max: 4, Family: "runtime", Result: value.KindText, Needs: builtin.PartRS256,
		Params:    []builtin.Param{{Kind: builtin.ParamCollection}, {Kind: builtin.ParamAny}, {Kind: builtin.ParamOption, Optional: true, Words: []string{"HS256", "HS384", "HS512", "RS256"}}, {Kind: builtin.ParamCollection, Optional: true}},
		Signature: "jwt(payload; key; [algorithm = HS256|HS384|HS512|RS256]; [header])",
		Doc:       "Signs a JSON Web Token with HS256, HS384, HS512 or RS256. Options: header, keyid, notBefore, expiresIn, audience, issuer, subject, jwtid, noTimestamp.",
		Example:   `{{jwt(parameters.objs[1]; "k")}}`,
		Append:    appendJwt,
	},
}
