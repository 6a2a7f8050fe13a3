package oracle

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"hash"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// signer signs the hops of one request, from RFC 5849 and its extensions (spec oauth1.md §1, §2; make.md §12). It
// implements wire.Signer.
type signer struct {
	run                             *run
	method, transport, hash         string
	secret, tokenSecret, privateKey string
	realm                           string
	hasRealm                        bool
	free                            bool       // of a request of the host's own
	protocol, extra                 []uri.Pair // what is sent besides timestamp, nonce, method, hash and signature
	key                             *rsa.PrivateKey
	signedOnly                      []uri.Pair // what is signed and not sent
	bareForms                       bool       // forms count only when their type has no parameters
}

func (s *signer) add(name, text string) {
	s.protocol = append(s.protocol, uri.Pair{Name: name, Value: text})
}

// Sign implements wire.Signer.
func (s *signer) Sign(out *wire.Outgoing) error {
	at := s.run.now // the instant of the first hop; later ones read the clock (spec make.md §26.13)
	if out.Hop > 0 {
		at = s.run.spec.host.Clock()
	}
	transport := s.transport
	if out.BodyDropped && transport == "body" { // §8.2
		transport = "header"
	}
	nonce, form := s.run.spec.host.Nonce(), formPairs(out)
	switch cannot := transport == "body" && !s.takesPairs(out); {
	case cannot && s.free: // the host chose the body, and the author could not know of it
		transport = "header"
	case cannot:
		return fail(configurationError, "", "oauth: transport_method of body requires POST and content-type application/x-www-form-urlencoded")
	}
	all := append(slices.Clone(s.protocol), s.extra...)
	all = append(all, uri.Pair{Name: "oauth_signature_method", Value: s.method}, uri.Pair{Name: "oauth_timestamp", Value: seconds(at)},
		uri.Pair{Name: "oauth_nonce", Value: nonce})
	if digest, ok := s.bodyHash(out, isForm(out.Header.Get("Content-Type")) || transport == "body"); ok {
		all = append(all, uri.Pair{Name: "oauth_body_hash", Value: digest})
	}
	if s.bareForms && strings.Contains(out.Header.Get("Content-Type"), ";") {
		form = nil
	}
	signature, err := s.sign(baseString(out, slices.Concat(uri.SplitPairs(out.URL.Query), s.signedOnly, form, all)))
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b uri.Pair) int { return strings.Compare(a.Name, b.Name) })
	all = append(all, uri.Pair{Name: "oauth_signature", Value: signature})
	switch transport {
	case "query":
		out.AppendQuery(uri.JoinPairs(all))
	case "body":
		out.AppendForm(uri.JoinPairs(all))
	default:
		out.Header.Set("Authorization", s.authorization(all))
	}
	return nil
}

// authorization is the header of RFC 5849 §3.5.1, with realm as a quoted string in front.
func (s *signer) authorization(all []uri.Pair) string {
	var fields []string
	if s.hasRealm {
		fields = append(fields, `realm="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s.realm)+`"`)
	}
	for _, p := range all {
		fields = append(fields, uri.Encode(p.Name)+`="`+uri.Encode(p.Value)+`"`)
	}
	return "OAuth " + strings.Join(fields, ",")
}

// Strips implements wire.Signer (spec make.md §8.2).
func (s *signer) Strips(name string, leaves bool) bool {
	own := []string{"oauth_signature", "oauth_signature_method", "oauth_timestamp", "oauth_nonce"}
	_, hashed := s.bodyHash(&wire.Outgoing{}, false)
	signs := slices.Contains(own, name) || named(s.protocol, name) || named(s.extra, name) || hashed && name == "oauth_body_hash"
	return signs && (leaves || s.transport == "query")
}

// formPairs are the pairs of the body that are signed: those of a form, nil for any other body (RFC 5849 §3.4.1.3.1).
func formPairs(out *wire.Outgoing) []uri.Pair {
	if !out.Body.Present || !out.Body.Pairs || !isForm(out.Header.Get("Content-Type")) {
		return nil
	}
	return append([]uri.Pair{}, uri.SplitPairs(string(out.Body.Content))...)
}

// isForm reports whether a Content-Type is that of a form, without case and parameters (spec oauth1.md §3, pitfall 15).
func isForm(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded")
}

// takesPairs reports whether the protocol parameters can end the body, or be the whole of it: that of a POST (spec make.md
// §12.5), of a request of the host's own with any method that has a body (RFC 5849 §3.5.2).
func (s *signer) takesPairs(out *wire.Outgoing) bool {
	kind := out.Header.Get("Content-Type")
	switch {
	case !s.free && out.Method != "POST", out.Method == "GET", out.Method == "HEAD":
		return false
	case out.Body.Present:
		return formPairs(out) != nil
	case s.free && kind == "":
		return slices.Contains([]string{"POST", "PUT", "PATCH"}, out.Method)
	}
	return isForm(kind) || kind == "" && isForm(out.Body.ContentType)
}

// bodyHash is oauth_body_hash: a text of the author, or the plain hash of the bytes unless the request is that of a
// form (spec make.md §12.6).
func (s *signer) bodyHash(out *wire.Outgoing, form bool) (string, bool) {
	switch {
	case s.hash == "" || s.hash == "false" || s.hash == "true" && form:
		return "", false
	case s.hash != "true":
		return s.hash, true
	}
	sum := sha1.Sum(out.Body.Content)
	return base64.StdEncoding.EncodeToString(sum[:]), true
}

// baseString is that of RFC 5849 §3.4.1: pairs are sorted by encoded name, then by encoded value.
func baseString(out *wire.Outgoing, pairs []uri.Pair) string {
	encoded := make([][2]string, len(pairs))
	for i, p := range pairs {
		encoded[i] = [2]string{uri.Encode(p.Name), uri.Encode(p.Value)}
	}
	slices.SortFunc(encoded, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	params := make([]string, len(encoded))
	for i, p := range encoded {
		params[i] = p[0] + "=" + p[1]
	}
	base := out.URL.Base()
	if host := strings.ToLower(out.Header.Get("Host")); host != "" { // wins over the URL (pitfall 6)
		port := map[string]string{"http": ":80", "https": ":443"}[out.URL.Scheme]
		base = out.URL.Scheme + "://" + strings.TrimSuffix(host, port) + out.URL.Path
	}
	return strings.ToUpper(out.Method) + "&" + uri.Encode(base) + "&" + uri.Encode(strings.Join(params, "&"))
}

// hashes are those of the signature methods.
var hashes = map[string]struct {
	new func() hash.Hash
	id  crypto.Hash
}{"SHA1": {sha1.New, crypto.SHA1}, "SHA256": {sha256.New, crypto.SHA256}, "SHA512": {sha512.New, crypto.SHA512}}

// sign makes the signature of a base string (RFC 5849 §3.4.2 to §3.4.4).
func (s *signer) sign(base string) (string, error) {
	shared := uri.Encode(s.secret) + "&" + uri.Encode(s.tokenSecret)
	if s.method == oauth1.Plaintext {
		return shared, nil
	}
	kind, name, _ := strings.Cut(s.method, "-")
	h := hashes[name]
	if kind == "HMAC" {
		m := hmac.New(h.new, []byte(shared))
		m.Write([]byte(base))
		return base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
	}
	d := h.new()
	d.Write([]byte(base))
	signature, err := rsa.SignPKCS1v15(nil, s.key, h.id, d.Sum(nil))
	return base64.StdEncoding.EncodeToString(signature), err
}

// readKey reads the private key of the RSA methods: private_key, else a PEM text in consumer_secret (spec make.md
// §12.4). What is wrong with one is said in the words of the runtime.
func (s *signer) readKey() error {
	if _, err := oauth1.PrepareKey(&oauth1.Params{SignatureMethod: s.method, ConsumerSecret: s.secret, PrivateKey: s.privateKey}, oauth1.Registry{}); err != nil {
		return fail(configurationError, "", "oauth: %s", err)
	}
	text := s.privateKey
	if text == "" {
		text = s.secret
	}
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil {
		return errors.New("the runtime accepts a key that is no PEM text")
	}
	var err error
	if s.key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	s.key, _ = key.(*rsa.PrivateKey)
	return err
}
