package fix

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/parser/document"
)

// https writes the scheme of a URL.
func https(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok {
		return diag.Fix{}, false
	}
	i := strings.Index(strings.ToLower(e.value.Span.Text()), "http://")
	if i < 0 || i > 1 {
		return diag.Fix{}, false
	}
	at := e.value.Span
	at.Start, at.End = at.Start+i, at.Start+i+len("http")
	return one("use https", at, "https")
}

var (
	misspeltScheme = regexp.MustCompile(`^([A-Za-z]{3,7})(:/{1,3}|//)[\w-]+\.`)
	bareHost       = regexp.MustCompile(`^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.([A-Za-z]{2,})(?::\d+)?(?:[/?#]|$)`)
	anAddress      = regexp.MustCompile(`^https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#]|$)`)
	// fileNames end like files, not like hosts.
	fileNames = []string{"php", "html", "htm", "asp", "aspx", "json", "xml", "cgi", "jsp", "ashx"}
)

// absolute writes what an address lacks to be a whole one: its scheme, or the host that all other addresses have.
func absolute(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.value.Kind != document.KindText {
		return diag.Fix{}, false
	}
	text, at := e.value.Text, inner(e.value)
	at.End = at.Start
	if m := misspeltScheme.FindStringSubmatch(text); m != nil {
		meant := nearest.Name(m[1], 1, slices.Values([]string{"http", "https"}))
		if meant == "" {
			return diag.Fix{}, false
		}
		at.End = at.Start + len(m[1]) + len(m[2])
		return one("write "+meant+"://", at, meant+"://")
	}
	if m := bareHost.FindStringSubmatch(text); m != nil && !slices.Contains(fileNames, strings.ToLower(m[1])) {
		return one("write https://", at, "https://")
	}
	if strings.HasPrefix(text, "//") {
		return one("write https:", at, "https:")
	}
	origin := t.origin()
	if origin == "" || text == "" || strings.ContainsAny(text[:1], "{<") || strings.Contains(text, "://") || strings.Contains(text, ":/") {
		return diag.Fix{}, false
	}
	if !strings.HasPrefix(text, "/") {
		origin += "/"
	}
	return one("write "+strconv.Quote(origin+text)+", on the host of the other addresses", at, origin)
}

// origin is the scheme and host that all whole addresses of a document have, "" when they have several or there are none.
func (t *tree) origin() string {
	found, one := "", true
	var visit func(n *document.Node)
	visit = func(n *document.Node) {
		if n == nil {
			return
		}
		if m := anAddress.FindString(n.Text); n.Kind == document.KindText && m != "" {
			m = strings.TrimRight(m, "/?#")
			one = one && (found == "" || found == m)
			found = m
		}
		for _, m := range n.Members {
			visit(m.Value)
		}
		for _, item := range n.Items {
			visit(item)
		}
	}
	visit(t.root)
	if !one {
		return ""
	}
	return found
}
