package calendar

import (
	"math"
	"time"
)

const (
	Second = 1000
	Minute = 60 * Second
	Hour   = 60 * Minute
	Day    = 24 * Hour

	// MaxMillis is the largest distance of a date from the epoch (ECMAScript time values).
	MaxMillis = 8.64e15
)

// A wall clock is a number too: the milliseconds that UTC would have counted to show the same fields. Calendar work
// goes instant → wall → change → instant (spec iml.md §10.1).

// WallAt returns what the clock of loc shows at the instant ms, and its offset from UTC in milliseconds.
func WallAt(ms int64, loc *time.Location) (wall, offset int64) {
	if loc == time.UTC {
		return ms, 0
	}
	_, seconds := time.UnixMilli(ms).In(loc).Zone()
	offset = int64(seconds) * Second
	return ms + offset, offset
}

// NoOffset says that no offset is preferred.
const NoOffset = math.MinInt64

// InstantOf returns the instant at which the clock of loc shows wall. A time that the clock skips moves forward by the
// length of the gap. Of one that it shows twice, the instant with the preferred offset is taken, else the earlier one.
func InstantOf(wall int64, loc *time.Location, preferred int64) int64 {
	if loc == time.UTC {
		return wall
	}
	const reach = 36 * Hour // more than any offset, so that all periods that can show wall are looked at
	before, found, earliest := int64(0), false, int64(0)
	for t := time.UnixMilli(wall - reach).In(loc); ; {
		_, seconds := t.Zone()
		offset := int64(seconds) * Second
		start, end := periodAt(t)
		ms := wall - offset
		if (start.IsZero() || ms >= start.UnixMilli()) && (end.IsZero() || ms < end.UnixMilli()) {
			if offset == preferred {
				return ms
			}
			if !found {
				found, earliest = true, ms
			}
		} else if !found && (start.IsZero() || ms >= start.UnixMilli()) {
			before = offset // the clock shows an earlier time until the end of this period
		}
		if end.IsZero() || end.UnixMilli() > wall+reach {
			break
		}
		t = end
	}
	if found {
		return earliest
	}
	return wall - before
}

// periodAt returns the time around t in which its zone has one offset; zero times mean that there is no bound. It
// always ends behind t: for years beyond the tables of a zone the time package ends leap years a day early, and on that
// day it gives an end that lies at t or before it.
func periodAt(t time.Time) (start, end time.Time) {
	if start, end = t.ZoneBounds(); !end.IsZero() && !end.After(t) {
		end = t.Add(24 * time.Hour)
	}
	return start, end
}

// Civil is a day of the proleptic Gregorian calendar.
type Civil struct {
	Year       int64
	Month, Day int // 1 to 12, 1 to 31
}

// DayNumber returns the days from 1970-01-01 to the day; months and days outside their ranges roll over.
func DayNumber(year int64, month, day int) int64 {
	if 0 < year && year < 10_000 && 1 <= month && month <= 12 {
		return commonDayNumber(uint32(year), uint32(month)) + int64(day)
	}
	m := int64(month) - 1
	year += FloorDiv(m, 12)
	m = m - FloorDiv(m, 12)*12 + 1
	// Years are counted from March, so that the leap day comes last.
	if m <= 2 {
		year--
	}
	era := FloorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*((m+9)%12) + 2) / 5
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*146097 + dayOfEra - 719468 + int64(day) - 1
}

// CivilOf returns the day that lies the given number of days after 1970-01-01.
func CivilOf(days int64) Civil {
	days += 719468
	if 0 <= days && days < 1<<29 {
		return commonCivil(uint32(days))
	}
	era := FloorDiv(days, 146097)
	dayOfEra := days - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	c := Civil{Year: yearOfEra + era*400, Day: int(dayOfYear-(153*m+2)/5) + 1, Month: int(m) + 3}
	if c.Month > 12 {
		c.Month -= 12
		c.Year++
	}
	return c
}

// commonDayNumber is DayNumber for the day before the first of a month, with the arithmetic of C. Neri and L.
// Schneider, Euclidean affine functions and their application to calendar algorithms (2023).
func commonDayNumber(year, month uint32) int64 {
	if month <= 2 {
		year, month = year-1, month+12
	}
	century := year / 100
	return int64(1461*year/4-century+century/4+(979*month-2919)/32) - 719469
}

// commonCivil is CivilOf for days from 0000-03-01 on, by the same authors.
func commonCivil(days uint32) Civil {
	n := 4*days + 3
	century := n / 146097
	n = n%146097 | 3
	p := 2939745 * uint64(n)
	dayOfYear := uint32(p) / 2939745 / 4
	n = 2141*dayOfYear + 197913
	c := Civil{Year: int64(100*century + uint32(p>>32)), Month: int(n >> 16), Day: int(n&0xFFFF/2141) + 1}
	if dayOfYear >= 306 {
		c.Year++
		c.Month -= 12
	}
	return c
}

// FloorDiv returns a/b rounded towards minus infinity; b is positive.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// WeekdayOf returns 0 for Sunday to 6 for Saturday.
func WeekdayOf(days int64) int {
	return int(days + 4 - FloorDiv(days+4, 7)*7)
}

// DaysInMonth returns 28 to 31 for a month of 1 to 12 in the Gregorian calendar, also before it was in use.
func DaysInMonth(year int64, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if isLeap(year) {
			return 29
		}
		return 28
	}
	return 31
}

func isLeap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysInYear returns 365 or 366, by the Gregorian calendar.
func DaysInYear(year int64) int {
	if isLeap(year) {
		return 366
	}
	return 365
}

// AddMonths moves a wall clock by n months and cuts the day to the last of the month.
func AddMonths(wall, n int64) int64 {
	days := FloorDiv(wall, Day)
	c := CivilOf(days)
	months := c.Year*12 + int64(c.Month) - 1 + n
	year := FloorDiv(months, 12)
	month := int(months-year*12) + 1
	day := min(c.Day, DaysInMonth(year, month))
	return DayNumber(year, month, day)*Day + wall - days*Day
}

// isoWeek returns the ISO 8601 year and week of a day.
func isoWeek(days int64) (year int64, week int) {
	// The week belongs to the year of its Thursday.
	thursday := days + 3 - int64((WeekdayOf(days)+6)%7)
	year = CivilOf(thursday).Year
	return year, int(thursday-DayNumber(year, 1, 1))/7 + 1
}

// isoWeeks returns the number of ISO weeks of a year; 28 December is always in the last one.
func isoWeeks(year int64) int {
	_, week := isoWeek(DayNumber(year, 12, 28))
	return week
}

// sundayWeek returns year and number of the week that starts on Sunday, where week 1 holds 1 January.
func sundayWeek(days int64) (year int64, week int) {
	saturday := days + 6 - int64(WeekdayOf(days))
	year = CivilOf(saturday).Year
	return year, int(saturday-DayNumber(year, 1, 1))/7 + 1
}
