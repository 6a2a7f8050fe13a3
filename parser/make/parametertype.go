package make

import "github.com/imlc-lang/imlc/parser/ast"

// parameterType is what a type of parameters means.
type parameterType struct {
	kind   ast.ParameterKind
	format ast.ParameterFormat
	// secret values are masked, visual parameters are shown and hold no value, of a choice only the options pass.
	secret, visual, choice bool
}

// parameterTypes are the types of spec make.md §17.1 and the visual ones of §26.16. Their kinds are row 3 of §17.2,
// their formats row 12.
var parameterTypes = map[string]parameterType{
	"any":    {},
	"buffer": {},
	"date":   {}, "time": {}, "timestamp": {},
	"hidden": {}, "json": {},
	"select": {choice: true},

	"text":  {kind: ast.ParameterText},
	"color": {kind: ast.ParameterText}, "timezone": {kind: ast.ParameterText},
	"file": {kind: ast.ParameterText}, "filename": {kind: ast.ParameterText}, "folder": {kind: ast.ParameterText}, "path": {kind: ast.ParameterText},
	"email":    {kind: ast.ParameterText, format: ast.FormatEmail},
	"url":      {kind: ast.ParameterText, format: ast.FormatURL},
	"uuid":     {kind: ast.ParameterText, format: ast.FormatUUID},
	"cert":     {kind: ast.ParameterText, format: ast.FormatCertificate},
	"pkey":     {kind: ast.ParameterText, format: ast.FormatPrivateKey, secret: true},
	"password": {kind: ast.ParameterText, secret: true},

	"number":   {kind: ast.ParameterNumber},
	"udt":      {kind: ast.ParameterNumber},
	"integer":  {kind: ast.ParameterNumber, format: ast.FormatInteger},
	"uinteger": {kind: ast.ParameterNumber, format: ast.FormatUnsigned},
	"port":     {kind: ast.ParameterNumber, format: ast.FormatPort},
	"boolean":  {kind: ast.ParameterBoolean},

	"array":      {kind: ast.ParameterList},
	"filter":     {kind: ast.ParameterList},
	"collection": {kind: ast.ParameterObject},

	"banner": {visual: true}, "markdown": {visual: true}, "html": {visual: true}, "separator": {visual: true},
}
