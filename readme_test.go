package imlc_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestREADME runs every command of README.md's console blocks in a copy of the tree and compares what it prints. A line
// "…" stands for any number of lines, "…" inside a line for any text.
func TestREADME(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the commands of README.md; left out with -short")
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	bin := buildCommand(t)
	work := t.TempDir()
	for _, dir := range []string{"examples", "docs"} { // what the commands name; what they write stays there
		if err := os.CopyFS(filepath.Join(work, dir), os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
	blocks := regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) == 0 {
		t.Fatal("README.md has no console block")
	}
	t.Cleanup(func() {
		for _, server := range servers {
			_ = server.Process.Kill()
			_ = server.Wait()
		}
	})
	for _, b := range blocks {
		for _, s := range sessions(b[1]) {
			t.Run(s.command, func(t *testing.T) { s.run(t, bin, work) })
		}
	}
}

// buildCommand builds imlc into a folder of its own and returns the folder.
func buildCommand(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	name := "imlc"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, name), "./cmd/imlc").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// session is one command and the output that README.md shows.
type session struct{ command, want string }

func sessions(block string) []session {
	var out []session
	for line := range strings.SplitSeq(strings.TrimRight(block, "\n"), "\n") {
		if cmd, ok := strings.CutPrefix(line, "$ "); ok {
			out = append(out, session{command: cmd})
		} else if n := len(out); n > 0 {
			out[n-1].want += line + "\n"
		}
	}
	return out
}

func (s session) run(t *testing.T, bin, work string) {
	if strings.HasPrefix(s.command, "go test") || strings.HasPrefix(s.command, "git ") || strings.HasPrefix(s.command, "make ") {
		return // this is go test, and cloning needs the network
	}
	cmd := exec.Command("bash", "-c", s.command)
	if !strings.HasPrefix(s.command, "go ") {
		cmd.Dir = work
	}
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1", "IMLC_KEYRING=off")
	var out bytes.Buffer
	if s.command == "imlc provider" {
		s.stays(t, cmd)
		return
	}
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !asExit(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil && exit.ExitCode() > 1 {
		t.Fatalf("exit code %d\n%s", exit.ExitCode(), out.String())
	}
	s.compare(t, out.String())
}

// stays leaves a server running until the end of all commands, and compares how it begins.
func (s session) stays(t *testing.T, cmd *exec.Cmd) {
	cmd.Args = []string{"bash", "-c", "exec " + s.command}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	servers = append(servers, cmd)
	first := make([]byte, 4<<10)
	n, err := io.ReadAtLeast(out, first, 60)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	s.compare(t, string(first[:n])+"\n")
}

// servers are what commands of README.md leave running.
var servers []*exec.Cmd

func (s session) compare(t *testing.T, printed string) {
	if s.want == "" {
		return
	}
	pattern := "\n" + regexp.QuoteMeta(strings.TrimRight(s.want, "\n"))
	pattern = strings.ReplaceAll(pattern, "\n…\n", "\n(?s:.*\n)?")
	pattern = strings.ReplaceAll(pattern, "\n…", "(?s:.*)")
	pattern = strings.ReplaceAll(pattern, "…", ".*")
	got := "\n" + strings.TrimRight(printed, "\n")
	if !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
		t.Errorf("README.md shows\n%s\n\nthe command printed\n%s", s.want, got)
	}
}

func asExit(err error, target **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*target = e
	return ok
}

// TestREADMECode makes sure that the Go code of README.md is the body of an example that compiles and runs.
func TestREADMECode(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, b := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(squeeze(string(examples)), squeeze(b[1])) {
			t.Errorf("this code of README.md is not in example_test.go:\n%s", b[1])
		}
	}
}
