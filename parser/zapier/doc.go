// Package zapier knows connections of Zapier (spec dialects.md §3) by their markers: the legacy form of the Web Builder
// and the definition of the Platform CLI.
package zapier
