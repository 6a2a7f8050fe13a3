package cli

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// benchCommand measures a spec.
type benchCommand struct {
	Spec string `arg:"" help:"Spec or plan."`
	specFlags
	dataFlags
	Each   time.Duration `help:"How long to measure each thing." default:"50ms"`
	Top    int           `help:"How many directives to list, the slowest first; 0 lists all." default:"15"`
	Format string        `help:"Output as text or json." enum:"text,json" default:"text"`

	groups []measuredGroup
}

// measuredGroup is a part of the result.
type measuredGroup struct {
	Title string        `json:"title"`
	Rows  []measuredRow `json:"rows"`
}

// measuredRow is a line of it for machines.
type measuredRow struct {
	What        string `json:"what"`
	Nanoseconds int64  `json:"nanoseconds"`
	Note        string `json:"note,omitempty"`
}

// measured is one line of the result.
type measured struct {
	what string
	each time.Duration
	note string
}

// measure runs f repeatedly for about d and returns the median of the batches.
func measure(d time.Duration, f func()) time.Duration {
	const batches = 9
	n := 1
	for {
		start := time.Now()
		for range n {
			f()
		}
		took := time.Since(start)
		if took >= d/(2*batches) || n >= 1<<24 {
			break
		}
		n = max(n*2, int(float64(n)*float64(d/(2*batches))/float64(max(took, 1))))
	}
	var samples []time.Duration
	for range batches {
		start := time.Now()
		for range n {
			f()
		}
		samples = append(samples, time.Since(start)/time.Duration(n))
	}
	slices.Sort(samples)
	return samples[batches/2]
}

// Run implements the sub-command.
func (k *benchCommand) Run(c *command) error {
	if k.Each <= 0 || k.Each > time.Minute {
		return usagef("--each: expected a duration between 1ns and 1m")
	}
	p, err := c.loadPlan(k.Spec, k.specFlags, trustFlags{})
	if err != nil {
		return err
	}
	context, err := k.context(c)
	if err != nil {
		return err
	}
	env, err := k.env(c, context)
	if err != nil {
		return err
	}
	rows, err := k.phases(c, p)
	if err != nil {
		return err
	}
	k.report(c, "Ahead of time", rows)
	k.report(c, fmt.Sprintf("Evaluation, per directive (%s)", counted(len(p.Functions), "function")), k.leaves(p, env))
	if p.Connection != nil {
		if rows, err = k.signing(); err != nil {
			return err
		}
		k.report(c, "Signing, POST with six parameters", rows)
		if err := k.flow(c, p); err != nil {
			return err
		}
	}
	if k.Format == "json" {
		return c.printJSON(map[string]any{"spec": k.Spec, "imlc": imlc.Version(), "groups": k.groups})
	}
	return nil
}

// report prints a part of the result, or keeps it for JSON.
func (k *benchCommand) report(c *command, title string, rows []measured) {
	if k.Format != "json" {
		c.printMeasured(title, rows)
		return
	}
	g := measuredGroup{Title: title, Rows: []measuredRow{}}
	for _, r := range rows {
		g.Rows = append(g.Rows, measuredRow{r.what, r.each.Nanoseconds(), r.note})
	}
	k.groups = append(k.groups, g)
}

// remark prints why something was not measured.
func (k *benchCommand) remark(c *command, format string, args ...any) {
	if k.Format != "json" {
		c.Out.Printf(format+"\n", args...)
		return
	}
	k.groups = append(k.groups, measuredGroup{Title: fmt.Sprintf(format, args...), Rows: []measuredRow{}})
}

// phases measures what happens before a run.
func (k *benchCommand) phases(c *command, p *plan.Plan) ([]measured, error) {
	var rows []measured
	sources, list, err := []parser.Source(nil), &diag.List{}, error(nil)
	opts := k.options()
	opts.Scripts = c.checker()
	if !strings.HasSuffix(k.Spec, ".imlc") {
		sources, list, err = c.loadSpecs(k.Spec, opts)
	}
	if err == nil && len(sources) == 1 && !list.HasErrors() {
		src := sources[0]
		bytes := 0
		for _, f := range src.Files() {
			bytes += len(f.Text)
		}
		rows = append(rows, measured{"parse and check", measure(k.Each, func() { imlc.ParseSource(src, opts) }), fmt.Sprintf("%d bytes", bytes)},
			measured{"compile (parsing included)", measure(k.Each, func() { imlc.CompileSource(src, opts) }), ""})
	}
	data, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		return nil, err
	}
	stripped, err := plan.Encode(p, plan.EncodeOptions{StripLines: true, StripSource: true})
	if err != nil {
		return nil, err
	}
	rows = append(rows, measured{"encode", measure(k.Each, func() { _, _ = plan.Encode(p, plan.EncodeOptions{}) }), fmt.Sprintf("%d bytes, %d stripped", len(data), len(stripped))},
		measured{"decode and verify", measure(k.Each, func() { _, _ = plan.Decode(data, plan.DecodeOptions{}) }), ""},
		measured{"decode and verify, stripped", measure(k.Each, func() { _, _ = plan.Decode(stripped, plan.DecodeOptions{}) }), ""})
	if p.Connection == nil {
		return append(rows, measured{"prepare", measure(k.Each, func() { _, _ = expr.NewProgram(p) }), ""}), nil
	}
	return append(rows, measured{"prepare an engine", measure(k.Each, func() {
		if e, err := vm.New(p, vm.Host{}); err == nil {
			e.Close()
		}
	}), ""}), nil
}

// leaves measures each function of a plan on its own, the slowest first.
func (k *benchCommand) leaves(p *plan.Plan, env *expr.Env) []measured {
	var rows []measured
	for i := range p.Functions {
		alone := *p
		alone.Connection, alone.Functions = nil, p.Functions[i:i+1]
		program, err := expr.NewProgram(&alone)
		if err != nil {
			continue
		}
		f := &p.Functions[i]
		note := counted(len(f.Code), "instruction")
		if _, err := program.Run(env); err != nil {
			note += ", fails without --data: " + err.Error()
		}
		var buf []byte
		each := measure(k.Each, func() {
			if f.Mode == plan.ModeEmit {
				buf, _ = program.AppendJSON(buf[:0], env)
			} else {
				_, _ = program.Run(env)
			}
		})
		name := f.Pointer
		if name == "" {
			name = "(the template)"
		}
		rows = append(rows, measured{name, each, note})
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].each > rows[j].each })
	if k.Top > 0 && len(rows) > k.Top {
		rest := measured{what: fmt.Sprintf("the other %d together", len(rows)-k.Top)}
		for _, r := range rows[k.Top:] {
			rest.each += r.each
		}
		rows = append(rows[:k.Top:k.Top], rest)
	}
	return rows
}

// benchSecret is as long as secrets of providers are.
const benchSecret = "kd94hf93k423kf44pfkkdhi9sl3r4s00kd94hf93k423kf44pfkkdhi9sl3r4s00"

// signing measures a signature with each kind of key.
func (k *benchCommand) signing() ([]measured, error) {
	var rows []measured
	for _, method := range []string{oauth1.HMACSHA1, oauth1.HMACSHA256} {
		signer, err := oauth1.NewSigner(oauth1.Params{ConsumerKey: "consumer", ConsumerSecret: benchSecret, Token: "token", TokenSecret: benchSecret, SignatureMethod: method})
		if err != nil {
			return nil, err
		}
		req := &oauth1.Request{Method: "POST", URL: "https://api.example.com/1/statuses", ContentType: media.Form,
			Body: []byte("a=1&b=2&c=3&d=4&e=5&f=hello%20world")}
		var dst []byte
		rows = append(rows, measured{method, measure(k.Each, func() {
			dst, _ = signer.AppendAuthorization(dst[:0], req, "a0000000000000000000000000000001", 1700000000)
		}), fmt.Sprintf("header of %d bytes", len(dst))})
	}
	return rows, nil
}

// addressNames are names of parameters that hold the address of a service.
var addressNames = []string{"baseurl", "apiurl", "url", "host", "endpoint", "server"}

// flow runs the whole connection against the embedded provider, when the spec lets its address be given and asks for
// the paths that the provider has.
func (k *benchCommand) flow(c *command, p *plan.Plan) error {
	name := ""
	for i := range p.Connection.Parameters {
		if d := &p.Connection.Parameters[i]; slices.Contains(addressNames, strings.ToLower(d.Name)) {
			name = d.Name
			break
		}
	}
	if name == "" {
		k.remark(c, "Whole flow: not run, as the spec has no parameter for the address of the service (%s)", strings.Join(addressNames, ", "))
		return nil
	}
	server, consumer, err := demoProvider()
	if err != nil {
		return err
	}
	defer server.Close()
	grant := vm.Grant{Parameters: benchParameters(p, name, server, consumer)}
	connect := connectCommand{networkFlags: networkFlags{AllowPrivate: true}, Headless: true, Timeout: 30 * time.Second}
	host, err := c.host(connect.networkFlags)
	if err != nil {
		return err
	}
	var samples []time.Duration
	for range 9 {
		start := time.Now()
		if _, err := connect.authorize(c, p, host, grant); err != nil {
			k.remark(c, "Whole flow: not run against the embedded provider (%v)", err)
			return nil
		}
		samples = append(samples, time.Since(start))
	}
	slices.Sort(samples)
	k.report(c, "Whole flow against the embedded provider", []measured{{"authorize, browser, callback", samples[4], "median of 9"}})
	return nil
}

// benchParameters fills in parameters as the embedded provider wants them.
func benchParameters(p *plan.Plan, address string, server *provider.Server, consumer provider.Consumer) *value.Object {
	o := value.NewObject(4)
	for i := range p.Connection.Parameters {
		switch d := &p.Connection.Parameters[i]; {
		case d.Name == address:
			o.Set(d.Name, value.Text(server.URL()))
		case strings.Contains(strings.ToLower(d.Name), "secret"):
			o.Set(d.Name, value.Text(consumer.Secret))
		case strings.Contains(strings.ToLower(d.Name), "key"):
			o.Set(d.Name, value.Text(consumer.Key))
		case d.Required && !d.HasDefault && d.Type == "text":
			o.Set(d.Name, value.Text("x"))
		}
	}
	return o
}

func (c *command) printMeasured(title string, rows []measured) {
	c.Out.Printf("%s\n", c.Out.Paint(show.Bold, title))
	width := 0
	for _, r := range rows {
		width = max(width, len(r.what))
	}
	for _, r := range rows {
		c.Out.Printf("  %-*s %10s  %s\n", width, r.what, shownDuration(r.each), r.note)
	}
	c.Out.Printf("\n")
}

// shownDuration prints three digits.
func shownDuration(d time.Duration) string {
	switch n := float64(d); {
	case n < 1e3:
		return fmt.Sprintf("%.0f ns", n)
	case n < 1e6:
		return fmt.Sprintf("%.3g µs", n/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.3g ms", n/1e6)
	}
	return fmt.Sprintf("%.3g s", d.Seconds())
}
