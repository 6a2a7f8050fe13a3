package compiler

import "github.com/imlc-lang/imlc/vm/builtin"

// foreignFunctions are the names that other languages have for functions, in small letters and without underscores. The
// one for a library counts where that has it.
var foreignFunctions = map[string]string{
	"upcase": "upper", "uppercase": "upper", "toupper": "upper", "touppercase": "upper", "ucase": "upper", "strtoupper": "upper",
	"downcase": "lower", "lowercase": "lower", "tolower": "lower", "tolowercase": "lower", "lcase": "lower", "strtolower": "lower",
	"urlencode": "encodeURL", "encodeuri": "encodeURL", "encodeuricomponent": "encodeURL", "rawurlencode": "encodeURL", "percentencode": "encodeURL", "escape": "encodeURL", "quote": "encodeURL",
	"urldecode": "decodeURL", "decodeuri": "decodeURL", "decodeuricomponent": "decodeURL", "unescape": "decodeURL", "unquote": "decodeURL",
	"base64encode": "base64", "btoa": "base64", "tobase64": "base64", "b64encode": "base64", "encodebase64": "base64",
	"sha": "sha1", "hmac": "sha256", "hmacsha1": "sha1", "hmacsha256": "sha256", "hmacsha512": "sha512", "md5hash": "md5",
	"len": "length", "size": "length", "count": "length", "strlen": "length", "coalesce": "ifempty", "default": "ifempty", "isnull": "ifempty", "ifnull": "ifempty", "nvl": "ifempty", "orelse": "ifempty",
	"iif": "if", "ternary": "if", "cond": "if", "case": "switch", "select": "switch", "match": "switch",
	"concat": "join", "implode": "join", "explode": "split", "strip": "trim", "ltrim": "trim", "rtrim": "trim", "trimstart": "trim", "trimend": "trim",
	"substr": "substring", "mid": "substring", "slicestring": "substring", "includes": "contains", "haskey": "contains", "in": "contains", "strpos": "indexOf", "index": "indexOf", "find": "indexOf", "indexof": "indexOf",
	"gsub": "replace", "regexreplace": "replace", "replaceall": "replace", "sub": "replace", "preg": "replace",
	"jsonparse": "parseJSON", "parsejson": "parseJSON", "jsondecode": "parseJSON", "fromjson": "parseJSON", "loads": "parseJSON", "parsenum": "parseNumber",
	"tojson": "createJSON", "jsonencode": "createJSON", "stringify": "createJSON", "jsonstringify": "createJSON", "dumps": "createJSON",
	"number": "parseNumber", "int": "parseNumber", "float": "parseNumber", "parseint": "parseNumber", "parsefloat": "parseNumber", "tonumber": "parseNumber",
	"str": "toString", "string": "toString", "tostr": "toString", "totext": "toString", "text": "toString",
	"dateformat": "formatDate", "strftime": "formatDate", "todate": "parseDate", "strptime": "parseDate", "dateparse": "parseDate", "date": "parseDate",
	"adddate": "addDays", "dateadd": "addDays", "head": "first", "tail": "last", "car": "first", "uniq": "distinct", "unique": "distinct", "dedupe": "distinct",
	"push": "add", "append": "add", "pluck": "map", "filter": "map", "mean": "average", "avg": "average", "truncate": "floor", "rounddown": "floor", "roundup": "ceil", "ceiling": "ceil",
	"keys_": "keys", "objectkeys": "keys", "reversed": "reverse", "sorted": "sort", "capitalise": "capitalize", "titlecase": "startcase", "title": "startcase", "ucwords": "startcase", "ucfirst": "capitalize",
}

func known(l *builtin.Library, name string) bool {
	_, ok := l.Lookup(name)
	return ok
}
