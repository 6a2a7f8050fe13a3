package calendar

import (
	"strings"
	"unicode/utf8"
)

// token is a token of a date format (spec iml.md §10.4).
type token uint8

// The tokens, in the order of the table of the specification. tokenText is anything that is copied.
const (
	tokenText token = iota
	tokenYYYY
	tokenYY
	tokenY
	tokenQ
	tokenQo
	tokenM
	tokenMo
	tokenMM
	tokenMMM
	tokenMMMM
	tokenD
	tokenDo
	tokenDD
	tokenDDD
	tokenDDDo
	tokenDDDD
	tokenWeekday
	tokenWeekdayO
	tokenWeekday2
	tokenWeekday3
	tokenWeekdayName
	tokenE
	tokenSundayWeek
	tokenSundayWeekO
	tokenSundayWeek2
	tokenSundayYear2
	tokenSundayYear
	tokenW
	tokenWo
	tokenWW
	tokenGG
	tokenGGGG
	tokenH
	tokenHH
	tokenh
	tokenhh
	tokenk
	tokenkk
	tokenA
	tokena
	tokenm
	tokenmm
	tokens
	tokenss
	tokenFraction
	tokenZ
	tokenZZ
	tokenX
	tokenx
	tokenZoneName
	tokenLocal
)

// longestToken is the length of the longest token of one letter.
const longestToken = 9

// nextToken cuts the longest token off format, which must not be empty. For tokenText, text is what is copied: one
// character, or the content of brackets. For tokenFraction it is the token itself, for tokenLocal the format that it
// stands for. closes says that a closing bracket is left: one search tells, where a search at each opening bracket
// would take quadratic time.
func nextToken(format string, closes bool) (t token, text string, size int) {
	ch := format[0]
	if ch == '[' && closes {
		if end := strings.IndexByte(format, ']'); end > 0 {
			return tokenText, format[1:end], end + 1
		}
	}
	if !isLetter(ch) {
		_, size = utf8.DecodeRuneInString(format)
		return tokenText, format[:size], size
	}
	run := 1
	for run < len(format) && format[run] == ch && run <= longestToken {
		run++
	}
	if t, size = letterToken(ch, run, run < len(format) && format[run] == 'o'); size > 0 {
		return t, format[:size], size
	}
	switch ch {
	case 'L':
		return localToken(format, run)
	case 'l':
		size = min(run, 4)
		return tokenLocal, shortLocal[size-1], size
	}
	return tokenText, format[:1], 1
}

var longLocal = [...]string{"MM/DD/YYYY", "MMMM D, YYYY", "MMMM D, YYYY h:mm A", "dddd, MMMM D, YYYY h:mm A"}

var shortLocal = [...]string{"M/D/YYYY", "MMM D, YYYY", "MMM D, YYYY h:mm A", "ddd, MMM D, YYYY h:mm A"}

func localToken(format string, run int) (token, string, int) {
	if run == 1 {
		switch {
		case strings.HasPrefix(format, "LTS"):
			return tokenLocal, "h:mm:ss A", 3
		case strings.HasPrefix(format, "LT"):
			return tokenLocal, "h:mm A", 2
		}
	}
	size := min(run, 4)
	return tokenLocal, longLocal[size-1], size
}

// letterToken returns the longest token at the start of a run of the letter ch; ordinal says that an o follows the run.
// size is 0 when there is none.
func letterToken(ch byte, run int, ordinal bool) (t token, size int) {
	for size = min(run, longestToken); size > 0; size-- {
		if ordinal && size == run {
			if t := ordinalToken(ch, size); t != tokenText {
				return t, size + 1
			}
		}
		if t := plainToken(ch, size); t != tokenText {
			return t, size
		}
	}
	return tokenText, 0
}

func ordinalToken(ch byte, size int) token {
	if size == 3 && ch == 'D' {
		return tokenDDDo
	}
	if size != 1 {
		return tokenText
	}
	switch ch {
	case 'Q':
		return tokenQo
	case 'M':
		return tokenMo
	case 'D':
		return tokenDo
	case 'd':
		return tokenWeekdayO
	case 'w':
		return tokenSundayWeekO
	case 'W':
		return tokenWo
	}
	return tokenText
}

// tokensBySize lists, for a letter, its tokens of one, two, three and four letters.
func tokensBySize(ch byte) [4]token {
	switch ch {
	case 'Y':
		return [4]token{tokenY, tokenYY, tokenText, tokenYYYY}
	case 'Q':
		return [4]token{tokenQ}
	case 'M':
		return [4]token{tokenM, tokenMM, tokenMMM, tokenMMMM}
	case 'D':
		return [4]token{tokenD, tokenDD, tokenDDD, tokenDDDD}
	case 'd':
		return [4]token{tokenWeekday, tokenWeekday2, tokenWeekday3, tokenWeekdayName}
	case 'e':
		return [4]token{tokenWeekday}
	case 'E':
		return [4]token{tokenE}
	case 'w':
		return [4]token{tokenSundayWeek, tokenSundayWeek2}
	case 'g':
		return [4]token{tokenText, tokenSundayYear2, tokenText, tokenSundayYear}
	case 'W':
		return [4]token{tokenW, tokenWW}
	case 'G':
		return [4]token{tokenText, tokenGG, tokenText, tokenGGGG}
	case 'H':
		return [4]token{tokenH, tokenHH}
	case 'h':
		return [4]token{tokenh, tokenhh}
	case 'k':
		return [4]token{tokenk, tokenkk}
	case 'A':
		return [4]token{tokenA}
	case 'a':
		return [4]token{tokena}
	case 'm':
		return [4]token{tokenm, tokenmm}
	case 's':
		return [4]token{tokens, tokenss}
	case 'Z':
		return [4]token{tokenZ, tokenZZ}
	case 'X':
		return [4]token{tokenX}
	case 'x':
		return [4]token{tokenx}
	case 'z':
		return [4]token{tokenZoneName, tokenZoneName}
	}
	return [4]token{}
}

func plainToken(ch byte, size int) token {
	if ch == 'S' {
		return tokenFraction
	}
	if size > 4 {
		return tokenText
	}
	return tokensBySize(ch)[size-1]
}
