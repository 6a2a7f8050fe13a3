package broker

import "strings"

// hunk is a run of changed lines with some that are the same around them.
type hunk struct {
	// Old and New are the numbers of its first line on each side, counted from 1.
	Old, New int
	Lines    []changedLine
}

// changedLine is a line of a hunk; Sign is "+", "-" or " ".
type changedLine struct{ Sign, Text string }

// around is how many equal lines are shown beside changed ones.
const around = 3

// maxEdits bounds the search for the shortest difference, whose cost grows with its square; beyond it the middle parts of
// two texts are told as replaced.
const maxEdits = 1000

// compareLines returns the difference of two texts by lines, the shortest there is up to maxEdits changed ones (Myers, An
// O(ND) Difference Algorithm, 1986).
func compareLines(before, after string) []hunk {
	a, b := splitLines(before), splitLines(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	lines := make([]changedLine, 0, len(a)+len(b)-head-tail)
	same := func(part []string) {
		for _, text := range part {
			lines = append(lines, changedLine{" ", text})
		}
	}
	same(a[:head])
	lines = append(lines, edits(a[head:len(a)-tail], b[head:len(b)-tail])...)
	same(a[len(a)-tail:])
	return hunks(lines)
}

// splitLines splits a text behind each line; the last one says when it has no line break.
func splitLines(text string) []string {
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		return lines[:last]
	}
	lines[len(lines)-1] += " (no line break)"
	return lines
}

// edits returns the lines of both sides, each with its sign.
func edits(a, b []string) []changedLine {
	trace := shortest(a, b)
	if trace == nil {
		var out []changedLine
		for _, text := range a {
			out = append(out, changedLine{"-", text})
		}
		for _, text := range b {
			out = append(out, changedLine{"+", text})
		}
		return out
	}
	var back []changedLine
	x, y := len(a), len(b)
	for d := len(trace) - 1; d >= 0; d-- {
		k := x - y
		down := d > 0 && (k == -d || k != d && at(trace[d-1], d-1, k-1) < at(trace[d-1], d-1, k+1))
		startX := 0
		switch {
		case d == 0:
		case down:
			startX = at(trace[d-1], d-1, k+1)
		default:
			startX = at(trace[d-1], d-1, k-1) + 1
		}
		for ; x > startX; x, y = x-1, y-1 {
			back = append(back, changedLine{" ", a[x-1]})
		}
		switch {
		case d == 0:
		case down:
			y--
			back = append(back, changedLine{"+", b[y]})
		default:
			x--
			back = append(back, changedLine{"-", a[x]})
		}
	}
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	return back
}

// at returns how far the diagonal k was reached with d edits.
func at(reached []int, d, k int) int { return reached[(k+d)/2] }

// shortest returns for each number of edits how far each diagonal is reached with it, up to the one that reaches the end; nil
// when that takes more than maxEdits.
func shortest(a, b []string) (trace [][]int) {
	for d := 0; d <= min(len(a)+len(b), maxEdits); d++ {
		reached := make([]int, d+1)
		trace = append(trace, reached)
		for k := -d; k <= d; k += 2 {
			x := 0
			switch {
			case d == 0:
			case k == -d || k != d && at(trace[d-1], d-1, k-1) < at(trace[d-1], d-1, k+1):
				x = at(trace[d-1], d-1, k+1)
			default:
				x = at(trace[d-1], d-1, k-1) + 1
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			reached[(k+d)/2] = x
			if x >= len(a) && x-k >= len(b) {
				return trace
			}
		}
	}
	return nil
}

// hunks leaves out the equal lines that are far from changed ones.
func hunks(lines []changedLine) []hunk {
	near := make([]bool, len(lines))
	for i, l := range lines {
		if l.Sign != " " {
			for j := max(i-around, 0); j <= min(i+around, len(lines)-1); j++ {
				near[j] = true
			}
		}
	}
	var out []hunk
	before, after := 1, 1
	for i, l := range lines {
		if near[i] {
			if i == 0 || !near[i-1] {
				out = append(out, hunk{Old: before, New: after})
			}
			last := &out[len(out)-1]
			last.Lines = append(last.Lines, l)
		}
		if l.Sign != "+" {
			before++
		}
		if l.Sign != "-" {
			after++
		}
	}
	return out
}
