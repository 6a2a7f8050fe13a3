package paste

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// Options of curl with an argument that does not change the signature, and flags that change nothing.
var (
	curlIgnoredValues = []string{"-o", "--output", "-m", "--max-time", "--connect-timeout", "--retry", "-x", "--proxy", "--cacert", "--capath", "-E", "--cert",
		"--key", "-w", "--write-out", "-c", "--cookie-jar", "--resolve", "--max-redirs", "--ciphers", "-u", "--user", "-D", "--dump-header", "--interface"}
	curlShortFlags = "sSkvLigfN#0146jRZ"
)

// curlArguments walks through the words of a curl command.
type curlArguments struct {
	Request
	words []string
	data  []string
	get   bool
	// untyped is set when the command takes the Content-Type away that curl would add to data.
	untyped bool
	// asIs is set when curl is told to send dot segments of the path.
	asIs bool
	err  error
}

// parseCurl reads a curl command, split into words as its shell does. What the signature does not depend on is passed
// over.
func parseCurl(line string, split func(string) ([]string, error)) (*Request, error) {
	words, err := split(line)
	if err != nil {
		return nil, fmt.Errorf("the curl command breaks off: %w", err)
	}
	a := &curlArguments{words: words[1:]}
	for len(a.words) > 0 && a.err == nil {
		word := a.words[0]
		a.words = a.words[1:]
		a.word(word)
	}
	if a.err != nil {
		return nil, a.err
	}
	return a.finish()
}

// word reads one word and, for an option that needs it, the value in the same or the next word. Short flags may be
// written as one word, with an option at its end: -sSXPOST.
func (a *curlArguments) word(word string) {
	name, inline, has := word, "", false
	switch {
	case strings.HasPrefix(word, "--"):
		name, inline, has = strings.Cut(word, "=")
	case len(word) > 1 && word[0] == '-':
		i := 1
		for i < len(word)-1 && strings.IndexByte(curlShortFlags, word[i]) >= 0 {
			i++
		}
		name, inline, has = "-"+word[i:i+1], word[i+1:], i+1 < len(word)
	}
	a.option(name, func() string {
		switch {
		case has:
			return inline
		case len(a.words) == 0:
			a.err = fmt.Errorf("the curl command ends after %s, which needs a value", name)
			return ""
		}
		v := a.words[0]
		a.words = a.words[1:]
		return v
	})
}

func (a *curlArguments) option(name string, value func() string) {
	switch name {
	case "-X", "--request":
		a.Method = strings.ToUpper(value())
	case "--url":
		a.URL = value()
	case "-H", "--header":
		a.header(value())
	case "-A", "--user-agent":
		a.Headers = append(a.Headers, Header{"User-Agent", value()})
	case "-e", "--referer":
		a.Headers = append(a.Headers, Header{"Referer", value()})
	case "-b", "--cookie":
		a.Headers = append(a.Headers, Header{"Cookie", value()})
	case "-d", "--data", "--data-ascii", "--data-binary":
		a.addData(value(), true)
	case "--data-raw":
		a.addData(value(), false)
	case "--data-urlencode":
		a.addEncoded(value())
	case "--json":
		a.addData(value(), true)
		a.Headers = append(a.Headers, Header{"Content-Type", "application/json"}, Header{"Accept", "application/json"})
	case "-F", "--form":
		value()
		a.SetBody([]byte{}, "multipart/form-data")
	case "-G", "--get":
		a.get = true
	case "-I", "--head":
		a.Method = "HEAD"
	case "--path-as-is":
		a.asIs = true
	default:
		switch {
		case slices.Contains(curlIgnoredValues, name):
			value()
		case !strings.HasPrefix(name, "-") && a.URL == "":
			a.URL = name
		case !strings.HasPrefix(name, "-"):
			a.err = errors.New("the curl command has two addresses; give one request at a time")
		}
	}
}

// header reads -H: "Name: value", "Name;" for one without a value, or "Name:" to leave out what curl itself would send.
func (a *curlArguments) header(line string) {
	name, empty := strings.CutSuffix(line, ";")
	if empty = empty && !strings.Contains(name, ":"); empty {
		line = name + ":"
	}
	h, err := ParseHeader(line)
	switch {
	case err != nil:
		a.err = err
	case empty || h.Value != "":
		a.Add(h)
	case strings.EqualFold(h.Name, "Content-Type"):
		a.untyped = true
	}
}

func (a *curlArguments) addData(text string, files bool) {
	if files && strings.HasPrefix(text, "@") {
		a.err = errors.New("the curl command reads its body from a file; give the body with --data @FILE instead")
		return
	}
	a.data = append(a.data, text)
}

// addEncoded reads --data-urlencode: content, =content or name=content.
func (a *curlArguments) addEncoded(text string) {
	name, content, ok := strings.Cut(text, "=")
	if !ok {
		name, content = "", text
	}
	if name != "" {
		name += "="
	}
	a.data = append(a.data, name+uri.Encode(content))
}

// finish puts the collected data into the body or, with --get, the query.
func (a *curlArguments) finish() (*Request, error) {
	r := &a.Request
	if r.URL == "" {
		return nil, errors.New("the curl command has no address")
	}
	if !strings.Contains(r.URL, "://") {
		r.URL = "http://" + r.URL
	}
	if !a.asIs {
		r.URL = withoutDotSegments(r.URL)
	}
	switch text := strings.Join(a.data, "&"); {
	case len(a.data) == 0:
	case a.get && strings.Contains(r.URL, "?"):
		r.URL += "&" + text
	case a.get:
		r.URL += "?" + text
	case a.untyped:
		r.Body, r.HasBody = []byte(text), true
	default:
		r.SetBody([]byte(text), media.Form)
	}
	r.DefaultMethod()
	return r, nil
}

// withoutDotSegments resolves the dot segments of a path, as curl does before it sends (RFC 3986 §5.2.4).
func withoutDotSegments(address string) string {
	end := len(address)
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		end = i
	}
	from := strings.Index(address[:end], "://")
	if from < 0 {
		return address
	}
	slash := strings.IndexByte(address[from+3:end], '/')
	if slash < 0 {
		return address
	}
	from += 3 + slash
	return address[:from] + uri.RemoveDotSegments(address[from:end]) + address[end:]
}

// Curl writes the request as a curl command for a POSIX shell, which may be pasted into every one of them.
func (r *Request) Curl() string { return r.curl(Quote, " \\\n  ") }

// WindowsCurl writes the request as a curl command for the command prompt of Windows. The error is about a body that
// cannot be written there.
func (r *Request) WindowsCurl() (string, error) {
	if bytes.IndexByte(r.Body, 0) >= 0 {
		return "", errors.New("a body with a zero byte cannot be part of a command line of Windows; write it to a file and use --data-binary @FILE")
	}
	return r.curl(quoteWindows, " ^\n  "), nil
}

func (r *Request) curl(quote func(string) string, next string) string {
	method := "-X " + quote(r.Method)
	if r.Method == "HEAD" {
		method = "--head" // with -X HEAD curl waits for a body that never comes
	}
	address := quote(r.URL)
	if withoutDotSegments(r.URL) != r.URL {
		address = "--path-as-is " + address
	}
	parts := []string{"curl " + method, address}
	if r.Host != "" {
		parts = append(parts, "-H "+quote("Host: "+r.Host))
	}
	for _, h := range r.Headers {
		line := h.Name + ": " + h.Value
		if h.Value == "" {
			line = h.Name + ";"
		}
		parts = append(parts, "-H "+quote(line))
	}
	before := ""
	if r.HasBody {
		if r.Get("Content-Type") == "" {
			parts = append(parts, "-H Content-Type:") // else curl takes it for a form
		}
		if bytes.IndexByte(r.Body, 0) >= 0 { // which no argument can hold
			before = "printf " + Quote(printfEscaped(r.Body)) + " | "
			parts = append(parts, "--data-binary @-")
		} else {
			parts = append(parts, "--data-raw "+quote(string(r.Body))) // raw: a body may begin with @
		}
	}
	return before + strings.Join(parts, next)
}

// printfEscaped writes bytes as the format of the printf of a POSIX shell.
func printfEscaped(body []byte) string {
	var b strings.Builder
	for _, c := range body {
		switch {
		case c == '%':
			b.WriteString("%%")
		case c == '\\':
			b.WriteString(`\\`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
