package jshost

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// spare is the memory that a process needs beside that of its script: the runtime takes it in large pieces.
const spare = 96 << 20

// confine bounds what this process can have: memory, and no files beyond those that are open. Where the kernel gives no
// more the process dies, which its caller takes for the limit of memory.
func confine(memory int64) {
	most := uint64(used() + memory + spare)
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: most, Max: most})
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{})
}

// used is the memory that the process has for data, in bytes, or a guess.
func used() int64 {
	const guess = 128 << 20
	text, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 6 {
		return guess
	}
	pages, err := strconv.ParseInt(fields[5], 10, 64)
	if err != nil {
		return guess
	}
	return pages * int64(os.Getpagesize())
}
