package perfbench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/plan"
)

// The targets of section c.
const (
	mustThroughput = 200.0    // MB/s
	mustDecode     = 50e3     // ns, a typical plan
	mustStart      = 1.25     // of a Go program that prints a word
	mustResident   = 6.0      // MB
	mustBinary     = 10 << 20 // bytes
)

// loadSection prints section c: decoding, verification and cold start.
func loadSection(r *report) error {
	t := &table{title: "c. Plan load", heads: []string{"plan", "bytes", "decode + verify", "must", "", "MB/s", "must", ""},
		note: "The throughput is asked of the large plan, the time of the typical one."}
	for _, spec := range []struct{ name, text string }{{"typical", typicalSpec}, {"large", largeSpec(1000)}} {
		p, problems := imlc.CompileSource(specSource(spec.text), imlc.Options{})
		if p == nil {
			return fmt.Errorf("the %s spec does not compile: %v", spec.name, problems.Items[0])
		}
		file, err := plan.Encode(p, plan.EncodeOptions{})
		if err != nil {
			return err
		}
		var failed error
		own := measure(r.Plan, []variant{{"decode", func(n int) {
			for range n {
				if sink, err = plan.Decode(file, plan.DecodeOptions{}); err != nil {
					failed = err
				}
			}
		}}})[0]
		if failed != nil {
			return failed
		}
		speed := float64(len(file)) / own.median() * 1e3
		if spec.name == "typical" {
			t.add(spec.name, len(file), duration(own.median()), duration(mustDecode), r.verdict("c typical plan", own.median(), mustDecode),
				fmt.Sprintf("%.0f", speed), "", "")
		} else {
			t.add(spec.name, len(file), duration(own.median()), "", "", fmt.Sprintf("%.0f", speed), mustThroughput,
				r.atLeast("c throughput", speed, mustThroughput))
		}
	}
	r.print(t)
	return coldStart(r)
}

// coldStart builds three programs and lets them take turns.
func coldStart(r *report) error {
	dir, err := os.MkdirTemp("", "imlc-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	programs := map[string]program{"hello": {want: "hello\n"}, "runner": {want: "ADA-42\n"}, "host": {want: "ready\n"}}
	for name, x := range programs {
		x.path = filepath.Join(dir, name)
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", x.path, "./cmd/"+name)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", name, err, out)
		}
		info, err := os.Stat(x.path)
		if err != nil {
			return err
		}
		x.size = float64(info.Size())
		programs[name] = x
	}
	p, problems := imlc.CompileTemplate("t", "{{upper(trim(body.name))}}-{{body.id + 1}}", imlc.TemplateOptions{})
	if p == nil {
		return fmt.Errorf("the template does not compile: %v", problems.Items)
	}
	typical, problems := imlc.CompileSource(specSource(typicalSpec), imlc.Options{})
	if typical == nil {
		return fmt.Errorf("the typical spec does not compile: %v", problems.Items)
	}
	for name, p := range map[string]*plan.Plan{"runner": p, "host": typical} {
		file, err := plan.Encode(p, plan.EncodeOptions{StripSource: true, StripLines: true})
		if err != nil {
			return err
		}
		x := programs[name]
		x.args = []string{filepath.Join(dir, name+".imlc")}
		if err := os.WriteFile(x.args[0], file, 0o600); err != nil {
			return err
		}
		programs[name] = x
	}
	return startTable(r, programs["hello"], programs["runner"], programs["host"])
}

// program is one whose start is measured; it prints want.
type program struct {
	path string
	args []string
	want string
	size float64 // bytes
}

func startTable(r *report, hello, runner, host program) error {
	var times [3]result
	for range 4 * r.Plan.Rounds {
		for i, x := range []program{hello, runner, host} {
			took, err := start(exec.Command(x.path, x.args...), x.want)
			if err != nil {
				return err
			}
			times[i].ns = append(times[i].ns, took)
		}
	}
	resident, err := peakMemory(runner.path, runner.args[0])
	if err != nil {
		return err
	}
	ratio := times[1].over(times[0])
	t := &table{title: "c. Cold start", heads: []string{"measure", "value", "must", ""},
		note: "A program that decodes, verifies and runs a plan with package vm/expr, beside one that prints a word; from fork to exit. " +
			"The host links package vm and makes an engine of the typical connection. All are built without cgo."}
	t.add("hello", duration(times[0].median()), "", "")
	t.add("runner", duration(times[1].median()), "", "")
	t.add("ratio", ratio, mustStart, r.verdict("c cold start", ratio, mustStart))
	t.add("resident memory, MB", resident, mustResident, r.verdict("c resident memory", resident, mustResident))
	t.add("binary, MB", runner.size/(1<<20), float64(mustBinary)/(1<<20), r.verdict("c binary", runner.size, mustBinary))
	t.add("host", duration(times[2].median()), "", "")
	t.add("host ratio", times[2].over(times[0]), "", "")
	t.add("host binary, MB", host.size/(1<<20), "", "")
	r.print(t)
	return nil
}

// peakMemory returns the peak resident memory of the runner in MB, as it sees it itself; 0 where the system does not
// tell.
func peakMemory(runner, planFile string) (float64, error) {
	out, err := exec.Command(runner, planFile, "status").Output()
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(out), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, nil
	}
	kilobytes, err := strconv.ParseFloat(fields[0], 64)
	return kilobytes / 1024, err
}

// start runs a command to its end and returns its wall time.
func start(c *exec.Cmd, want string) (ns float64, err error) {
	var out bytes.Buffer
	c.Stdout = &out
	begin := time.Now()
	if err := c.Run(); err != nil {
		return 0, err
	}
	ns = float64(time.Since(begin))
	if out.String() != want {
		return 0, fmt.Errorf("%s printed %q, expected %q", c.Path, out.String(), want)
	}
	return ns, nil
}
