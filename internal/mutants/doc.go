// Command mutants asks whether the tests would notice: it changes one line of the product at a time, runs the tests of
// the packages that should fail, and reports every change that they let pass.
//
//	go run ./internal/mutants [-run REGEXP] [-v]
//
// Nothing in the working copy is written: the changed file reaches the compiler by go test -overlay. The exit code is 0
// when every mutant was killed, 1 when one survived, does not compile, or names a line that is no longer there. It
// takes minutes and is not part of .ci/run; TestEveryLineIsThere is, so that whoever moves a listed line also moves its
// entry.
package main
