package perfbench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dghubble/oauth1"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	makespec "github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// requestSection prints section d: whole requests and flows on loopback, then signing alone.
func requestSection(r *report) error {
	base, stop, err := startServer()
	if err != nil {
		return err
	}
	defer stop()
	eng, err := engineOver(nil)
	if err != nil {
		return err
	}
	defer eng.Close()
	conn, err := authorise(eng, base)
	if err != nil {
		return err
	}
	t := &table{title: "d. Requests on loopback", heads: []string{"concurrency", "variant", "requests/s", "of bare", "of the least", "must", "", "CPU per request", "of the least", "must", ""},
		note: "A POST whose answer is parsed: bare net/http, signed by this engine, signed by dghubble/oauth1, and signed by hand. CPU is that of " +
			"the client process. The least that does what the engine does is the last: signed by hand with the least code, and bounded in time. The " +
			"one before it does the same over the engine's transport, so that what is left is the engine."}
	for _, concurrency := range []int{1, 64} {
		if err := requestTable(r, t, concurrency, base, eng, conn); err != nil {
			return err
		}
	}
	r.print(t)
	if err := flowTable(r, base, eng); err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // no network from here
	return signTable(r)
}

func newTransport() *http.Transport {
	return &http.Transport{MaxIdleConns: 200, MaxIdleConnsPerHost: 200, DisableCompression: true}
}

// engineOver returns an engine for typicalSpec and postCall that may speak to loopback, over a transport, nil for its own.
func engineOver(transport http.RoundTripper) (*vm.Engine, error) {
	src := makespec.With(specSource(typicalSpec), makespec.Params, "", source.NewFile("parameters.jsonc", formFields))
	src = makespec.With(src, makespec.Call, "post", source.NewFile("post.jsonc", postCall))
	p, problems := imlc.CompileSource(src, imlc.Options{})
	if p == nil {
		return nil, fmt.Errorf("the spec does not compile: %v", problems.Items)
	}
	return vm.New(p, vm.Host{Transport: transport, Egress: wire.Egress{AllowPrivate: true}})
}

func grant(base string) vm.Grant {
	params := value.NewObject(3)
	params.Set("consumerKey", value.Text("consumerkey"))
	params.Set("consumerSecret", value.Text("consumersecret"))
	params.Set("base", value.Text(base))
	return vm.Grant{Parameters: params, RedirectURI: "http://localhost/cb"}
}

// authorise runs one three-legged flow.
func authorise(eng *vm.Engine, base string) (*vm.Connection, error) {
	ctx := context.Background()
	step, err := eng.Authorize(ctx, grant(base))
	if err != nil {
		return nil, err
	}
	token := step.RedirectURL[strings.LastIndex(step.RedirectURL, "=")+1:]
	return eng.Callback(ctx, step.State, "oauth_token="+token+"&oauth_verifier=verifier123")
}

// bare sends what the engine sends, without a signature, and parses the answer.
func bare(client *http.Client, base string) error {
	req, err := http.NewRequest(http.MethodPost, base+"/oauth/request_token", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return err
	}
	v, err := url.ParseQuery(string(body))
	if err == nil && v.Get("oauth_token") == "" {
		err = fmt.Errorf("no token in %q", body)
	}
	return err
}

func requestTable(r *report, t *table, concurrency int, base string, eng *vm.Engine, conn *vm.Connection) error {
	plain := &http.Client{Transport: newTransport()}
	signing := oauth1.NewConfig("consumerkey", "consumersecret").Client(
		context.WithValue(context.Background(), oauth1.HTTPClient, &http.Client{Transport: newTransport()}), oauth1.NewToken("token", "secret"))
	own := &http.Client{Transport: wire.NewTransport(wire.Egress{AllowPrivate: true}), Timeout: 40 * time.Second}
	timed := &http.Client{Transport: newTransport(), Timeout: 40 * time.Second}
	signers := sync.Pool{New: func() any { return newHandSigner("consumerkey", "consumersecret", "token", "secret") }}
	hand := func(client *http.Client) func() error {
		return func() error {
			s := signers.Get().(*handSigner)
			defer signers.Put(s)
			_, err := byHand(client, s, http.MethodPost, base+"/oauth/request_token")
			return err
		}
	}
	results, err := exchange(r.Plan, concurrency, []contender{
		{"bare net/http", func() error { return bare(plain, base) }},
		{"imlc", func() error {
			v, err := eng.Call(context.Background(), conn, "post", nil)
			if err == nil && v.Kind() != value.KindText {
				err = fmt.Errorf("the call returned %s", v.Kind())
			}
			return err
		}},
		{"dghubble", func() error { return bare(signing, base) }},
		{"bare, with a timeout", func() error { return bare(timed, base) }},
		{"signed by hand", hand(plain)},
		{"by hand, over imlc's transport", hand(own)},
		{"signed by hand, with a timeout", hand(timed)},
	})
	if err != nil {
		return err
	}
	const must, mustCPU = 0.97, 1.05
	least := results[len(results)-1]
	for i, x := range results {
		row := []any{concurrency, x.name, fmt.Sprintf("%.0f", median(x.rates)), x.rate(results[0])}
		rate, cpu := x.rate(least), x.cpuRatio(least)
		if i != 1 {
			t.add(append(row, rate, "", "", duration(median(x.cpu)), cpu, "", "")...)
			continue
		}
		t.add(append(row, rate, must, r.atLeast(fmt.Sprintf("d requests at %d", concurrency), rate, must),
			duration(median(x.cpu)), cpu, mustCPU, r.verdict(fmt.Sprintf("d CPU at %d", concurrency), cpu, mustCPU))...)
	}
	r.atLeast(fmt.Sprintf("d requests at %d, of dghubble's", concurrency), results[1].rate(results[2]), 1)
	return nil
}

// contender is one way to do a request or a flow; it is used by several goroutines at once.
type contender struct {
	name string
	do   func() error
}

// exchanged is what was measured of a contender, round by round: pieces of work per second, and processor time of each
// in ns.
type exchanged struct {
	name       string
	rates, cpu []float64
}

func (x exchanged) rate(base exchanged) float64 {
	return result{ns: x.rates}.over(result{ns: base.rates})
}

func (x exchanged) cpuRatio(base exchanged) float64 {
	return result{ns: x.cpu}.over(result{ns: base.cpu})
}

// exchange lets contenders take turns at a concurrency.
func exchange(p pace, concurrency int, contenders []contender) ([]exchanged, error) {
	out := make([]exchanged, len(contenders))
	for round := -1; round < p.Rounds; round++ { // the first warms up
		for i, c := range contenders {
			n, took, cpu, err := turn(p.Exchange, concurrency, c.do)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if out[i].name = c.name; round >= 0 {
				out[i].rates = append(out[i].rates, float64(n)/took.Seconds())
				out[i].cpu = append(out[i].cpu, float64(cpu)/float64(max(n, 1)))
			}
		}
	}
	return out, nil
}

// turn repeats work in some goroutines for a while.
func turn(d time.Duration, concurrency int, work func() error) (n int64, took, cpu time.Duration, err error) {
	var count atomic.Int64
	var stop atomic.Bool
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	begin, used := time.Now(), cpuTime()
	for range concurrency {
		group.Go(func() {
			for !stop.Load() {
				if err := work(); err != nil {
					failed.Store(&err)
					return
				}
				count.Add(1)
			}
		})
	}
	time.Sleep(d)
	stop.Store(true)
	group.Wait()
	if e := failed.Load(); e != nil {
		err = *e
	}
	return count.Load(), time.Since(begin), cpuTime() - used, err
}

func flowTable(r *report, base string, eng *vm.Engine) error {
	t := &table{title: "d. Three-legged flows", heads: []string{"concurrency", "imlc/s", "dghubble/s", "ratio", "must", "", "by hand/s", "ratio", "must", ""},
		note: "Request token, sealed suspension, resumption, access token, and one signed request for the user. By hand: the same three " +
			"requests, signed with the least code and bounded in time, and the temporary credentials sealed in between."}
	for _, concurrency := range []int{1, 64} {
		transport := newTransport()
		client := &http.Client{Transport: newTransport(), Timeout: 40 * time.Second}
		seal, err := newHandSeal()
		if err != nil {
			return err
		}
		results, err := exchange(r.Plan, concurrency, []contender{
			{"dghubble", func() error { return peerFlow(transport, base) }},
			{"imlc", func() error { _, err := authorise(eng, base); return err }},
			{"by hand", func() error { return handFlow(client, seal, base) }},
		})
		if err != nil {
			return err
		}
		const must, mustHand = 1, 0.90
		ratio, hand := results[1].rate(results[0]), results[1].rate(results[2])
		t.add(concurrency, fmt.Sprintf("%.0f", median(results[1].rates)), fmt.Sprintf("%.0f", median(results[0].rates)), ratio, must,
			r.atLeast(fmt.Sprintf("d flows at %d, of dghubble's", concurrency), ratio, must),
			fmt.Sprintf("%.0f", median(results[2].rates)), hand, mustHand, r.atLeast(fmt.Sprintf("d flows at %d", concurrency), hand, mustHand))
	}
	r.print(t)
	return nil
}

// peerFlow is the flow of authorise with dghubble/oauth1.
func peerFlow(transport http.RoundTripper, base string) error {
	client := &http.Client{Transport: transport}
	config := &oauth1.Config{ConsumerKey: "consumerkey", ConsumerSecret: "consumersecret", CallbackURL: "http://localhost/cb", HTTPClient: client,
		Endpoint: oauth1.Endpoint{RequestTokenURL: base + "/oauth/request_token", AuthorizeURL: base + "/authorize", AccessTokenURL: base + "/oauth/access_token"}}
	token, secret, err := config.RequestToken()
	if err != nil {
		return err
	}
	if _, err := config.AuthorizationURL(token); err != nil {
		return err
	}
	access, accessSecret, err := config.AccessToken(token, secret, "verifier123")
	if err != nil {
		return err
	}
	ctx := context.WithValue(context.Background(), oauth1.HTTPClient, client)
	resp, err := config.Client(ctx, oauth1.NewToken(access, accessSecret)).Get(base + "/me")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
