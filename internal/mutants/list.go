package main

// mutants are the lines whose change must be noticed, by room. Each asks for an assertion, not for coverage: all of
// these lines are run by many tests. A new one belongs here whenever a fault turns out to have passed the tests.
var mutants = []mutant{
	// Languages.
	{"name-digits-in-segment", "grammar/scanner.go", "case asciiClass[c] == classDigit && segment:", "case asciiClass[c] == classDigit && !segment:", ""},
	{"and-is-or", "grammar/scanner.go", "return kindAnd, 2", "return kindOr, 2", ""},
	{"strict-not-equal-length", "grammar/scanner.go", "return k, 3", "return k, 2", ""},
	{"doubled-quote", "grammar/scanner.go", "if n < len(rest) && rest[n] == quote {", "if false && rest[n] == quote {", ""},
	{"run-of-openers", "parser/template/template.go", "if n != 2 || !startsHole(s.text[inside:]) {", "if !startsHole(s.text[inside:]) {", ""},
	{"padded-closer", "parser/template/template.go", "if closer < 0 || padded != endsInBlank(s.text[inside:closer]) {", "if closer < 0 {", ""},
	{"alias-bomb", "parser/document/yaml.go", "if r.expanded++; r.expanded > MaxAliasNodes {", "if r.expanded++; false {", ""},
	{"comment-is-relaxed", "parser/document/jsonc.go", `case c == '/' && strings.HasPrefix(r.text[r.pos:], "//"):`, `case false:`, ""},
	{"byte-order-mark", "parser/document/jsonc.go", `if strings.HasPrefix(r.text, "\uFEFF") {`, `if false {`, ""},
	{"narrowest-range-wins", "parser/make/lint.go", "if x.First <= status && status <= x.Last && (best < 0 || x.Last-x.First < ranges[best].Last-ranges[best].First) {", "if x.First <= status && status <= x.Last && best < 0 {", ""},
	{"folder-is-no-file", "parser/make/load.go", "return err == nil && !info.IsDir()", "return err == nil && info != nil", ""},
	{"position-counts-characters", "internal/source/source.go", "return Position{Line: n + 1, Column: f.characters(offset) - f.characters(lines[n]) + 1}", "return Position{Line: n + 1, Column: offset - lines[n] + 1}", ""},
	{"escape-maps-to-its-start", "internal/source/source.go", "if m.segs[i].fixed {", "if false {", ""},

	{"code-of-a-root", "schema/schema.go", "d.Code = codes.Root", "_ = codes.Root", "./schema ./parser/make ./conformance"},
	{"nearest-name", "internal/nearest/nearest.go", "if d < bestDistance || d == bestDistance && d <= limit && c < best {", "if d < bestDistance {", ""},
	{"diagnostics-by-file", "internal/diag/diag.go", "if c := cmp.Compare(a.File.Name, b.File.Name); c != 0 {", "if c := cmp.Compare(a.File.Name, b.File.Name); false {", ""},

	// The compiler.
	{"own-error-before-base", "compiler/inherit.go", "e.Message, e.Type = cmp.Or(e.Message, from.Error.Message), cmp.Or(e.Type, from.Error.Type)", "e.Message, e.Type = cmp.Or(from.Error.Message, e.Message), cmp.Or(from.Error.Type, e.Type)", "./vm"},
	{"size-of-folds", "compiler/fold.go", "if err != nil || !value.TextWithin(v, foldBytes) {", "if err != nil {", ""},
	{"sum-of-folds", "compiler/fold.go", "if !n.fn.Pure || n.fn.Needs == builtin.PartPatterns || c.folded > foldTotal || c.foldWork > foldWork {", "if !n.fn.Pure || n.fn.Needs == builtin.PartPatterns || c.foldWork > foldWork {", ""},
	{"range-of-arguments", "compiler/resolve.go", "if !f.Accepts(len(e.Args)) {", "if false {", ""},
	{"strict-makes-errors", "compiler/compiler.go", "if c.opts.Strict {", "if false {", ""},

	// Plans.
	{"jump-goes-forward", "vm/plan/verify_code.go", "if int(target) <= pc || int(target) >= len(v.f.Code) {", "if int(target) >= len(v.f.Code) {", "./vm/plan ./vm"},
	{"stack-fits", "vm/plan/verify.go", "if f.MaxStack < depth || f.MaxStack > MaxStackLimit || int(f.MaxStack) > len(f.Code) {", "if f.MaxStack > MaxStackLimit || int(f.MaxStack) > len(f.Code) {", ""},
	{"operand-not-negative", "vm/plan/verify.go", "func below(i int32, n int) bool { return i >= 0 && int(i) < n }", "func below(i int32, n int) bool { return int(i) < n }", "./vm/plan ./vm"},
	{"key-set-twice", "vm/plan/verify.go", "if seen[key] == int32(i)+1 {", "if false {", ""},
	{"trusted-when-decoding", "vm/plan/sign.go", "if opts.RequireSignature && !trusted {", "if false && !trusted {", "./vm/plan ./vm/plan/sign"},

	// Values.
	{"null-is-nil", "vm/value/value.go", "func (v Value) IsNil() bool { return v.kind <= KindNull }", "func (v Value) IsNil() bool { return v.kind == KindNull }", ""},
	{"part-of-a-secret", "vm/value/value.go", "if parent.flags&flagSecret != 0 {", "if false {", ""},
	{"secret-printed", "vm/value/text.go", "if v.IsSecret() {", "if false {", ""},
	{"surrogate-pairs", "vm/value/json_scalar.go", "if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {", "if pair := utf16.DecodeRune(r, low); false {", ""},
	{"infinity-in-json", "vm/value/json_encode.go", "if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {", "if f := v.Float(); math.IsNaN(f) {", ""},
	{"strict-length-of-lists", "vm/value/equal.go", "if len(a) != len(b) {", "if len(a) > len(b) {", ""},
	{"shape-of-another", "vm/value/walk.go", "if sh := o.shape; sh != nil && uint32(w>>32) == sh.id {", "if sh := o.shape; sh != nil {", ""},

	// Expressions.
	{"and-in-test-form", "vm/expr/closures_flow.go", "return node{defined: true, test: func(f *Frame) bool { return s(f) && t(f) },", "return node{defined: true, test: func(f *Frame) bool { return s(f) || t(f) },", ""},
	{"or-in-test-form", "vm/expr/closures_flow.go", "return node{defined: true, test: func(f *Frame) bool { return s(f) || t(f) },", "return node{defined: true, test: func(f *Frame) bool { return s(f) && t(f) },", ""},
	{"and-of-tests-as-value", "vm/expr/closures_flow.go", "eval: func(f *Frame) value.Value { return value.Bool(s(f) && t(f)) }}", "eval: func(f *Frame) value.Value { return value.Bool(s(f) || t(f)) }}", ""},
	{"empty-is-falsy", "vm/expr/closures_flow.go", "if v := a(f); !value.IsEmpty(v) {", "if v := a(f); value.IsTruthy(v) {", ""},
	{"not-in-test-form", "vm/expr/closures_path.go", "return boolean(func(f *Frame) bool { return !test(f) })", "return boolean(func(f *Frame) bool { return test(f) })", ""},
	{"less-equal-of-numbers", "vm/expr/closures_operators.go", "return n <= m", "return n < m", ""},
	{"limit-of-a-path", "vm/expr/closures_operators.go", "return n > limit", "return n >= limit", ""},
	{"unequal-text", "vm/expr/closures_operators.go", "return (v.Str() == s) == want", "return v.Str() == s", ""},
	{"unequal-boolean", "vm/expr/closures_operators.go", "is := con.IsTrue() == want", "is := con.IsTrue()", ""},
	{"secret-sum", "vm/expr/closures_operators.go", "return n + m, hidden || also", "return n + m, hidden && also", ""},
	{"secret-difference", "vm/expr/closures_operators.go", "return n, s || t", "return n, s && t", ""},
	{"secret-in-a-join", "vm/expr/closures_join.go", "if secret = secret || hidden; len(buf) <= f.limits.ValueBytes {", "if secret = secret && hidden; len(buf) <= f.limits.ValueBytes {", ""},
	{"undefined-member-of-a-map", "vm/expr/closures_box.go", "if x, defined := box(f); defined {", "if x, _ := box(f); true {", ""},
	{"comma-of-the-first-member", "vm/expr/closures_emit.go", "e.place = placeEither", "e.place = placeNext", ""},
	{"undefined-item-is-null", "vm/expr/closures_emit.go", "if v.IsUndefined() && !op.item {", "if v.IsUndefined() {", ""},

	// Functions.
	{"run-time-while-computing", "vm/builtin/meter.go", "if !m.deadline.IsZero() && !time.Now().Before(m.deadline) {", "if false {", "./vm"},
	{"memory-of-values", "vm/builtin/meter.go", "if m.left.memory -= n; m.left.memory < 0 {", "if m.left.memory -= n; false {", "./vm/expr"},
	{"limit-of-a-host-function", "vm/builtin/host.go", "case errors.As(err, &limit): // what the function did ended the operation, it did not fail", "case false:", "./vm/builtin/... ./vm"},
	{"secret-zero", "vm/builtin/invoke.go", "return value.Number(0).Taint(v), nil", "return value.Number(0), nil", "./vm/expr ./vm/builtin/iml"},
	{"unkeyed-digest", "vm/builtin/iml/text/digest.go", "if value.IsEmpty(v) || v.Kind() == value.KindBuffer && len(v.Bytes()) == 0 {", "if false {", "./vm"},

	// The engine.
	{"stranger-signed-plan", "vm/engine.go", "return k.Equal(ed25519.PublicKey(p.Signature.Key[:]))", "return true", ""},
	{"rotated-secrets", "vm/internal/run/signers.go", "p.ConsumerKey, p.ConsumerSecret, p.PrivateKey, p.Token, p.TokenSecret, p.Callback, p.Realm, p.SignatureMethod, p.BodyHashValue, p.Version,", `p.ConsumerKey, p.ConsumerSecret, p.PrivateKey, p.Token, "", p.Callback, p.Realm, p.SignatureMethod, p.BodyHashValue, p.Version,`, ""},
	{"rotated-key-in-the-consumer-secret", "vm/internal/run/signers.go", "return s.keys.of(keyText{p.SignatureMethod, p.PrivateKey, p.ConsumerSecret}, prepare)", `return s.keys.of(keyText{p.SignatureMethod, p.PrivateKey, ""}, prepare)`, ""},
	{"rotated-private-key", "vm/internal/run/signers.go", "return s.keys.of(keyText{p.SignatureMethod, p.PrivateKey, p.ConsumerSecret}, prepare)", `return s.keys.of(keyText{p.SignatureMethod, "", p.ConsumerSecret}, prepare)`, ""},
	{"plaintext-over-http", "vm/internal/run/sign.go", `if p.SignatureMethod == oauth1.Plaintext && x.out.URL.Scheme == "http" && !x.run.host.AllowHTTP {`, `if false {`, "./vm"},
	{"changed-expiry", "vm/connection.go", "same := a.UID == b.UID && a.Expires.Equal(b.Expires) && value.StrictEqual(value.Collection(a.Data), value.Collection(b.Data))", "same := a.UID == b.UID && value.StrictEqual(value.Collection(a.Data), value.Collection(b.Data))", ""},
	{"depth-of-state", "vm/internal/state/continuation.go", "v, n, err := codec.Read(string(b[1:]), &codec.Rules{Nesting: nesting, Marks: true, Undefined: true, Shapes: shapes})", "v, n, err := codec.Read(string(b[1:]), &codec.Rules{Nesting: 10 * nesting, Marks: true, Undefined: true, Shapes: shapes})", ""},
	{"stored-holds-the-answer", "vm/internal/run/store.go", "out.Set(k, value.Detach(v))", "out.Set(k, v)", "./vm"},
	{"memory-of-a-body", "vm/internal/run/exchange.go", "if err := r.frame.Reserve(int64(len(res.Body))); err != nil {", "if err := r.frame.Reserve(0); err != nil {", "./vm"},
	{"token-of-the-callback", "vm/internal/run/resume.go", `case token != "" && !sameText(token, c.Key), denied != "" && !sameText(denied, c.Key):`, `case token != "" && !sameText(token, c.Key):`, "./vm"},
	{"missing-token", "vm/internal/run/resume.go", `case token != "" || denied != "" || optional || c.OutOfBand:`, `case true:`, "./vm"},
	{"late-callback", "vm/internal/run/resume.go", "case r.host.Clock().After(c.Deadline):", "case false:", "./vm"},
	{"changed-plan", "vm/internal/run/resume.go", "case c.PlanHash != r.hash:", "case false:", "./vm"},
	{"status-of-an-error", "parser/make/verdict.go", `{First: 500, Last: 599, Failure: ast.Failure{Type: "ConnectionError"}},`, `{First: 500, Last: 598, Failure: ast.Failure{Type: "ConnectionError"}},`, "./parser/make ./vm ./conformance"},
	{"another-stage-after-the-callback", "vm/internal/run/resume.go", "return r.stages(c.Stage + 1)", "return r.stages(c.Stage)", "./vm"},
	{"variant-of-a-callback", "vm/internal/run/resume.go", "conn := Connection{ID: c.ConnectionID, Data: c.Data, UID: c.UID, Label: (*Label)(c.Label), Expires: c.Expires, Variant: c.Variant}", "conn := Connection{ID: c.ConnectionID, Data: c.Data, UID: c.UID, Label: (*Label)(c.Label), Expires: c.Expires}", "./vm"},
	{"off-clears-below", "vm/internal/run/credentials.go", "if o.Off {", "if false {", "./vm ./conformance"},
	{"author-before-verdict", "vm/internal/run/judge.go", "if e.Message = cmp.Or(e.Message, f.Message); e.Message == \"\" && a.have {", "if e.Message = cmp.Or(f.Message, e.Message); e.Message == \"\" && a.have {", "./vm ./conformance"},
	{"unconfirmed-callback", "vm/internal/run/exchange.go", "h.unconfirmed = value.ToText(o.Value(\"oauth_callback_confirmed\")) != \"true\"", "h.unconfirmed = false", "./vm ./conformance"},
	{"token-says-when-it-ends", "vm/internal/run/answer.go", "a.expires = t.Expires(r.clock.now)", "_ = t", "./vm"},
	{"transport-per-engine", "vm/host.go", "if h.Transport == nil {", "if true {", ""},
	{"pinned-to-its-origins", "vm/internal/run/free.go", "if x.req == r.spec.Free && !slices.Contains(append(r.origins(base), f.Origins...), u.Origin()) {", "if len(f.Origins) < 0 && slices.Contains(f.Origins, base) {", "./vm"},
	{"only-safe-requests-again", "vm/internal/run/free.go", `case "", http.MethodGet, http.MethodHead, http.MethodOptions:`, `case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost:`, "./vm"},
	{"pending-key-of-a-state", "vm/internal/state/pending.go", `sum := sha256.Sum256([]byte(sealed))`, `sum := sha256.Sum256(nil)`, "./vm"},
	{"foreign-key-id", "vm/internal/state/seal.go", "plain, err := gcm.Open(body[:0], b[:gcm.NonceSize()], body, []byte(id))", "plain, err := gcm.Open(body[:0], b[:gcm.NonceSize()], body, []byte(s.first))", "./vm"},
	{"bytes-of-state", "vm/internal/state/continuation.go", "const Version = 4", "const Version = 5", ""},

	// Signing and sending.
	{"default-port-of-another-scheme", "runtime/uri/split.go", `return port == "" || portNumber(port) > 0 && portNumber(port) == portNumber(DefaultPort(scheme))`, `return port == "" || port == "80" || port == "443"`, "./runtime/uri ./runtime/oauth1"},
	{"user-before-the-last-at", "runtime/uri/split.go", "if i := strings.LastIndexByte(authority, '@'); i >= 0 {", "if i := strings.IndexByte(authority, '@'); i >= 0 {", ""},
	{"signature-is-not-signed", "runtime/oauth1/basestring.go", `params = slices.DeleteFunc(params, func(p Param) bool { return p.Name == "oauth_signature" })`, `params = slices.DeleteFunc(params, func(p Param) bool { return false })`, ""},
	{"host-header-wins", "runtime/oauth1/basestring.go", `if err != nil || r.Host == "" {`, `if true {`, ""},
	{"empty-path", "runtime/oauth1/basestring.go", `if c.Path == "" {`, `if false {`, ""},
	{"credentials-elsewhere", "runtime/oauth1/client/transport.go", "maps.DeleteFunc(out.Header, func(name string, _ []string) bool { return !redirect.Harmless(name) })", "maps.DeleteFunc(out.Header, func(name string, _ []string) bool { return redirect.Harmless(name) })", ""},
	{"secret-body-elsewhere", "runtime/wire/redirect.go", "if leaves && x.holdsSecret(&x.body) {", "if false {", "./runtime/wire"},
	{"signing-elsewhere", "runtime/wire/redirect.go", "x.signer = nil", "", "./runtime/wire ./vm"},
	{"metadata-addresses", "runtime/wire/egress.go", "case !addr.IsValid() || within(metadataNets, addr):", "case !addr.IsValid():", ""},
	{"same-bytes-once-more", "runtime/wire/request.go", "if resends(o.Method) {", "if false {", ""},
	{"translated-addresses", "runtime/wire/egress.go", "return embedded(netip.AddrFrom4([4]byte(b[12:16])))", "return classPublic", ""},
	{"masked-encodings", "runtime/content/mask.go", "if m.plain == nil || !encoded(s) {", "if true {", ""},

	// Cases and commands.
	{"keys-in-order", "conformance/compare.go", "if k != l || !identical(v, w) {", `if k == "" || l == "" || !identical(v, w) {`, ""},
	{"missing-connection", "conformance/flow.go", "case r.conn == nil:", "case false:", ""},
	{"unknown-field", "conformance/decode.go", "if !d.known[k] {", "if false {", ""},
	{"callback-that-nobody-asked-for", "conformance/internal/oracle/oauth.go", "own = false", "_ = own", "./conformance"},
	{"stored-connection-is-private", "cmd/imlc/internal/files/files.go", "out, err := replace(name, 0o600, nil)", "out, err := replace(name, 0o644, nil)", ""},
	{"key-file-is-private", "cmd/imlc/internal/files/files.go", "f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)", "f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)", ""},
	{"readable-key", "cmd/imlc/internal/vault/key.go", `if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {`, `if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o700 == 0 {`, ""},
	{"pending-of-another-kind", "cmd/imlc/internal/vault/pending.go", "if err := json.Unmarshal(data, &f); err != nil || f.Imlc != pendingKind {", "if err := json.Unmarshal(data, &f); err != nil {", ""},
	{"escapes-on-a-terminal", "cmd/imlc/internal/show/escape.go", `if harmless(r, n) || !line && (r == '\n' || r == '\t' || r == '\r' && strings.HasPrefix(s[i+n:], "\n")) {`, `if true {`, ""},
}
