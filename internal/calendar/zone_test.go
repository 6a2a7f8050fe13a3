package calendar

import "testing"

func TestZones(t *testing.T) {
	for name, want := range map[string]bool{"Europe/Prague": true, "utc": true, "Gmt": true, "": true, "europe/prague": false, "Local": false,
		"../etc/passwd": false, "posix/Europe/Prague": false, "Mars/Olympus": false, "EST5EDT": true, "Etc/GMT+5": true} {
		if got := KnownZone(name); got != want {
			t.Errorf("%q: got %t, want %t", name, got, want)
		}
	}
}
