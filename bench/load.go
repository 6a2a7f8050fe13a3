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

// Load prints section c: decoding, verification and cold start.
func Load(r *Report) error {
	t := &table{title: "c. Plan load", heads: []string{"plan", "bytes", "decode + verify", "must", "", "MB/s", "must", ""},
		note: "The throughput is asked of the large plan, the time of the typical one."}
	for _, spec := range []struct{ name, text string }{{"typical", typicalSpec}, {"large", largeSpec(1000)}} {
		p, problems := imlc.Compile(specInput(spec.text), imlc.Options{})
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

// coldStart builds the two programs and lets them take turns.
func coldStart(r *Report) error {
	dir, err := os.MkdirTemp("", "imlc-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	programs := make(map[string]string)
	for _, name := range []string{"hello", "runner"} {
		programs[name] = filepath.Join(dir, name)
		build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", programs[name], "./cmd/"+name)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", name, err, out)
		}
	}
	planFile := filepath.Join(dir, "p.imlc")
	p, problems := imlc.CompileTemplate("t", "{{upper(trim(body.name))}}-{{body.id + 1}}", imlc.TemplateOptions{})
	if p == nil {
		return fmt.Errorf("the template does not compile: %v", problems.Items)
	}
	file, err := plan.Encode(p, plan.EncodeOptions{StripSource: true, StripLines: true})
	if err != nil {
		return err
	}
	if err := os.WriteFile(planFile, file, 0o600); err != nil {
		return err
	}
	info, err := os.Stat(programs["runner"])
	if err != nil {
		return err
	}
	return startTable(r, programs["hello"], programs["runner"], planFile, float64(info.Size()))
}

func startTable(r *Report, hello, runner, planFile string, size float64) error {
	var helloTime, runnerTime result
	for range 4 * r.Plan.Rounds {
		took, err := start(exec.Command(hello), "hello\n")
		if err != nil {
			return err
		}
		helloTime.ns = append(helloTime.ns, took)
		took, err = start(exec.Command(runner, planFile), "ADA-42\n")
		if err != nil {
			return err
		}
		runnerTime.ns = append(runnerTime.ns, took)
	}
	resident, err := peakMemory(runner, planFile)
	if err != nil {
		return err
	}
	ratio := runnerTime.over(helloTime)
	t := &table{title: "c. Cold start", heads: []string{"measure", "value", "must", ""},
		note: "A program that decodes, verifies and runs a plan, beside one that prints a word; from fork to exit."}
	t.add("hello", duration(helloTime.median()), "", "")
	t.add("runner", duration(runnerTime.median()), "", "")
	t.add("ratio", ratio, mustStart, r.verdict("c cold start", ratio, mustStart))
	t.add("resident memory, MB", resident, mustResident, r.verdict("c resident memory", resident, mustResident))
	t.add("binary, MB", size/(1<<20), float64(mustBinary)/(1<<20), r.verdict("c binary", size, mustBinary))
	r.print(t)
	return nil
}

// peakMemory returns the peak resident memory of the runner in MB, as it sees it itself; 0 where the system does not tell.
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
