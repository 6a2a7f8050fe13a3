package calendar

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestCalendarAgainstTime compares the calendar with the standard library, day by day.
func TestCalendarAgainstTime(t *testing.T) {
	for days := int64(-800_000); days < 3_000_000; days += 13 {
		want := time.Unix(days*86400, 0).UTC()
		c := CivilOf(days)
		if int(c.Year) != want.Year() || c.Month != int(want.Month()) || c.Day != want.Day() {
			t.Fatalf("day %d: got %v, want %v", days, c, want)
		}
		if n := DayNumber(c.Year, c.Month, c.Day); n != days {
			t.Fatalf("%v: got day %d, want %d", c, n, days)
		}
		if got := WeekdayOf(days); got != int(want.Weekday()) {
			t.Fatalf("%v: got weekday %d, want %v", c, got, want.Weekday())
		}
		year, week := isoWeek(days)
		if y, w := want.ISOWeek(); int(year) != y || week != w {
			t.Fatalf("%v: got week %d of %d, want %d of %d", c, week, year, w, y)
		}
	}
}

func TestDayNumberRollsOver(t *testing.T) {
	tests := []struct {
		year       int64
		month, day int
		want       string
	}{
		{2016, 13, 1, "2017-01-01"}, {2016, 0, 1, "2015-12-01"}, {2016, 3, 0, "2016-02-29"}, {2015, -11, 1, "2014-01-01"},
		{2016, 26, 31, "2018-03-03"},
	}
	for _, tt := range tests {
		if got := time.Unix(DayNumber(tt.year, tt.month, tt.day)*86400, 0).UTC().Format(time.DateOnly); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt, got, tt.want)
		}
	}
}

// TestInstantOf checks gaps and repeated times of several zones (spec iml.md §10.1).
func TestInstantOf(t *testing.T) {
	const hour = Hour
	tests := []struct {
		name, zone, wall string
		preferred        int64
		want             string
	}{
		{"plain", "Europe/Prague", "2021-07-01T12:00:00Z", NoOffset, "2021-07-01T10:00:00Z"},
		{"gap moves forward", "Europe/Prague", "2021-03-28T02:30:00Z", NoOffset, "2021-03-28T01:30:00Z"},
		{"start of gap", "Europe/Prague", "2021-03-28T02:00:00Z", NoOffset, "2021-03-28T01:00:00Z"},
		{"end of gap", "Europe/Prague", "2021-03-28T03:00:00Z", NoOffset, "2021-03-28T01:00:00Z"},
		{"twice, earlier", "Europe/Prague", "2021-10-31T02:30:00Z", NoOffset, "2021-10-31T00:30:00Z"},
		{"twice, summer kept", "Europe/Prague", "2021-10-31T02:30:00Z", 2 * hour, "2021-10-31T00:30:00Z"},
		{"twice, winter kept", "Europe/Prague", "2021-10-31T02:30:00Z", 1 * hour, "2021-10-31T01:30:00Z"},
		{"twice, other offset", "Europe/Prague", "2021-10-31T02:30:00Z", 5 * hour, "2021-10-31T00:30:00Z"},
		{"half hour gap", "Australia/Lord_Howe", "2021-10-03T02:15:00Z", NoOffset, "2021-10-02T15:45:00Z"},
		{"a day left out", "Pacific/Apia", "2011-12-30T12:00:00Z", NoOffset, "2011-12-30T22:00:00Z"},
		{"midnight gap", "America/Sao_Paulo", "2018-11-04T00:00:00Z", NoOffset, "2018-11-04T03:00:00Z"},
		{"far future", "Europe/Prague", "9999-07-01T00:00:00Z", NoOffset, "9999-06-30T22:00:00Z"},
		{"local mean time", "Europe/Prague", "1800-01-01T00:00:00Z", NoOffset, "1799-12-31T23:02:16Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wall, err := time.Parse(time.RFC3339, tt.wall)
			if err != nil {
				t.Fatal(err)
			}
			got := time.UnixMilli(InstantOf(wall.UnixMilli(), LoadZone(tt.zone), tt.preferred)).UTC().Format(time.RFC3339)
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestInstantOfInverse checks that instant and wall clock are inverse wherever a time exists once or the offset is
// kept.
func TestInstantOfInverse(t *testing.T) {
	for _, zone := range []string{"Europe/Prague", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"} {
		loc := LoadZone(zone)
		for ms := int64(-2_000_000_000_000); ms < 4_000_000_000_000; ms += 7_777_777_777 {
			wall, offset := WallAt(ms, loc)
			if got := InstantOf(wall, loc, offset); got != ms {
				t.Fatalf("%s %d: got %d", zone, ms, got)
			}
		}
	}
}

// TestInstantOfLateLeapYears goes through the ends of leap years that lie beyond the tables of the zones.
func TestInstantOfLateLeapYears(t *testing.T) {
	for _, zone := range []string{"Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland", "Europe/Dublin", "Antarctica/Troll",
		"America/Nuuk", "Asia/Gaza", "America/Santiago", "Asia/Kathmandu"} {
		loc := LoadZone(zone)
		for year := 2036; year < 2500; year += 4 {
			for ms := time.Date(year, 12, 29, 0, 0, 0, 0, time.UTC).UnixMilli(); ms < time.Date(year+1, 1, 3, 0, 0, 0, 0, time.UTC).UnixMilli(); ms += Hour / 2 {
				wall, offset := WallAt(ms, loc)
				if got := InstantOf(wall, loc, offset); got != ms {
					t.Fatalf("%s %s: got %s", zone, time.UnixMilli(ms).UTC(), time.UnixMilli(got).UTC())
				}
				if got := InstantOf(wall, loc, NoOffset); got != ms {
					t.Fatalf("%s %s without an offset: got %s", zone, time.UnixMilli(ms).UTC(), time.UnixMilli(got).UTC())
				}
			}
		}
	}
}

// A format of megabytes is read with looks, wherever the time goes.
func TestParseFormattedLooks(t *testing.T) {
	over := errors.New("over")
	many := func(unit string) string { return strings.Repeat(unit, 100_000) }
	for name, c := range map[string][2]string{
		"tokens": {many("1 "), many("D ")}, "separators": {"2020", many("-") + "YYYY"}, "separators of the text": {many("-") + "2020", "YYYY"},
		"letters": {many("a"), "[" + many("a") + "]"}, "signs in brackets": {"2020", "[" + many("-") + "]YYYY"},
	} {
		if _, ok, err := ParseFormatted(c[0], c[1], time.UTC, 0, func(int) error { return over }); ok || err != over {
			t.Errorf("%s: %t, %v, want the error of the look", name, ok, err)
		}
		seen := 0
		ParseFormatted(c[0], c[1], time.UTC, 0, func(bytes int) error {
			seen += bytes
			return nil
		})
		if seen < 100_000 {
			t.Errorf("%s: %d bytes were told", name, seen)
		}
	}
}
