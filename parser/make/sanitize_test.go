package make

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/parser/ast"
)

// TestSanitizePaths reads every documented form of a path (spec make.md §18).
func TestSanitizePaths(t *testing.T) {
	tests := []struct{ path, want string }{
		{"request.url", "request url"}, {"request.headers", "request headers"}, {"request.qs", "request qs"}, {"request.body", "request body"},
		{"response.headers", "response headers"}, {"response.body", "response body"},
		{" REQUEST.Body.token ", "request Body/token"},
		{"request.headers.x-api-key", "request headers/x-api-key"},
		{"response.body.items[].id", "response body/items/id"}, {"response.body.items[2][1].id", "response body/items/id"},
		{"response.body.`odd name`.`a.b`", "response body/odd name/a.b"}, {"response.body.`a<b`", "response body/a<b"},
		{"request.body<parameters.secret>", `request body <parameters.secret`},
		{"response.body.text<temp.a > 1>", `response body/text <temp.a > 1`},
		{"request.qs.key<data.x>  ", `request qs/key <data.x`},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			req := basicRequest(t, `{"url":"https://x.test","log":{"sanitize":["`+tt.path+`"]}}`)
			if len(req.Sanitize) != 1 {
				t.Fatalf("%d paths", len(req.Sanitize))
			}
			p := req.Sanitize[0]
			got := "request "
			if p.Answer {
				got = "response "
			}
			got += strings.Join(p.Steps, "/")
			if p.Text != nil {
				x := p.Text.(*ast.Template)
				got += " <" + x.Text[x.Parts[0].At.Start:x.Parts[0].At.End]
				if !x.Whole() || x.Parts[0].Expr == nil || x.Scope == nil || (x.Scope.Names["body"].Root == "body") != p.Answer {
					t.Errorf("expression %+v in scope %v", x, x.Scope)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
