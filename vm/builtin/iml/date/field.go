package date

import (
	"math"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// field returns a number that the calendar of the host zone shows for a date.
func field(c *builtin.Context, a builtin.Args, of func(m *calendar.Moment) int) (value.Value, error) {
	m := calendar.MomentAt(a.V[0].Millis(), c.Location())
	return value.Number(float64(of(&m))), nil
}

func callYear(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, func(m *calendar.Moment) int { return int(m.Day.Year) })
}

func callMonth(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, func(m *calendar.Moment) int { return m.Day.Month })
}

func callDayOfMonth(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, func(m *calendar.Moment) int { return m.Day.Day })
}

func callHour(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, (*calendar.Moment).Hour)
}

func callMinute(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, (*calendar.Moment).Minute)
}

func callSecond(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, (*calendar.Moment).Second)
}

func callDayOfWeek(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, func(m *calendar.Moment) int { return calendar.WeekdayOf(m.Days) + 1 })
}

func callDaysInMonth(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, func(m *calendar.Moment) int { return calendar.DaysInMonth(m.Day.Year, m.Day.Month) })
}

func callDaysInYear(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, func(m *calendar.Moment) int { return calendar.DaysInYear(m.Day.Year) })
}

// callDaysInSplitWeek counts Monday to Friday from the date on, up to Saturday or the end of the month.
func callDaysInSplitWeek(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return field(c, a, func(m *calendar.Moment) int {
		n, weekday := 0, calendar.WeekdayOf(m.Days)
		for day := m.Day.Day; weekday <= 6 && day <= calendar.DaysInMonth(m.Day.Year, m.Day.Month); day, weekday = day+1, weekday+1 {
			if weekday >= 1 && weekday <= 5 {
				n++
			}
		}
		return n
	})
}

func callIsWeekend(c *builtin.Context, a builtin.Args) (value.Value, error) {
	_, days := today(c, a.V[0])
	return value.Bool(isWeekend(days)), nil
}

func isWeekend(days int64) bool {
	weekday := calendar.WeekdayOf(days)
	return weekday == 0 || weekday == 6
}

func callStartOfMonth(c *builtin.Context, a builtin.Args) (value.Value, error) {
	day, _ := today(c, a.V[0])
	return dateOf(calendar.InstantOf(calendar.DayNumber(day.Year, day.Month, 1)*calendar.Day, c.Location(), calendar.NoOffset))
}

func callEndOfMonth(c *builtin.Context, a builtin.Args) (value.Value, error) {
	day, _ := today(c, a.V[0])
	return dateOf(calendar.InstantOf(calendar.DayNumber(day.Year, day.Month+1, 1)*calendar.Day, c.Location(), calendar.NoOffset) - 1)
}

func callDateMax(c *builtin.Context, a builtin.Args) (value.Value, error) {
	best := a.V[0].Millis()
	for _, v := range a.V {
		best = max(best, v.Millis())
	}
	return value.Date(best), nil
}

func callDateMin(c *builtin.Context, a builtin.Args) (value.Value, error) {
	best := a.V[0].Millis()
	for _, v := range a.V {
		best = min(best, v.Millis())
	}
	return value.Date(best), nil
}

// callAddWeekDays moves day by day over Monday to Friday; whole weeks are taken at once.
func callAddWeekDays(c *builtin.Context, a builtin.Args) (value.Value, error) {
	n := math.Floor(a.Number(1))
	if !(math.Abs(n)*calendar.Day <= 2*calendar.MaxMillis) {
		return value.Undefined, errDateRange()
	}
	left, step := int64(math.Abs(n)), int64(1)
	if n < 0 {
		step = -1
	}
	return onWall(c, a.V[0], func(wall int64) int64 {
		days := calendar.FloorDiv(wall, calendar.Day)
		clock := wall - days*calendar.Day
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
		return days*calendar.Day + clock
	})
}

// weekdayTime returns the part between Monday 0:00 and Friday 24:00 of the time that passed on the wall clock since a
// Monday before the epoch. Of each of these days count the milliseconds from from to to.
func weekdayTime(wall, from, to int64) int64 {
	days := calendar.FloorDiv(wall, calendar.Day)
	clock := wall - days*calendar.Day
	sinceMonday := days + 3 // 1969-12-29 was a Monday
	weeks := calendar.FloorDiv(sinceMonday, 7)
	weekday := sinceMonday - weeks*7
	total := (weeks*5 + min(weekday, 5)) * (to - from)
	if weekday < 5 {
		total += max(0, min(clock, to)-from)
	}
	return total
}

func callWeekDayDiff(c *builtin.Context, a builtin.Args) (value.Value, error) {
	first, _ := calendar.WallAt(a.V[0].Millis(), c.Location())
	second, _ := calendar.WallAt(a.V[1].Millis(), c.Location())
	diff := weekdayTime(first, 0, calendar.Day) - weekdayTime(second, 0, calendar.Day)
	return value.Number(float64(diff) / calendar.Day), nil
}

func callWorkMinutesDiff(c *builtin.Context, a builtin.Args) (value.Value, error) {
	first, _ := calendar.WallAt(a.V[0].Millis(), c.Location())
	second, _ := calendar.WallAt(a.V[1].Millis(), c.Location())
	diff := weekdayTime(second, 9*calendar.Hour, 17*calendar.Hour) - weekdayTime(first, 9*calendar.Hour, 17*calendar.Hour)
	return value.Number(float64(diff) / calendar.Minute), nil
}
