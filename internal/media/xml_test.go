package media

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// recorder writes down what it is told.
type recorder struct {
	strings.Builder
	failAt string
}

var errStop = errors.New("stop")

func (r *recorder) Start(name, local string, attrs []XMLAttr) error {
	fmt.Fprintf(r, "<%s|%s", name, local)
	for _, a := range attrs {
		fmt.Fprintf(r, " %s=%q", a.Name, a.Value)
	}
	r.WriteByte('>')
	if r.failAt == name {
		return errStop
	}
	return nil
}

func (r *recorder) Text(text []byte) error {
	fmt.Fprintf(r, "%s", text)
	return nil
}

func (r *recorder) End() error {
	r.WriteString("</>")
	return nil
}

func TestReadXML(t *testing.T) {
	for _, c := range []struct{ name, contentType, in, want string }{
		{"elements", "", `<a:r xmlns:a="u" k='v'>x<!-- c --><b/><?pi y?><![CDATA[<&>]]></a:r>`, `<a:r|r xmlns:a="u" k="v">x<b|b></><&></>`},
		{"declared charset", "", "<?xml version='1.0' encoding='latin1'?><r>\xe9</r>", "<r|r>é</>"},
		{"charset of the type", "text/xml; charset=utf-8", "<?xml version='1.0' encoding='latin1'?><r>é</r>", "<r|r>é</>"},
		{"entities", "", "<r>&lt;&#65;&#x42;</r>", "<r|r><AB</>"},
		{"document type", "", `<!DOCTYPE r [<!ENTITY x "y">]><r/>`, "<r|r></>"},
		{"entity of a document type", "", `<!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>`, "error"},
		{"late document type", "", `<r/><!DOCTYPE r>`, "error"},
		{"two roots", "", `<a/><b/>`, "error a second root element <b>"},
		{"text outside", "", `<a/> x`, "error text outside the root element"},
		{"white space outside", "", " \n<a/>\t", "<a|a></>"},
		{"mismatch", "", `<a><b></a></b>`, "error </a> where </b> was expected"},
		{"closing first", "", `</a>`, "error </a> closes nothing"},
		{"open", "", `<a><b/>`, "error element <a> is not closed"},
		{"nothing", "", `<!-- x -->`, "error the document has no root element"},
		{"handler", "", `<r><stop/></r>`, "error stop"},
		{"attributes", "", "<r " + strings.Repeat("a='' ", maxAttributes+1) + "/>", "error an element has more than 10000 attributes"},
		{"long attribute", "", "<r a='" + strings.Repeat("a", maxAttribute+1) + "'/>", "error an attribute has more than 1048576 bytes"},
		{"attribute as long as may be", "", "<r a='" + strings.Repeat("a", maxAttribute) + "'/>", ""},
		{"equals elsewhere", "", "<!--" + strings.Repeat("<=", maxAttributes+1) + "--><r a='" + strings.Repeat("=>", maxAttributes+1) + "'><![CDATA[<" + strings.Repeat("=", maxAttributes+1) + "]]></r>", ""},
	} {
		r := &recorder{failAt: "stop"}
		got := "error"
		if err := ReadXML(c.contentType, c.in, XMLOptions{MaxDepth: 10}, r); err == nil {
			got = r.String()
		} else if c.want != "error" {
			got += " " + err.Error()
		}
		if c.want != "" && got != c.want || c.want == "" && strings.HasPrefix(got, "error") {
			t.Errorf("%s: got %.200s, want %s", c.name, got, c.want)
		}
	}
	// A long text is read in pieces, wherever they end.
	for _, unit := range []string{"a", "a&#65;b", "&amp;", "é", "a\r\n", "]] &gt;", "<![CDATA[x]]>b ", "\n"} {
		for shift := range 4 {
			inside := strings.Repeat("x", shift) + strings.Repeat(unit, 2*longText/len(unit)) + "]"
			long, short := new(recorder), new(recorder)
			if err := ReadXML("", "<r>"+inside+"<b/>"+inside+"</r>", XMLOptions{MaxDepth: 10}, long); err != nil {
				t.Errorf("%q: %v", unit, err)
			}
			_ = ReadXML("", "<r>"+unit+"</r>", XMLOptions{MaxDepth: 10}, short)
			text := strings.TrimSuffix(strings.TrimPrefix(short.String(), "<r|r>"), "</>")
			text = strings.Repeat("x", shift) + strings.Repeat(text, 2*longText/len(unit)) + "]"
			if long.String() != "<r|r>"+text+"<b|b></>"+text+"</>" {
				t.Errorf("%q, %d: a long text is another than its parts", unit, shift)
			}
		}
	}
	var deep *XMLDepthError
	for depth, fails := range map[int]bool{10: false, 11: true} {
		err := ReadXML("", strings.Repeat("<a>", depth)+strings.Repeat("</a>", depth), XMLOptions{MaxDepth: 10}, new(recorder))
		if errors.As(err, &deep) != fails || fails && deep.Limit != 10 {
			t.Errorf("depth %d: %v", depth, err)
		}
	}
	if err := ReadXML("", "<!DOCTYPE r><r/>", XMLOptions{MaxDepth: 10, RefuseDTD: true}, new(recorder)); err == nil {
		t.Error("a document type is not refused")
	}
}
