package builtin

import (
	"math"
	"time"
)

const (
	msPerSecond = 1000
	msPerMinute = 60 * msPerSecond
	msPerHour   = 60 * msPerMinute
	msPerDay    = 24 * msPerHour

	// maxMillis is the largest distance of a date from the epoch (ECMAScript time values).
	maxMillis = 8.64e15
)

// A wall clock is a number too: the milliseconds that UTC would have counted to show the same fields. Calendar work goes
// instant → wall → change → instant (spec iml.md §10.1).

// wallAt returns what the clock of loc shows at the instant ms, and its offset from UTC in milliseconds.
func wallAt(ms int64, loc *time.Location) (wall, offset int64) {
	if loc == time.UTC {
		return ms, 0
	}
	_, seconds := time.UnixMilli(ms).In(loc).Zone()
	offset = int64(seconds) * msPerSecond
	return ms + offset, offset
}

// noOffset says that no offset is preferred.
const noOffset = math.MinInt64

// instantOf returns the instant at which the clock of loc shows wall. A time that the clock skips moves forward by the length
// of the gap. Of one that it shows twice, the instant with the preferred offset is taken, else the earlier one.
func instantOf(wall int64, loc *time.Location, preferred int64) int64 {
	if loc == time.UTC {
		return wall
	}
	const reach = 36 * msPerHour // more than any offset, so that all periods that can show wall are looked at
	before, found, earliest := int64(0), false, int64(0)
	for t := time.UnixMilli(wall - reach).In(loc); ; {
		_, seconds := t.Zone()
		offset := int64(seconds) * msPerSecond
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

// periodAt returns the time around t in which its zone has one offset; zero times mean that there is no bound. It always ends
// behind t: for years beyond the tables of a zone the time package ends leap years a day early, and on that day it gives an end
// that lies at t or before it.
func periodAt(t time.Time) (start, end time.Time) {
	if start, end = t.ZoneBounds(); !end.IsZero() && !end.After(t) {
		end = t.Add(24 * time.Hour)
	}
	return start, end
}

// civil is a day of the proleptic Gregorian calendar.
type civil struct {
	year       int64
	month, day int // 1 to 12, 1 to 31
}

// dayNumber returns the days from 1970-01-01 to the day; months and days outside their ranges roll over.
func dayNumber(year int64, month, day int) int64 {
	if 0 < year && year < 10_000 && 1 <= month && month <= 12 {
		return commonDayNumber(uint32(year), uint32(month)) + int64(day)
	}
	m := int64(month) - 1
	year += floorDiv(m, 12)
	m = m - floorDiv(m, 12)*12 + 1
	// Years are counted from March, so that the leap day comes last.
	if m <= 2 {
		year--
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*((m+9)%12) + 2) / 5
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*146097 + dayOfEra - 719468 + int64(day) - 1
}

// civilOf returns the day that lies the given number of days after 1970-01-01.
func civilOf(days int64) civil {
	days += 719468
	if 0 <= days && days < 1<<29 {
		return commonCivil(uint32(days))
	}
	era := floorDiv(days, 146097)
	dayOfEra := days - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	c := civil{year: yearOfEra + era*400, day: int(dayOfYear-(153*m+2)/5) + 1, month: int(m) + 3}
	if c.month > 12 {
		c.month -= 12
		c.year++
	}
	return c
}

// commonDayNumber is dayNumber for the day before the first of a month, with the arithmetic of C. Neri and L. Schneider,
// Euclidean affine functions and their application to calendar algorithms (2023).
func commonDayNumber(year, month uint32) int64 {
	if month <= 2 {
		year, month = year-1, month+12
	}
	century := year / 100
	return int64(1461*year/4-century+century/4+(979*month-2919)/32) - 719469
}

// commonCivil is civilOf for days from 0000-03-01 on, by the same authors.
func commonCivil(days uint32) civil {
	n := 4*days + 3
	century := n / 146097
	n = n%146097 | 3
	p := 2939745 * uint64(n)
	dayOfYear := uint32(p) / 2939745 / 4
	n = 2141*dayOfYear + 197913
	c := civil{year: int64(100*century + uint32(p>>32)), month: int(n >> 16), day: int(n&0xFFFF/2141) + 1}
	if dayOfYear >= 306 {
		c.year++
		c.month -= 12
	}
	return c
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// weekdayOf returns 0 for Sunday to 6 for Saturday.
func weekdayOf(days int64) int {
	return int(days + 4 - floorDiv(days+4, 7)*7)
}

func daysInMonth(year int64, month int) int {
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

func daysInYear(year int64) int {
	if isLeap(year) {
		return 366
	}
	return 365
}

// addCalendarMonths moves a wall clock by n months and cuts the day to the last of the month.
func addCalendarMonths(wall, n int64) int64 {
	days := floorDiv(wall, msPerDay)
	c := civilOf(days)
	months := c.year*12 + int64(c.month) - 1 + n
	year := floorDiv(months, 12)
	month := int(months-year*12) + 1
	day := min(c.day, daysInMonth(year, month))
	return dayNumber(year, month, day)*msPerDay + wall - days*msPerDay
}

// isoWeek returns the ISO 8601 year and week of a day.
func isoWeek(days int64) (year int64, week int) {
	// The week belongs to the year of its Thursday.
	thursday := days + 3 - int64((weekdayOf(days)+6)%7)
	year = civilOf(thursday).year
	return year, int(thursday-dayNumber(year, 1, 1))/7 + 1
}

// isoWeeks returns the number of ISO weeks of a year; 28 December is always in the last one.
func isoWeeks(year int64) int {
	_, week := isoWeek(dayNumber(year, 12, 28))
	return week
}

// sundayWeek returns year and number of the week that starts on Sunday, where week 1 holds 1 January.
func sundayWeek(days int64) (year int64, week int) {
	saturday := days + 6 - int64(weekdayOf(days))
	year = civilOf(saturday).year
	return year, int(saturday-dayNumber(year, 1, 1))/7 + 1
}
