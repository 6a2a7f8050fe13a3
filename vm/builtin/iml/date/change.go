package date

import (
	"math"
	"time"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// dateOf returns a date, or IML402 when ms lies outside the range.
func dateOf(ms int64) (value.Value, error) {
	if ms > calendar.MaxMillis || ms < -calendar.MaxMillis {
		return value.Undefined, errDateRange()
	}
	return value.Date(ms), nil
}

func errDateRange() error {
	return builtin.Errorf("IML402", 2, "the resulting date is outside the range of dates")
}

// elapsed adds an exact duration, rounded to the millisecond, halves up.
func elapsed(a builtin.Args, unit float64) (value.Value, error) {
	n := math.Floor(a.Number(1)*unit + 0.5)
	if !(math.Abs(n) <= 2*calendar.MaxMillis) {
		return value.Undefined, errDateRange()
	}
	return dateOf(a.V[0].Millis() + int64(n))
}

func callAddSeconds(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return elapsed(a, calendar.Second)
}

func callAddMinutes(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return elapsed(a, calendar.Minute)
}

func callAddHours(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return elapsed(a, calendar.Hour)
}

// onWall changes a date on the wall clock of the host zone.
func onWall(c *builtin.Context, date value.Value, change func(wall int64) int64) (value.Value, error) {
	wall, offset := calendar.WallAt(date.Millis(), c.Location())
	wall = change(wall)
	if wall > calendar.MaxMillis+2*calendar.Day || wall < -calendar.MaxMillis-2*calendar.Day {
		return value.Undefined, errDateRange()
	}
	return dateOf(calendar.InstantOf(wall, c.Location(), offset))
}

// shift adds n units of wall clock time; n beyond the range of dates is an error.
func shift(c *builtin.Context, date value.Value, n float64, unit int64) (value.Value, error) {
	if !(math.Abs(n)*float64(unit) <= 3*calendar.MaxMillis) {
		return value.Undefined, errDateRange()
	}
	return onWall(c, date, func(wall int64) int64 { return wall + int64(n)*unit })
}

func callAddDays(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return shift(c, a.V[0], math.Round(a.Number(1)), calendar.Day)
}

func callAddMonths(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return addMonths(c, a.V[0], math.Round(a.Number(1)))
}

func callAddYears(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return addMonths(c, a.V[0], math.Round(12*a.Number(1)))
}

// maxMonths is more than the months between any two dates.
const maxMonths = 12 * 600_000

func addMonths(c *builtin.Context, date value.Value, n float64) (value.Value, error) {
	if !(math.Abs(n) <= maxMonths) {
		return value.Undefined, errDateRange()
	}
	return onWall(c, date, func(wall int64) int64 { return calendar.AddMonths(wall, int64(n)) })
}

// setField sets a field of the time of day, which counts in unit and has size values.
func setField(c *builtin.Context, a builtin.Args, unit, size int64) (value.Value, error) {
	wall, _ := calendar.WallAt(a.V[0].Millis(), c.Location())
	old := calendar.FloorDiv(wall, unit) - calendar.FloorDiv(wall, unit*size)*size
	return shift(c, a.V[0], a.Number(1)-float64(old), unit)
}

func callSetSecond(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return setField(c, a, calendar.Second, 60)
}

func callSetMinute(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return setField(c, a, calendar.Minute, 60)
}

func callSetHour(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return setField(c, a, calendar.Hour, 24)
}

// today returns the calendar day of a date in the host zone.
func today(c *builtin.Context, date value.Value) (day calendar.Civil, days int64) {
	wall, _ := calendar.WallAt(date.Millis(), c.Location())
	days = calendar.FloorDiv(wall, calendar.Day)
	return calendar.CivilOf(days), days
}

func callSetDate(c *builtin.Context, a builtin.Args) (value.Value, error) {
	day, _ := today(c, a.V[0])
	return shift(c, a.V[0], a.Number(1)-float64(day.Day), calendar.Day)
}

func callSetDay(c *builtin.Context, a builtin.Args) (value.Value, error) {
	n, err := numberOrName(a.V[1], calendar.WeekdayNamed)
	if err != nil {
		return value.Undefined, err
	}
	_, days := today(c, a.V[0])
	return shift(c, a.V[0], n-float64(calendar.WeekdayOf(days)+1), calendar.Day)
}

func callSetMonth(c *builtin.Context, a builtin.Args) (value.Value, error) {
	n, err := numberOrName(a.V[1], calendar.MonthNamed)
	if err != nil {
		return value.Undefined, err
	}
	day, _ := today(c, a.V[0])
	return addMonths(c, a.V[0], n-float64(day.Month))
}

func callSetYear(c *builtin.Context, a builtin.Args) (value.Value, error) {
	day, _ := today(c, a.V[0])
	return addMonths(c, a.V[0], 12*(a.Number(1)-float64(day.Year)))
}

// numberOrName reads an integer, or an English name in full or by three letters, as its position from 1.
func numberOrName(v value.Value, named func(name string) int) (float64, error) {
	f, ok := builtin.ToNumber(v)
	switch {
	case ok && math.IsNaN(f):
		return 0, builtin.Errorf("IML401", 2, "integer expected, got a number that is not one")
	case ok:
		return math.Trunc(f), nil
	case v.Kind() != value.KindText:
		return 0, builtin.Expected("IML401", 2, "number or English name", v)
	}
	if n := named(v.Str()); n > 0 {
		return float64(n), nil
	}
	return 0, builtin.Errorf("IML405", 2, "the text is neither a number nor an English name")
}

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

func callDateDifference(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if a.V[1].IsNil() {
		return value.Undefined, nil
	}
	first, second := a.V[0].Millis(), a.V[1].Millis()
	n := int64(0)
	switch a.Word(2) {
	case unitMilliseconds:
		n = first - second
	case unitSeconds:
		n = (first - second) / calendar.Second
	case unitMinutes:
		n = (first - second) / calendar.Minute
	case unitHours:
		n = (first - second) / calendar.Hour
	case unitDays:
		n = wallDifference(first, second, c.Location()) / calendar.Day
	case unitWeeks:
		n = wallDifference(first, second, c.Location()) / (7 * calendar.Day)
	case unitMonths:
		n = monthsBetween(first, second, c.Location())
	}
	return value.Number(float64(n)), nil
}

func wallDifference(first, second int64, loc *time.Location) int64 {
	x, _ := calendar.WallAt(first, loc)
	y, _ := calendar.WallAt(second, loc)
	return x - y
}

// monthsBetween returns the whole calendar months from second to first: as many as can be added to the earlier date
// without passing the later one.
func monthsBetween(first, second int64, loc *time.Location) int64 {
	later, _ := calendar.WallAt(first, loc)
	earlier, _ := calendar.WallAt(second, loc)
	sign := int64(1)
	if later < earlier {
		later, earlier, sign = earlier, later, -1
	}
	x, y := calendar.CivilOf(calendar.FloorDiv(later, calendar.Day)), calendar.CivilOf(calendar.FloorDiv(earlier, calendar.Day))
	n := (x.Year-y.Year)*12 + int64(x.Month-y.Month)
	if n > 0 && calendar.AddMonths(earlier, n) > later {
		n--
	}
	return sign * n
}
