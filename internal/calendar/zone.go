package calendar

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones must not depend on the files of the machine
)

// zones remembers the outcome of zone look-ups, nil for unknown names.
var zones struct {
	sync.RWMutex
	byName map[string]*time.Location
}

// maxZones bounds the zones remembered; there are about 600 names, the rest is room for unknown ones.
const maxZones = 1024

// LoadZone returns the zone of an IANA name, or of UTC and GMT in any case; nil when there is none (spec iml.md §10.1).
func LoadZone(name string) *time.Location {
	if strings.EqualFold(name, "UTC") {
		return time.UTC
	}
	if strings.EqualFold(name, "GMT") {
		name = "GMT"
	}
	if !isZoneName(name) {
		return nil
	}
	zones.RLock()
	loc, ok := zones.byName[name]
	zones.RUnlock()
	if ok {
		return loc
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		loc = nil
	}
	zones.Lock()
	defer zones.Unlock()
	if zones.byName == nil || len(zones.byName) >= maxZones {
		zones.byName = make(map[string]*time.Location)
	}
	zones.byName[strings.Clone(name)] = loc
	return loc
}

// isZoneName keeps out what the time package gives a meaning of its own, and what is no name at all.
func isZoneName(name string) bool {
	if name == "" || len(name) > 64 || name[0] < 'A' || name[0] > 'Z' || name == "Local" {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !isAlnum(c) && c != '_' && c != '-' && c != '+' && c != '/' {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// KnownZone reports whether name is the name of a time zone, or empty. Any other text means the zone of the host and
// gets lint IML307 when it is a literal.
func KnownZone(name string) bool { return name == "" || LoadZone(name) != nil }
