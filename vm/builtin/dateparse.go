package builtin

import "time"

const maxMillis = 8.64e15

func parseDateText(s string, loc *time.Location) (int64, bool) { return 0, false }

func readDateText(s string) (int, int, bool) { return 0, 0, false }
