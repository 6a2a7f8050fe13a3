package cli

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/paste"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm"
)

// signingFlags describe a request and the credentials that sign it.
type signingFlags struct {
	Words  []string `arg:"" optional:"" name:"method url" help:"Method and URL, instead of --method and --url."`
	Method string   `short:"X" help:"Method of the request." placeholder:"METHOD"`
	URL    string   `name:"url" help:"Absolute URL of the request, query included." placeholder:"URL"`
	bodyFlags
	Curl   string `help:"Read the request from a file with a curl command or a raw HTTP request, - for standard input. Its own OAuth header fills in what no flag says." placeholder:"FILE"`
	Scheme string `help:"Scheme of a raw HTTP request." enum:"https,http" default:"https"`

	Connection string `help:"Take the credentials from a stored connection, or with --spec from one printed by connect --output json --show-secrets." placeholder:"FILE"`
	Spec       string `help:"With --connection: the spec or plan that says how the connection signs, instead of the stored one." placeholder:"SPEC"`
	passphraseFlags
	ConsumerKey        string   `help:"Consumer key." placeholder:"KEY"`
	ConsumerSecretFile string   `help:"File with the consumer secret; else IMLC_CONSUMER_SECRET, else a prompt." placeholder:"FILE"`
	Token              string   `help:"Request token or access token." placeholder:"TOKEN"`
	TokenSecretFile    string   `help:"File with the token secret; else IMLC_TOKEN_SECRET, else a prompt when there is a token." placeholder:"FILE"`
	PrivateKeyFile     string   `help:"PEM key for the RSA methods." placeholder:"FILE"`
	SignatureMethod    string   `help:"HMAC-SHA1, HMAC-SHA256, HMAC-SHA512, RSA-SHA1, RSA-SHA256, RSA-SHA512 or PLAINTEXT. Default: HMAC-SHA1." placeholder:"NAME"`
	Transport          string   `help:"Where the protocol parameters travel: header, query or body. Default: header." enum:",header,query,body" default:"" placeholder:"NAME"`
	Realm              string   `help:"Realm of the header." placeholder:"TEXT"`
	Verifier           string   `help:"oauth_verifier." placeholder:"TEXT"`
	OAuthCallback      string   `name:"oauth-callback" help:"oauth_callback." placeholder:"URI"`
	BodyHash           string   `help:"auto computes oauth_body_hash; any other text is sent as it is." placeholder:"auto|TEXT"`
	OAuth              []string `name:"oauth" help:"Further signed protocol parameter." placeholder:"NAME=VALUE" sep:"none"`
	NoVersion          bool     `help:"Leave oauth_version out."`
	Nonce              string   `help:"Nonce instead of a random one." placeholder:"TEXT"`
	Timestamp          int64    `help:"Timestamp in Unix seconds instead of the present." placeholder:"N"`
}

// signing is a request ready to be signed.
type signing struct {
	params  oauth1.Params
	request oauth1.Request
	message *paste.Request
	// written is the URL before what is not sent was cut and lower-cased.
	written   string
	nonce     string
	timestamp int64
	// foreign is the OAuth header of a pasted request, nil when there was none.
	foreign *paste.Authorization
	// noSecret is set when no consumer secret was given anywhere.
	noSecret bool
}

// read gathers the request and the credentials.
func (f *signingFlags) read(c *command) (*signing, error) {
	m, err := f.message(c)
	if err != nil {
		return nil, err
	}
	s := &signing{message: m, foreign: m.TakeAuthorization(), nonce: f.Nonce, timestamp: f.Timestamp}
	if err := f.credentials(c, s); err != nil {
		return nil, err
	}
	if s.nonce == "" {
		var random [16]byte
		if _, err := io.ReadFull(c.Entropy, random[:]); err != nil {
			return nil, err
		}
		s.nonce = hex.EncodeToString(random[:])
	}
	if s.timestamp == 0 {
		s.timestamp = c.Now().Unix()
	}
	s.request = oauth1.Request{Method: m.Method, URL: uri.Escaped(m.URL), Host: m.Host, ContentType: m.Get("Content-Type")}
	s.written = asWritten(m.URL)
	if m.HasBody {
		s.request.Body = m.Body
	}
	return s, nil
}

// asWritten is a URL as somebody who signs it may have it: escaped, but with the case of its host, a path that is left out
// and its fragment, none of which is sent.
func asWritten(raw string) string {
	escaped := uri.Escaped(raw)
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return escaped
	}
	end := strings.IndexAny(rest+"/", "/?#")
	front := raw[:len(scheme)+len("://")+end]
	if len(front) > len(escaped) || !strings.EqualFold(front, escaped[:len(front)]) {
		return escaped
	}
	behind := escaped[len(front):]
	if !strings.HasPrefix(rest[end:], "/") {
		behind = strings.TrimPrefix(behind, "/")
	}
	if _, fragment, has := strings.Cut(raw, "#"); has {
		behind += "#" + uri.EscapePath(fragment)
	}
	return front + behind
}

// message builds the request from flags or from pasted text.
func (f *signingFlags) message(c *command) (*paste.Request, error) {
	m := &paste.Request{}
	if f.Curl != "" {
		data, err := c.readInput(f.Curl)
		if err != nil {
			return nil, err
		}
		if m, err = paste.Parse(string(data), f.Scheme); err != nil {
			return nil, usagef("%s: %v", f.Curl, err)
		}
	}
	switch len(f.Words) {
	case 0:
	case 1:
		m.URL = f.Words[0]
	case 2:
		m.Method, m.URL = f.Words[0], f.Words[1]
	default:
		return nil, usagef("expected METHOD URL, found %d words", len(f.Words))
	}
	if f.Method != "" {
		m.Method = f.Method
	}
	if f.URL != "" {
		m.URL = f.URL
	}
	if m.URL == "" {
		return nil, usagef("a request is missing: give --method and --url, or --curl FILE")
	}
	if err := f.apply(c, m); err != nil {
		return nil, err
	}
	if err := m.Wire(); err != nil {
		return nil, usagef("%v", err)
	}
	m.DefaultMethod()
	m.Method = strings.ToUpper(m.Method)
	return m, nil
}

// credentials fills in the signing parameters: from a stored connection or the pasted header, then from flags.
func (f *signingFlags) credentials(c *command, s *signing) error {
	p := &s.params
	if f.Connection != "" {
		if err := f.stored(c, p); err != nil {
			return err
		}
	} else if s.foreign != nil {
		// The same request is derived again.
		s.params = s.foreign.Params
		s.nonce, s.timestamp = cmp.Or(s.nonce, s.foreign.Nonce), cmp.Or(s.timestamp, s.foreign.Timestamp)
	}
	if err := f.override(c, p); err != nil {
		return err
	}
	if f.Spec != "" && f.Connection == "" {
		return usagef("--spec needs --connection FILE")
	}
	if p.ConsumerKey == "" {
		return usagef("a consumer key is missing: give --consumer-key, --connection FILE, or --curl with an OAuth header")
	}
	if f.Connection == "" {
		return f.secrets(c, s)
	}
	return nil
}

// stored takes the parameters of a connection, as its spec says.
func (f *signingFlags) stored(c *command, p *oauth1.Params) error {
	conn, err := f.connection(c)
	if err != nil {
		return err
	}
	engine, err := c.engine(conn, networkFlags{})
	if err != nil {
		return err
	}
	defer engine.Close()
	signing, err := engine.Signing(c.Context, conn.Connection)
	if err != nil {
		return err
	}
	c.tellSigning(signing)
	if signing.Params == nil {
		return usagef("%s: the spec of this connection signs nothing", f.Connection)
	}
	*p = *signing.Params
	return nil
}

// connection reads a stored connection, or a printed one.
func (f *signingFlags) connection(c *command) (*vault.Stored, error) {
	if f.Spec == "" {
		return c.openConnection(f.Connection, f.passphraseFlags)
	}
	p, err := c.loadPlan(f.Spec, specFlags{}, trustFlags{})
	if err != nil {
		return nil, err
	}
	if p.Connection == nil {
		return nil, usagef("%s holds a template, no connection", f.Spec)
	}
	data, err := c.readInput(f.Connection)
	if err != nil {
		return nil, err
	}
	s := &vault.Stored{Connection: &vm.Connection{}}
	if strings.HasPrefix(strings.TrimSpace(string(data)), "{") {
		if err := json.Unmarshal(data, s.Connection); err != nil || s.Connection.Data == nil {
			return nil, usagef("%s: expected a connection as connect --output json --show-secrets prints it", f.Connection)
		}
	} else if s, err = c.openConnection(f.Connection, f.passphraseFlags); err != nil {
		return nil, err
	}
	s.Plan = p
	return s, nil
}

// override applies the flags.
func (f *signingFlags) override(c *command, p *oauth1.Params) error {
	set := func(to *string, v string) {
		if v != "" {
			*to = v
		}
	}
	set(&p.ConsumerKey, f.ConsumerKey)
	set(&p.Token, f.Token)
	set(&p.SignatureMethod, f.SignatureMethod)
	set(&p.Verifier, f.Verifier)
	set(&p.Callback, f.OAuthCallback)
	set(&p.Realm, f.Realm)
	if f.NoVersion {
		p.OmitVersion = true
	}
	switch f.BodyHash {
	case "":
	case "auto":
		p.BodyHash = oauth1.BodyHashAuto
	default:
		p.BodyHash, p.BodyHashValue = oauth1.BodyHashGiven, f.BodyHash
	}
	if f.Transport != "" {
		transport, err := oauth1.ParseTransport(f.Transport)
		if err != nil {
			return usagef("--transport: %v", err)
		}
		p.Transport = transport
	}
	for _, s := range f.OAuth {
		name, text, ok := strings.Cut(s, "=")
		if !ok {
			return usagef("--oauth: expected NAME=VALUE")
		}
		p.Extra = append(p.Extra, uri.Pair{Name: name, Value: text})
	}
	if f.PrivateKeyFile != "" {
		data, err := c.readInput(f.PrivateKeyFile)
		if err != nil {
			return err
		}
		p.PrivateKey = string(data)
	}
	return nil
}

// secrets reads the shared secrets: from files, the environment or prompts, never from arguments.
func (f *signingFlags) secrets(c *command, s *signing) error {
	p := &s.params
	if strings.HasPrefix(p.SignatureMethod, "RSA-") && p.PrivateKey != "" {
		return nil
	}
	secret, found, err := c.secret(f.ConsumerSecretFile, "IMLC_CONSUMER_SECRET", "Consumer secret: ")
	if err != nil {
		return err
	}
	p.ConsumerSecret, s.noSecret = secret, !found
	if strings.HasPrefix(p.SignatureMethod, "RSA-") {
		return nil
	}
	if p.Token != "" || f.TokenSecretFile != "" {
		if p.TokenSecret, _, err = c.secret(f.TokenSecretFile, "IMLC_TOKEN_SECRET", "Token secret: "); err != nil {
			return err
		}
	}
	return nil
}

// secret reads a secret from a file, the environment, or a prompt when there is a terminal.
func (c *command) secret(file, env, question string) (text string, found bool, err error) {
	if file != "" {
		data, err := c.readInput(file)
		return trimLineBreak(string(data)), true, err
	}
	if text = c.Env(env); text != "" {
		return text, true, nil
	}
	if !c.interactive() {
		return "", false, nil
	}
	text, err = c.askSecret(question)
	return text, err == nil, err
}
