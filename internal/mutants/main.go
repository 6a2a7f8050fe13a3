package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"time"
)

func main() {
	only := flag.String("run", "", "try the mutants whose name matches this regular expression")
	verbose := flag.Bool("v", false, "show what the tests print")
	flag.Parse()
	if err := tryAll(*only, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// tryAll tries the chosen mutants one after the other and fails unless all are killed.
func tryAll(only string, verbose bool) error {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	r, count := runner{root, temp}, map[verdict]int{}
	for _, m := range mutants {
		if !chosen.MatchString(m.name) {
			continue
		}
		start := time.Now()
		v, text := r.try(m)
		count[v]++
		fmt.Printf("%-8s %-40s %s %.1fs\n", v, m.name, m.file, time.Since(start).Seconds())
		if verbose || v == broken {
			fmt.Println(text)
		}
	}
	fmt.Printf("%d killed, %d survived, %d broken\n", count[killed], count[survived], count[broken])
	if tried := count[killed] + count[survived] + count[broken]; count[killed] < tried || tried == 0 {
		return fmt.Errorf("%d of %d mutants were killed, expected all", count[killed], tried)
	}
	return nil
}
