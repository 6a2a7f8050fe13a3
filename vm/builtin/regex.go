package builtin

import "errors"

func splitPattern(s string) (pattern, flags string, ok bool) { return "", "", false }

func compileRegex(pattern, flags string) (any, error) { return nil, errors.New("not yet available") }
