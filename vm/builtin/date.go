package builtin

import (
	"math"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// dateOf returns a date, or IML402 when ms lies outside the range.
func dateOf(ms int64) (value.Value, error) {
	if ms > maxMillis || ms < -maxMillis {
		return value.Undefined, errDateRange()
	}
	return value.Date(ms), nil
}

func errDateRange() error {
	return fail("IML402", 2, "the resulting date is outside the range of dates")
}

// elapsed adds an exact duration, rounded to the millisecond, halves up.
func elapsed(a Args, unit float64) (value.Value, error) {
	n := math.Floor(a.number(1)*unit + 0.5)
	if !(math.Abs(n) <= 2*maxMillis) {
		return value.Undefined, errDateRange()
	}
	return dateOf(a.V[0].Millis() + int64(n))
}

func callAddSeconds(c *Context, a Args) (value.Value, error) { return elapsed(a, msPerSecond) }

func callAddMinutes(c *Context, a Args) (value.Value, error) { return elapsed(a, msPerMinute) }

func callAddHours(c *Context, a Args) (value.Value, error) { return elapsed(a, msPerHour) }

// onWall changes a date on the wall clock of the host zone.
func (c *Context) onWall(date value.Value, change func(wall int64) int64) (value.Value, error) {
	wall, offset := wallAt(date.Millis(), c.zone())
	wall = change(wall)
	if wall > maxMillis+2*msPerDay || wall < -maxMillis-2*msPerDay {
		return value.Undefined, errDateRange()
	}
	return dateOf(instantOf(wall, c.zone(), offset))
}

// shift adds n units of wall clock time; n beyond the range of dates is an error.
func (c *Context) shift(date value.Value, n float64, unit int64) (value.Value, error) {
	if !(math.Abs(n)*float64(unit) <= 3*maxMillis) {
		return value.Undefined, errDateRange()
	}
	return c.onWall(date, func(wall int64) int64 { return wall + int64(n)*unit })
}

func callAddDays(c *Context, a Args) (value.Value, error) {
	return c.shift(a.V[0], math.Round(a.number(1)), msPerDay)
}

func callAddMonths(c *Context, a Args) (value.Value, error) {
	return c.addMonths(a.V[0], math.Round(a.number(1)))
}

func callAddYears(c *Context, a Args) (value.Value, error) {
	return c.addMonths(a.V[0], math.Round(12*a.number(1)))
}

// maxMonths is more than the months between any two dates.
const maxMonths = 12 * 600_000

func (c *Context) addMonths(date value.Value, n float64) (value.Value, error) {
	if !(math.Abs(n) <= maxMonths) {
		return value.Undefined, errDateRange()
	}
	return c.onWall(date, func(wall int64) int64 { return addCalendarMonths(wall, int64(n)) })
}

// setField sets a field of the time of day, which counts in unit and has size values.
func setField(c *Context, a Args, unit, size int64) (value.Value, error) {
	wall, _ := wallAt(a.V[0].Millis(), c.zone())
	old := floorDiv(wall, unit) - floorDiv(wall, unit*size)*size
	return c.shift(a.V[0], a.number(1)-float64(old), unit)
}

func callSetSecond(c *Context, a Args) (value.Value, error) { return setField(c, a, msPerSecond, 60) }

func callSetMinute(c *Context, a Args) (value.Value, error) { return setField(c, a, msPerMinute, 60) }

func callSetHour(c *Context, a Args) (value.Value, error) { return setField(c, a, msPerHour, 24) }

// today returns the calendar day of a date in the host zone.
func (c *Context) today(date value.Value) (day civil, days int64) {
	wall, _ := wallAt(date.Millis(), c.zone())
	days = floorDiv(wall, msPerDay)
	return civilOf(days), days
}

func callSetDate(c *Context, a Args) (value.Value, error) {
	day, _ := c.today(a.V[0])
	return c.shift(a.V[0], a.number(1)-float64(day.day), msPerDay)
}

func callSetDay(c *Context, a Args) (value.Value, error) {
	n, err := numberOrName(a.V[1], weekdayNames[:])
	if err != nil {
		return value.Undefined, err
	}
	_, days := c.today(a.V[0])
	return c.shift(a.V[0], n-float64(weekdayOf(days)+1), msPerDay)
}

func callSetMonth(c *Context, a Args) (value.Value, error) {
	n, err := numberOrName(a.V[1], monthNames[:])
	if err != nil {
		return value.Undefined, err
	}
	day, _ := c.today(a.V[0])
	return c.addMonths(a.V[0], n-float64(day.month))
}

func callSetYear(c *Context, a Args) (value.Value, error) {
	day, _ := c.today(a.V[0])
	return c.addMonths(a.V[0], 12*(a.number(1)-float64(day.year)))
}

// numberOrName reads an integer, or an English name in full or by three letters, as its position from 1.
func numberOrName(v value.Value, names []string) (float64, error) {
	f, ok := toNumber(v)
	switch {
	case ok && math.IsNaN(f):
		return 0, fail("IML401", 2, "integer expected, got a number that is not one")
	case ok:
		return math.Trunc(f), nil
	case v.Kind() != value.KindText:
		return 0, expected("IML401", 2, "number or English name", v)
	}
	for i, name := range names {
		if strings.EqualFold(v.Str(), name) || strings.EqualFold(v.Str(), name[:3]) {
			return float64(i + 1), nil
		}
	}
	return 0, fail("IML405", 2, "the text is neither a number nor an English name")
}

var weekdayNames = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

var monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December"}

// The positions of the units of dateDifference in its list of words.
const (
	unitMilliseconds = iota
	unitSeconds
	unitMinutes
	unitHours
	unitDays
	unitWeeks
	unitMonths
)

func callDateDifference(c *Context, a Args) (value.Value, error) {
	if a.V[1].IsNil() {
		return value.Undefined, nil
	}
	first, second := a.V[0].Millis(), a.V[1].Millis()
	n := int64(0)
	switch a.word(2) {
	case unitMilliseconds:
		n = first - second
	case unitSeconds:
		n = (first - second) / msPerSecond
	case unitMinutes:
		n = (first - second) / msPerMinute
	case unitHours:
		n = (first - second) / msPerHour
	case unitDays:
		n = wallDifference(first, second, c.zone()) / msPerDay
	case unitWeeks:
		n = wallDifference(first, second, c.zone()) / (7 * msPerDay)
	case unitMonths:
		n = monthsBetween(first, second, c.zone())
	}
	return value.Number(float64(n)), nil
}

func wallDifference(first, second int64, loc *time.Location) int64 {
	x, _ := wallAt(first, loc)
	y, _ := wallAt(second, loc)
	return x - y
}

// monthsBetween returns the whole calendar months from second to first: as many as can be added to the earlier date without
// passing the later one.
func monthsBetween(first, second int64, loc *time.Location) int64 {
	later, _ := wallAt(first, loc)
	earlier, _ := wallAt(second, loc)
	sign := int64(1)
	if later < earlier {
		later, earlier, sign = earlier, later, -1
	}
	x, y := civilOf(floorDiv(later, msPerDay)), civilOf(floorDiv(earlier, msPerDay))
	n := (x.year-y.year)*12 + int64(x.month-y.month)
	if n > 0 && addCalendarMonths(earlier, n) > later {
		n--
	}
	return sign * n
}
