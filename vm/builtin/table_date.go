package builtin

import "github.com/imlc-lang/imlc/vm/value"

// The rows of the date functions (spec iml.md §10.2).
var (
	fnAddSeconds = Function{Name: "addSeconds", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'N'}},
		Signature: "addSeconds(D; N)",
		Doc:       "Adds seconds; negative numbers subtract.",
		Example:   "{{addSeconds(now; 2)}}",
		Call:      callAddSeconds,
	}
	fnAddMinutes = Function{Name: "addMinutes", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'N'}},
		Signature: "addMinutes(D; N)",
		Doc:       "Adds minutes; negative numbers subtract.",
		Example:   "{{addMinutes(now; 2)}}",
		Call:      callAddMinutes,
	}
	fnAddHours = Function{Name: "addHours", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'N'}},
		Signature: "addHours(D; N)",
		Doc:       "Adds hours; negative numbers subtract.",
		Example:   "{{addHours(now; 2)}}",
		Call:      callAddHours,
	}
	fnAddDays = Function{Name: "addDays", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'N'}},
		Signature: "addDays(D; N)",
		Doc:       "Adds calendar days; the time of day stays.",
		Example:   "{{addDays(now; 2)}}",
		Call:      callAddDays,
	}
	fnAddMonths = Function{Name: "addMonths", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'N'}},
		Signature: "addMonths(D; N)",
		Doc:       "Adds calendar months; the day is cut to the last of the month.",
		Example:   `{{addMonths("2016-01-31"; 1)}}`,
		Call:      callAddMonths,
	}
	fnAddYears = Function{Name: "addYears", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'N'}},
		Signature: "addYears(D; N)",
		Doc:       "Adds calendar years; the day is cut to the last of the month.",
		Example:   "{{addYears(now; 1)}}",
		Call:      callAddYears,
	}
	fnSetSecond = Function{Name: "setSecond", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'I'}},
		Signature: "setSecond(D; I)",
		Doc:       "Sets the seconds; values outside the range roll over.",
		Example:   "{{setSecond(now; 6)}}",
		Call:      callSetSecond,
	}
	fnSetMinute = Function{Name: "setMinute", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'I'}},
		Signature: "setMinute(D; I)",
		Doc:       "Sets the minutes; values outside the range roll over.",
		Example:   "{{setMinute(now; 6)}}",
		Call:      callSetMinute,
	}
	fnSetHour = Function{Name: "setHour", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'I'}},
		Signature: "setHour(D; I)",
		Doc:       "Sets the hour; values outside the range roll over.",
		Example:   "{{setHour(now; 6)}}",
		Call:      callSetHour,
	}
	fnSetDate = Function{Name: "setDate", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'I'}},
		Signature: "setDate(D; I)",
		Doc:       "Sets the day of the month; values outside the range roll over.",
		Example:   "{{setDate(now; 1)}}",
		Call:      callSetDate,
	}
	fnSetDay = Function{Name: "setDay", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'V'}},
		Signature: "setDay(D; V)",
		Doc:       "Sets the day of the week, 1 for Sunday to 7 for Saturday, or by its English name.",
		Example:   `{{setDay(now; "monday")}}`,
		Call:      callSetDay,
	}
	fnSetMonth = Function{Name: "setMonth", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'V'}},
		Signature: "setMonth(D; V)",
		Doc:       "Sets the month, by number or English name; the day is cut to the last of the month.",
		Example:   "{{setMonth(now; 5)}}",
		Call:      callSetMonth,
	}
	fnSetYear = Function{Name: "setYear", Version: 1, Min: 2, Max: 2, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'I'}},
		Signature: "setYear(D; I)",
		Doc:       "Sets the year; the day is cut to the last of the month.",
		Example:   "{{setYear(now; 2017)}}",
		Call:      callSetYear,
	}
	fnFormatDate = Function{Name: "formatDate", Version: 1, Min: 2, Max: 3, Family: "date", Result: value.KindText, Nil: NilSame,
		Params:    []Param{{Kind: 'D'}, {Kind: 'T'}, {Kind: 'T', Optional: true, Zone: true}},
		Signature: "formatDate(D; T; [T])",
		Doc:       "Writes a date by format tokens such as YYYY-MM-DD HH:mm:ss, in the given zone or that of the host.",
		Example:   `{{formatDate(now; "DD.MM.YYYY HH:mm")}}`,
		Append:    appendFormatDate,
	}
	fnParseDate = Function{Name: "parseDate", Version: 1, Min: 1, Max: 3, Family: "date", Result: value.KindDate, Nil: NilSame,
		Params:    []Param{{Kind: 'V'}, {Kind: 'T', Optional: true}, {Kind: 'T', Optional: true, Zone: true}},
		Signature: "parseDate(V; [T]; [T])",
		Doc:       "Reads a date, by format tokens or from a recognised form.",
		Example:   `{{parseDate(1482940986; "X")}}`,
		Call:      callParseDate,
	}
	fnDateDifference = Function{Name: "dateDifference", Version: 1, Min: 2, Max: 3, Family: "date", Result: value.KindNumber, Nil: NilUndefined,
		Params:    []Param{{Kind: 'D'}, {Kind: 'D', Defaulted: true}, {Kind: 'E', Optional: true, Words: []string{"milliseconds", "seconds", "minutes", "hours", "days", "weeks", "months"}}},
		Signature: "dateDifference(D; D; [E(milliseconds|seconds|minutes|hours|days|weeks|months)])",
		Doc:       "Returns the first date minus the second in whole milliseconds, seconds, minutes, hours, days, weeks or months.",
		Example:   `{{dateDifference(now; parameters.when; "days")}}`,
		Call:      callDateDifference,
	}
)
