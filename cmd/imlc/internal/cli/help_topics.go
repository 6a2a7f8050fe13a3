package cli

// topics are the texts of "imlc help TOPIC".
var topics = map[string]string{
	"oauth":       topicOAuth,
	"exit":        topicExit,
	"environment": topicEnvironment,
	"scripts":     topicScripts,
}

const topicOAuth = `OAuth 1.0a in five steps (RFC 5849)

  1. requestToken   signed with the consumer's secret; the answer holds a temporary token and its secret.
                    oauth_callback says where the browser must come back to.
  2. authorize      the browser goes to the provider with oauth_token. Nothing is signed. The user approves.
  3. callback       the browser comes back with oauth_token and oauth_verifier.
  4. accessToken    signed with both secrets and the verifier; the answer holds the lasting token and its secret.
  5. info           the first request with the lasting token proves that it works.

A signature covers the method, the address and all parameters of query, form body and header. When a provider says
signature_invalid, the two sides differ in one of these or in a secret. To find out which:

  imlc connect SPEC --trace                  shows each request with its base string
  imlc explain --method POST --url URL …     derives one signature step by step
  imlc explain … --against 'OAuth …'         compares it with the header of a library that works
  imlc explain … --against-base-string '…'   compares it with what the provider's debug page prints

Frequent causes: a query or form parameter that is not signed, a secret with a line break at its end, double encoding,
http where the provider thinks https (behind a proxy), a clock that is wrong (timestamp_refused), a verifier from
another tab. "imlc help errors" lists the codes; "imlc help signature_invalid" and the like explain provider problems.
`

const topicExit = `Exit codes

  0   good
  1   the spec, flow or case failed; the output says why
  2   wrong usage: an unknown flag, a file that cannot be read, a missing parameter
  3   an error in imlc itself; please report it

An interrupted command ends within a second, with 130 (Ctrl-C, SIGINT) or 143 (SIGTERM).
`

const topicEnvironment = `Environment variables

  IMLC_CONSUMER_SECRET   consumer secret for explain and sign
  IMLC_TOKEN_SECRET      token secret for explain and sign
  IMLC_PASSPHRASE        passphrase of stored connections (connect --save, call)
  IMLC_KEYRING           "off" keeps keys in files beside what they protect instead of the system's keyring
  IMLC_PARAM_NAME        value of the parameter NAME of a connection (connect, run), e.g. IMLC_PARAM_consumerSecret
  IMLC_SERVE_ADDR, IMLC_SERVE_URL, IMLC_SERVE_DATA, IMLC_SERVE_DATABASE, IMLC_SERVE_KEYS,
  IMLC_SERVE_EGRESS_PROXY, IMLC_SERVE_EGRESS_PROXY_AUTH
                         what the flags of serve say (--addr, --url, --data, --database, --keys)
  IMLC_SERVE_OIDC_ISSUER, …_CLIENT_ID, …_CLIENT_SECRET, …_CLIENT_SECRET_FILE, …_ALLOW, …_SCOPE, …_NAME, …_ALLOW_PRIVATE
                         how operators sign in to serve (--oidc-…); the secret stands in no flag
  NO_COLOR               set to anything: no colour
  CLICOLOR_FORCE         set to anything but 0: colour in files and pipes too (FORCE_COLOR is another name)
  XDG_STATE_HOME         where the history of eval --repl is kept
`

const topicScripts = `JavaScript in specs

Scripts of a spec run only with --enable-js (check, compile, connect, run, call, test), or in Go with
imlc.Options.Scripts and vm.Host.Scripts = jshost.New(jshost.Limits{}). Without it they are reported and left out.
With --js-process they run in a process of their own, whose memory is bounded; imlc serve --enable-js runs all so.

  Make    functions of the app, in functions/NAME.js, functions/NAME/code.js, as makecomapp.json names them, or in a
          single file under "functions": {"NAME": "code"}. Templates call them by name. iml.parseDate and all other
          functions of the language are there. "imlc eval --functions DIR" tries them in a template.

  Membrane getOAuthConfig, makeApiClient, test, refreshCredentials, disconnect: auth/NAME.js, filePath, or code in the
          spec, with a default export. apiClient makes signed requests; the last two become named calls.

  Zapier  functions of a CLI app as {source, args} or {require}: getRequestToken, authorizeUrl, getAccessToken, test,
          perform, beforeRequest, afterResponse, with z and bundle; of a converted app KEY_pre_write and its kin in the
          Zap object of the script. A marker that an export left ("$func$2$f$") has no source that could run.

A script has the language (what goja knows: all of ES2015 and most of what came since) and nothing else: no timers,
files, sockets, environment, require of modules, eval or Function. The clock is the instant of the run, random numbers
come from the host, console goes to --trace.

Limits of a call: 64 KiB of source (a function of Make: 5 000 characters), 2 s of running, 256 calls deep, 10 requests,
a result of 1 MiB and 64 levels, 64 MiB of memory as far as it can be seen from outside. What is reached is named in the
error (limit/script). docs/scripts.md has the whole, and how each platform differs.
`

// examples are the lines at the end of a command's help.
var examples = map[string]string{
	"check":    "  imlc check connection.jsonc\n  imlc check --strict --lint --format sarif apps/ > problems.sarif\n",
	"compile":  "  imlc compile connection.jsonc -o desk.imlc\n  imlc compile connection.jsonc --emit asm\n  imlc compile connection.jsonc --strip --sign release.pem -o desk.imlc\n",
	"convert":  "  imlc convert connection.jsonc --to zapier -o zapier/\n  imlc convert definition.json --to make > connection.jsonc\n  imlc convert spec.yml --to supermetrics --format json | jq .losses\n",
	"disasm":   "  imlc disasm desk.imlc\n",
	"run":      "  imlc run desk.imlc --param-file params.json\n  imlc compile --template greeting.txt && imlc run greeting.imlc --data data.json\n",
	"bench":    "  imlc bench connection.jsonc\n",
	"eval":     "  imlc eval 'Hi {{upper(name)}}' --set name=ada\n  imlc eval --json '{\"n\": \"{{1 + 1}}\"}'\n  imlc eval --repl --data data.json\n",
	"connect":  "  imlc connect connection.jsonc --param consumerKey=ck --save desk.age\n  imlc connect desk.imlc --param-file params.json --headless --allow-private --output json\n  imlc connect desk.imlc --param-file params.json --step start --state-file pending.json\n  imlc connect --resume pending.json --callback 'oauth_token=rt1&oauth_verifier=v1'\n",
	"call":     "  imlc call desk.age GET https://api.example.com/me\n  imlc call desk.age listNotes --input input.json\n",
	"explain":  "  imlc explain --method POST --url 'https://api.example.com/x?a=1' --consumer-key ck --consumer-secret-file secret.txt\n  imlc explain --curl request.txt --consumer-secret-file secret.txt\n  imlc explain --connection desk.age GET https://api.example.com/me\n",
	"sign":     "  imlc sign --url https://api.example.com/me --consumer-key ck --consumer-secret-file secret.txt --format curl\n",
	"provider": "  imlc provider\n  imlc provider --addr 127.0.0.1:8765 --page\n",
	"serve": "  imlc serve\n  imlc serve --url https://connect.example.com --database postgres://imlc@db/imlc --keys keys.json\n" +
		"  imlc serve --oidc-issuer https://accounts.google.com --oidc-client-id ID --oidc-client-secret-file secret --oidc-allow 'email=*@example.com -> admin'\n",
	"serve start":     "  imlc serve start --addr 127.0.0.1:8700\n",
	"serve login":     "  imlc serve login\n",
	"serve key":       "  imlc serve key backend --scope read,sessions,proxy\n",
	"serve doctor":    "  imlc serve doctor --url https://connect.example.com\n",
	"serve export":    "  imlc serve export -o copy.jsonl\n",
	"serve import":    "  imlc serve import copy.jsonl --database postgres://imlc@db/imlc --keys keys.json\n",
	"demo":            "  imlc demo\n",
	"completion":      "  source <(imlc completion bash)\n  imlc completion zsh > \"${fpath[1]}/_imlc\"\n  imlc completion fish > ~/.config/fish/completions/imlc.fish\n  imlc completion powershell | Out-String | Invoke-Expression\n",
	"schema":          "  imlc schema oauth1 > oauth1.schema.json\n  imlc schema make base\n",
	"man":             "  imlc man > /usr/local/share/man/man1/imlc.1\n",
	"test":            "  imlc test cases/\n  imlc test --watch .\n",
	"conformance run": "  imlc conformance run conformance/cases\n  imlc conformance run --engine './my-engine --serve' --format junit vectors.jsonl\n",
}
