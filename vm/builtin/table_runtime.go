package builtin

import "github.com/imlc-lang/imlc/vm/value"

// The rows of the runtime functions (spec iml.md §9.7).
var (
	fnCreateJSON = Function{Name: "createJSON", Version: 1, Min: 1, Max: 1, Family: "runtime", Result: value.KindText, Pure: true,
		Params:    []Param{{Kind: 'V'}},
		Signature: "createJSON(V)",
		Doc:       "Writes a value as compact JSON.",
		Example:   `{{createJSON(pick(parameters; "n"))}}`,
		Call:      callCreateJSON,
	}
	fnParseJSON = Function{Name: "parseJSON", Version: 1, Min: 1, Max: 1, Family: "runtime", Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'V'}},
		Signature: "parseJSON(V)",
		Doc:       "Reads JSON from a text or buffer.",
		Example:   `{{parseJSON("[1,2]")[2]}}`,
		Call:      callParseJSON,
	}
	fnMime = Function{Name: "mime", Version: 1, Min: 1, Max: 1, Family: "runtime", Result: value.KindText, Nil: NilSame, Pure: true,
		Params:    []Param{{Kind: 'T'}},
		Signature: "mime(T)",
		Doc:       "Returns the media type that the extension of a file name stands for.",
		Example:   `{{mime("picture.png")}}`,
		Call:      callMime,
	}
	fnJwt = Function{Name: "jwt", Version: 1, Min: 2, Max: 4, Family: "runtime", Result: value.KindText, Needs: PartRS256,
		Params:    []Param{{Kind: 'C'}, {Kind: 'V'}, {Kind: 'E', Optional: true, Words: []string{"HS256", "HS384", "HS512", "RS256"}}, {Kind: 'C', Optional: true}},
		Signature: "jwt(C; V; [E(HS256|HS384|HS512|RS256)]; [C])",
		Doc:       "Signs a JSON Web Token with HS256, HS384, HS512 or RS256. Options: header, keyid, notBefore, expiresIn, audience, issuer, subject, jwtid, noTimestamp.",
		Example:   `{{jwt(parameters.objs[1]; "k")}}`,
		Append:    appendJwt,
	}
)
