package calendar

import "strings"

var weekdayNames = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

var monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December"}

// WeekdayNamed returns the weekday of an English name, in full or by three letters, in any case: 1 for Sunday; 0 when
// there is none.
func WeekdayNamed(name string) int { return named(weekdayNames[:], name) }

// MonthNamed is WeekdayNamed for the months: 1 for January.
func MonthNamed(name string) int { return named(monthNames[:], name) }

func named(names []string, name string) int {
	for i, n := range names {
		if strings.EqualFold(name, n) || strings.EqualFold(name, n[:3]) {
			return i + 1
		}
	}
	return 0
}
