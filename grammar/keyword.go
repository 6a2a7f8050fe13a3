package grammar

// Keywords returns the bare words that are values when they have no tail (spec iml.md §8), in the order of the table
// there.
func Keywords() []string {
	return []string{
		"true", "false", "null", "undefined", "ignore", "erase", "emptystring", "emptyarray", "space", "nbsp", "tab",
		"newline", "carriagereturn", "pi", "now", "timestamp", "random", "uuid", "executionId",
	}
}

// isKeyword reports whether a bare word without tail is a keyword (spec iml.md §8).
func isKeyword(word string) bool {
	switch word {
	case "true", "false", "null", "undefined", "ignore", "erase", "emptystring", "emptyarray", "space", "nbsp", "tab",
		"newline", "carriagereturn", "pi", "now", "timestamp", "random", "uuid", "executionId":
		return true
	}
	return false
}
