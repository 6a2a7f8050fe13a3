// Package zapier reads connections of Zapier (spec dialects.md §3): the settings of the Web Builder and the converted app
// (variant legacy), and the definition of a Platform CLI app (variant cli). It finds what is wrong with them, merges
// requestTemplate, and lowers curlies to the neutral syntax tree; what a name stands for depends on the step that it is
// used in and the place that it stands at.
package zapier
