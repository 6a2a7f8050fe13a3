package builtin

import (
	"math"

	"github.com/imlc-lang/imlc/vm/value"
)

// field returns a number that the calendar of the host zone shows for a date.
func field(c *Context, a Args, of func(m *moment) int) (value.Value, error) {
	m := momentAt(a.V[0].Millis(), c.zone())
	return value.Number(float64(of(&m))), nil
}

func callYear(c *Context, a Args) (value.Value, error) {
	return field(c, a, func(m *moment) int { return int(m.day.year) })
}

func callMonth(c *Context, a Args) (value.Value, error) {
	return field(c, a, func(m *moment) int { return m.day.month })
}

func callDayOfMonth(c *Context, a Args) (value.Value, error) {
	return field(c, a, func(m *moment) int { return m.day.day })
}

func callHour(c *Context, a Args) (value.Value, error) { return field(c, a, (*moment).hour) }

func callMinute(c *Context, a Args) (value.Value, error) { return field(c, a, (*moment).minute) }

func callSecond(c *Context, a Args) (value.Value, error) { return field(c, a, (*moment).second) }

func callDayOfWeek(c *Context, a Args) (value.Value, error) {
	return field(c, a, func(m *moment) int { return weekdayOf(m.days) + 1 })
}

func callDaysInMonth(c *Context, a Args) (value.Value, error) {
	return field(c, a, func(m *moment) int { return daysInMonth(m.day.year, m.day.month) })
}

func callDaysInYear(c *Context, a Args) (value.Value, error) {
	return field(c, a, func(m *moment) int { return daysInYear(m.day.year) })
}

// callDaysInSplitWeek counts Monday to Friday from the date on, up to Saturday or the end of the month.
func callDaysInSplitWeek(c *Context, a Args) (value.Value, error) {
	return field(c, a, func(m *moment) int {
		n, weekday := 0, weekdayOf(m.days)
		for day := m.day.day; weekday <= 6 && day <= daysInMonth(m.day.year, m.day.month); day, weekday = day+1, weekday+1 {
			if weekday >= 1 && weekday <= 5 {
				n++
			}
		}
		return n
	})
}

func callIsWeekend(c *Context, a Args) (value.Value, error) {
	_, days := c.today(a.V[0])
	return value.Bool(isWeekend(days)), nil
}

func isWeekend(days int64) bool {
	weekday := weekdayOf(days)
	return weekday == 0 || weekday == 6
}

func callStartOfMonth(c *Context, a Args) (value.Value, error) {
	day, _ := c.today(a.V[0])
	return dateOf(instantOf(dayNumber(day.year, day.month, 1)*msPerDay, c.zone(), noOffset))
}

func callEndOfMonth(c *Context, a Args) (value.Value, error) {
	day, _ := c.today(a.V[0])
	return dateOf(instantOf(dayNumber(day.year, day.month+1, 1)*msPerDay, c.zone(), noOffset) - 1)
}

func callDateMax(c *Context, a Args) (value.Value, error) {
	best := a.V[0].Millis()
	for _, v := range a.V {
		best = max(best, v.Millis())
	}
	return value.Date(best), nil
}

func callDateMin(c *Context, a Args) (value.Value, error) {
	best := a.V[0].Millis()
	for _, v := range a.V {
		best = min(best, v.Millis())
	}
	return value.Date(best), nil
}

// callAddWeekDays moves day by day over Monday to Friday; whole weeks are taken at once.
func callAddWeekDays(c *Context, a Args) (value.Value, error) {
	n := math.Floor(a.number(1))
	if !(math.Abs(n)*msPerDay <= 2*maxMillis) {
		return value.Undefined, errDateRange()
	}
	left, step := int64(math.Abs(n)), int64(1)
	if n < 0 {
		step = -1
	}
	return c.onWall(a.V[0], func(wall int64) int64 {
		days := floorDiv(wall, msPerDay)
		clock := wall - days*msPerDay
		// From Monday to Friday, five days are one week. On a weekend the first day of the count comes first.
		if left > 0 && isWeekend(days) {
			for isWeekend(days) {
				days += step
			}
			left--
		}
		days += left / 5 * 7 * step
		for range left % 5 {
			for days += step; isWeekend(days); {
				days += step
			}
		}
		return days*msPerDay + clock
	})
}

// weekdayTime returns the part between Monday 0:00 and Friday 24:00 of the time that passed on the wall clock since a Monday
// before the epoch. Of each of these days count the milliseconds from from to to.
func weekdayTime(wall, from, to int64) int64 {
	days := floorDiv(wall, msPerDay)
	clock := wall - days*msPerDay
	sinceMonday := days + 3 // 1969-12-29 was a Monday
	weeks := floorDiv(sinceMonday, 7)
	weekday := sinceMonday - weeks*7
	total := (weeks*5 + min(weekday, 5)) * (to - from)
	if weekday < 5 {
		total += max(0, min(clock, to)-from)
	}
	return total
}

func callWeekDayDiff(c *Context, a Args) (value.Value, error) {
	first, _ := wallAt(a.V[0].Millis(), c.zone())
	second, _ := wallAt(a.V[1].Millis(), c.zone())
	diff := weekdayTime(first, 0, msPerDay) - weekdayTime(second, 0, msPerDay)
	return value.Number(float64(diff) / msPerDay), nil
}

func callWorkMinutesDiff(c *Context, a Args) (value.Value, error) {
	first, _ := wallAt(a.V[0].Millis(), c.zone())
	second, _ := wallAt(a.V[1].Millis(), c.zone())
	diff := weekdayTime(second, 9*msPerHour, 17*msPerHour) - weekdayTime(first, 9*msPerHour, 17*msPerHour)
	return value.Number(float64(diff) / msPerMinute), nil
}
