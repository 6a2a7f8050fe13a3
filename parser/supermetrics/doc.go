// Package supermetrics knows connections of the Supermetrics Connector Builder (spec dialects.md §4) by their markers.
package supermetrics
