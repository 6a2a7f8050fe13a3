// Package document reads JSONC and YAML texts into one positioned, order-preserving tree that every dialect's front end
// walks. It promises that each value and key knows the bytes it was written as, that decoded texts map back to the file
// through their escapes, that no input makes it panic, recurse deeper than 250 levels or take more than linear time, and
// that what is legal but noteworthy (keys written twice, comments, trailing commas) is handed over as data. It does not
// know which keys mean what, nor which diagnostics a dialect gives for them: the caller chooses the code of syntax
// errors.
package document
