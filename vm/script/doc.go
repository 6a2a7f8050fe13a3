// Package script is what an engine and a host of scripts say to each other: which program to run, what it may reach,
// and what became of it. It holds data and one interface; it knows no language of scripts, no plan and no network.
//
// A program gets nothing but what its World gives it. What it gives back is a value like any other.
package script
