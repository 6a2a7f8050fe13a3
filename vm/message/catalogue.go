package message

import "sync"

// The ids of messages that several rooms use. Those of fields are "field/" and what is wrong with the field; "word/" is
// before an argument and one of its words, see Catalogue.
const (
	UnknownPending       = "authorisation/unknown"
	AlreadyUsed          = "authorisation/used"
	InProgress           = "authorisation/in-progress"
	Expired              = "authorisation/expired"
	SpecChanged          = "authorisation/spec-changed"
	UnknownKey           = "authorisation/unknown-key"
	NoRequestToken       = "authorisation/no-request-token"
	CallbackNotConfirmed = "authorisation/callback-not-confirmed"
	NoCallbackToken      = "authorisation/no-callback-token"
	TokenMismatch        = "authorisation/token-mismatch"
	Refused              = "authorisation/refused"

	OtherPlan         = "connection/other-plan"
	Gone              = "connection/gone"
	ForeignOrigin     = "connection/foreign-origin"
	NoCall            = "connection/no-call"
	NoBaseURL         = "connection/no-base-url"
	NoRenewal         = "connection/no-renewal"
	Renewing          = "connection/renewing"
	CommonNotValid    = "connection/common"
	NoVariants        = "connection/no-variants"
	NoVariantEnabled  = "connection/no-variant-enabled"
	SeveralVariants   = "connection/several-variants"
	VariantNotEnabled = "connection/variant-not-enabled"
	VariantNotNamed   = "connection/variant-not-named"
	VariantUnknown    = "connection/variant-unknown"
	VariantGone       = "connection/variant-gone"

	Status          = "answer/status"
	StatusDetail    = "answer/status-detail"
	NotValid        = "answer/not-valid"
	NoAnswer        = "answer/none"
	NoAnswerFrom    = "answer/none-from"
	Destination     = "answer/destination"
	Unreadable      = "answer/unreadable"
	RedirectLoop    = "answer/redirect-loop"
	RedirectInvalid = "answer/redirect-invalid"
	RedirectSecret  = "answer/redirect-secret"
	TokenPage       = "answer/token-page"
	TokenIncomplete = "answer/token-incomplete"
	TokenUnreadable = "answer/token-unreadable"
	IdentityMissing = "answer/identity-missing"

	HostFailed     = "host/failed"
	NotAllowed     = "host/not-allowed"
	NoRoom         = "host/no-room"
	BodyUnreadable = "host/body-unreadable"
	SecretNotGiven = "host/secret-not-given"

	Limit     = "limit/reached"
	Cancelled = "limit/cancelled"

	Expression     = "spec/expression"
	Setting        = "spec/setting"
	NoURL          = "spec/no-url"
	BadURL         = "spec/bad-url"
	NoObject       = "spec/no-object"
	NoDate         = "spec/no-date"
	DateBeyond     = "spec/date-beyond"
	ResponseType   = "spec/response-type"
	BodyType       = "spec/body-type"
	ScriptBodyType = "spec/script-body-type"
	ValueMissing   = "spec/value-missing"
	ValueEmpty     = "spec/value-empty"
	ValueKind      = "spec/value-kind"
	PathParameter  = "spec/path-parameter-missing"
	Placeholder    = "spec/placeholder-without-value"
	ListInText     = "spec/list-in-text"
	ObjectInText   = "spec/object-in-text"

	NoConsumerKey    = "oauth/no-consumer-key"
	Transport        = "oauth/transport"
	BodyTransport    = "oauth/body-transport"
	BodyHashMethod   = "oauth/body-hash-method"
	PrivateKeyMethod = "oauth/private-key-method"
	PlaintextOpen    = "oauth/plaintext-over-http"
	SignatureMethod  = "oauth/signature-method"
	Signing          = "oauth/signing"
	// KeyPrefix goes before the oauth1.KeyReason why a private key cannot be used.
	KeyPrefix = "oauth/key-"
)

// The catalogues are made when somebody asks for one: most programs that compute an expression never do.
var english = sync.OnceValue(func() Catalogue {
	return Catalogue{
		UnknownPending:       "this authorisation is not known",
		AlreadyUsed:          "this authorisation was already used or is not known",
		InProgress:           "this authorisation is being completed already",
		Expired:              "this authorisation took too long",
		SpecChanged:          "the connection's specification changed meanwhile",
		UnknownKey:           "this authorisation was sealed under a key that is not in use here",
		NoRequestToken:       "Request token is missing",
		CallbackNotConfirmed: "the service did not confirm the callback address (oauth_callback_confirmed)",
		NoCallbackToken:      "the callback has no oauth_token",
		TokenMismatch:        "the callback does not belong to this authorisation",
		Refused:              "Authorization was refused by the service ({said})",

		Gone:              "the connection was deleted meanwhile",
		OtherPlan:         "the connection was made by another version of its specification",
		ForeignOrigin:     "the connection must not be used with {origin}",
		NoCall:            "the spec has no call named {call}",
		NoBaseURL:         "the connection has no base URL to put {url} behind: give an absolute URL",
		NoRenewal:         "the specification does not say how to renew the connection",
		Renewing:          "the connection is being renewed elsewhere, and that takes too long",
		CommonNotValid:    "the common data is not valid: {fields}",
		NoVariants:        "the spec has no variants, the grant names {variant}",
		NoVariantEnabled:  "no variant of the spec is enabled; expected exactly one of {variants}",
		SeveralVariants:   "several variants of the spec are enabled: {enabled}; expected exactly one of {variants}",
		VariantNotEnabled: "the spec has no variant named {variant} that is enabled; expected exactly one of {variants}",
		VariantNotNamed:   "the connection names none of the variants of the spec; expected exactly one of {variants}",
		VariantUnknown:    "the spec has no variant named {variant}; expected exactly one of {variants}",
		VariantGone:       "the spec has no variant named {variant}",

		Status:          "[{status}] {reason}",
		StatusDetail:    "[{status}] {reason}: {detail}",
		NotValid:        "the answer is not valid",
		NoAnswer:        "no response ({cause})",
		NoAnswerFrom:    "no response from {host} ({cause})",
		Destination:     "no response from {host} ({cause}): destination {destination} is refused: {refusal}",
		Unreadable:      "Failed to parse response body as {type}",
		RedirectLoop:    "Exceeded maxRedirects. Probably stuck in a redirect loop {url}",
		RedirectInvalid: `Invalid URI "{url}"`,
		RedirectSecret:  "the redirect leads to another origin and would take a body there that holds a secret",
		TokenPage:       "the token answer is an HTML page, expected oauth_token and oauth_token_secret; check the url of the call and what the service answers",
		TokenIncomplete: "the token answer has no usable {missing}, expected oauth_token and oauth_token_secret as texts; check the url of the call and what the service answers",
		TokenUnreadable: `the token answer (content type {type}) cannot be read: {detail}; expected a form, JSON or XML`,
		IdentityMissing: "{field} has no value",

		HostFailed:     "the host failed to do its {part}",
		NotAllowed:     "the host does not allow a request to {host} now",
		NoRoom:         "the host has no room for the body of the request",
		BodyUnreadable: "the body of the request cannot be read",
		SecretNotGiven: "the host does not supply the secret {secret}",

		Limit:     "{code}: the limit on {name} is reached ({limit})",
		Cancelled: "{code}: cancelled by the host",

		Expression:     "{detail}",
		Setting:        "{setting}: {detail}",
		NoURL:          "URL is missing",
		BadURL:         `Invalid URI "{url}"`,
		NoObject:       "{pointer}: expected an object, got {kind}",
		NoDate:         "{pointer}: expected a date, Unix seconds or a text like 2030-01-02T03:04:05Z, got {kind}",
		DateBeyond:     "{pointer}: expected a date of the years 1 to 9999, got one beyond them; is a time in milliseconds read as seconds?",
		ResponseType:   "{pointer}: {word} is no response type; use automatic, json, urlencoded, text, string, raw, binary or xml",
		BodyType:       "{pointer}: {word} is no body type; use json, urlencoded, multipart/form-data, text, string, raw or binary",
		ScriptBodyType: "{word} is no body type; use json, form or text",
		ValueMissing:   "{of}: {key} is missing, expected a text",
		ValueEmpty:     "{of}: {key} is empty, expected a text",
		ValueKind:      "{of}: {key} is {kind}, expected {expected}",
		PathParameter:  "the path parameter {parameter} is missing",
		Placeholder:    "the placeholder {placeholder} has no value",
		ListInText:     "a curly inside a text comes to a list, expected a text, a number or a boolean",
		ObjectInText:   "a curly inside a text comes to an object, expected a text, a number or a boolean",

		NoConsumerKey:    "oauth: consumer_key is required",
		Transport:        "oauth: transport_method invalid",
		BodyTransport:    "oauth: transport_method of body requires POST and content-type application/x-www-form-urlencoded",
		BodyHashMethod:   "oauth: {method} signature_method not supported with body_hash signing.",
		PrivateKeyMethod: "oauth: private_key is for RSA methods; {method} needs consumer_secret",
		PlaintextOpen:    "oauth: PLAINTEXT over http shows the secrets to everyone on the way",
		SignatureMethod:  "Signature method not supported: {method}",
		Signing:          "oauth: {detail}",

		KeyPrefix + "missing":     "oauth: {method}: no private key was given: set the private key to a PEM text",
		KeyPrefix + "not-pem":     "oauth: {method}: the private key is not PEM text: expected a block from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----",
		KeyPrefix + "encrypted":   "oauth: {method}: the private key is encrypted: decrypt it first, for example with openssl pkey",
		KeyPrefix + "unreadable":  "oauth: {method}: the private key cannot be read: expected an RSA key as PKCS#1 or PKCS#8",
		KeyPrefix + "not-private": "oauth: {method}: the PEM text holds no private key: a public key or certificate cannot sign",
		KeyPrefix + "not-rsa":     "oauth: {method}: the private key is not an RSA key",
		KeyPrefix + "too-small":   "oauth: {method}: the RSA key is too small: expected at least 1024 bits",
		KeyPrefix + "too-large":   "oauth: {method}: the RSA key is too large: expected at most 8192 bits",
		KeyPrefix + "not-shared":  "oauth: {method}: a private key was given but no consumer secret: use an RSA method or set the consumer secret",
		KeyPrefix + "unusable":    "oauth: {method}: the key cannot make this signature: its modulus may be too small for the hash, or its parts do not fit together",

		"word/cause/dns":                              "dns",
		"word/cause/connect":                          "connect",
		"word/cause/reset":                            "reset",
		"word/cause/tls":                              "tls",
		"word/cause/timeout":                          "timeout",
		"word/cause/policy":                           "policy",
		"word/name/steps":                             "steps",
		"word/name/memory":                            "memory",
		"word/name/value bytes":                       "value bytes",
		"word/name/items":                             "items",
		"word/name/nesting":                           "nesting",
		"word/name/run time":                          "run time",
		"word/name/request time":                      "request time",
		"word/name/regular expression time":           "regular expression time",
		"word/name/requests":                          "requests",
		"word/name/request URL":                       "request URL",
		"word/name/request headers":                   "request headers",
		"word/name/request body":                      "request body",
		"word/name/signed parameters":                 "signed parameters",
		"word/name/response headers":                  "response headers",
		"word/name/response body":                     "response body",
		"word/name/decompression layers":              "decompression layers",
		"word/name/callback query":                    "callback query",
		"word/name/work of an expression of JSONata":  "work of an expression of JSONata",
		"word/name/depth of an expression of JSONata": "depth of an expression of JSONata",
		"word/name/script source bytes":               "script source bytes",
		"word/name/script time in milliseconds":       "script time in milliseconds",
		"word/name/script call stack":                 "script call stack",
		"word/name/script calls of its host":          "script calls of its host",
		"word/name/script requests":                   "script requests",
		"word/name/script result bytes":               "script result bytes",
		"word/name/script result depth":               "script result depth",
		"word/name/script memory":                     "script memory",
		"word/name/scripts that do not end":           "scripts that do not end",
		"word/refusal/only https and http are known":  "only https and http are known",
		"word/refusal/plain http is not allowed; use https or allow http":            "plain http is not allowed; use https or allow http",
		"word/refusal/the host is not among the allowed hosts":                       "the host is not among the allowed hosts",
		"word/refusal/the host is among the denied hosts":                            "the host is among the denied hosts",
		"word/refusal/it is an address in an unusual form; write it as a.b.c.d":      "it is an address in an unusual form; write it as a.b.c.d",
		"word/refusal/it is a loopback address; allow private addresses to reach it": "it is a loopback address; allow private addresses to reach it",
		"word/refusal/it is a link-local, metadata or reserved address":              "it is a link-local, metadata or reserved address",
		"word/refusal/it is a private address; allow private addresses to reach it":  "it is a private address; allow private addresses to reach it",
		"word/refusal/the name must mean a loopback address":                         "the name must mean a loopback address",
		"word/refusal/its address cannot be read":                                    "its address cannot be read",

		"word/expected/a text": "a text",

		"word/part/part":                              "part",
		"word/part/giving of common data":             "giving of common data",
		"word/part/giving of the environment":         "giving of the environment",
		"word/part/giving of a random text":           "giving of a random text",
		"word/part/giving of an id":                   "giving of an id",
		"word/part/giving of a nonce":                 "giving of a nonce",
		"word/part/giving of a request":               "giving of a request",
		"word/part/keeping of connections":            "keeping of connections",
		"word/part/keeping of state":                  "keeping of state",
		"word/part/keeping of pending authorisations": "keeping of pending authorisations",
		"word/part/keeping of a note":                 "keeping of a note",
		"word/part/sealing of state":                  "sealing of state",

		"field/required":          "Field is mandatory.",
		"field/type":              "Expected type '{expected}', got type '{found}'.",
		"field/not-array":         "Value is not an array.",
		"field/static":            "Value contains prohibited IML expression.",
		"field/format":            "Value is not a valid {format}.",
		"field/pattern":           "Value doesn't match the pattern: {pattern}",
		"field/too-short":         "Value must be at least {limit} characters long.",
		"field/too-long":          "Value exceeded maximum length of {limit} characters.",
		"field/enum":              "Value must be one of the following: {options}",
		"field/option":            "Value '{value}' not found in options.",
		"field/too-small":         "Value is too small. Minimum value is {limit}.",
		"field/too-big":           "Value is too big. Maximum value is {limit}.",
		"field/too-few":           "Array has less than {limit} items.",
		"field/too-many":          "Array has more than {limit} items.",
		"field/selected-too-few":  "Selected less than {limit} items.",
		"field/selected-too-many": "Selected more than {limit} items.",
	}
})

var german = sync.OnceValue(func() Catalogue {
	return Catalogue{
		UnknownPending:       "Diese Autorisierung ist nicht bekannt.",
		AlreadyUsed:          "Diese Autorisierung wurde bereits verwendet oder ist nicht bekannt.",
		InProgress:           "Diese Autorisierung wird gerade abgeschlossen.",
		Expired:              "Diese Autorisierung hat zu lange gedauert.",
		SpecChanged:          "Die Beschreibung der Verbindung wurde inzwischen geändert.",
		UnknownKey:           "Diese Autorisierung ist mit einem Schlüssel versiegelt, der hier nicht in Gebrauch ist.",
		NoRequestToken:       "Der Dienst gab keinen vorläufigen Schlüssel, mit dem die Autorisierung weitergehen kann.",
		CallbackNotConfirmed: "Der Dienst hat die Rückrufadresse nicht bestätigt (oauth_callback_confirmed).",
		NoCallbackToken:      "Im Rückruf fehlt oauth_token.",
		TokenMismatch:        "Der Rückruf gehört nicht zu dieser Autorisierung.",
		Refused:              "Der Dienst hat die Autorisierung abgelehnt ({said}).",

		Gone:              "Die Verbindung wurde inzwischen gelöscht.",
		OtherPlan:         "Die Verbindung stammt von einer anderen Fassung ihrer Beschreibung.",
		ForeignOrigin:     "Die Verbindung darf nicht mit {origin} verwendet werden.",
		NoCall:            "Die Beschreibung hat keinen Aufruf namens {call}.",
		NoBaseURL:         "Die Verbindung hat keine Basisadresse, hinter die {url} gehört: Nötig ist eine vollständige Adresse.",
		NoRenewal:         "Die Beschreibung sagt nicht, wie die Verbindung erneuert wird.",
		Renewing:          "Die Verbindung wird anderswo erneuert, und das dauert zu lange.",
		CommonNotValid:    "Die gemeinsamen Daten des Betreibers sind nicht gültig: {fields}",
		NoVariants:        "Die Beschreibung kennt nur eine Art, sich zu verbinden, verlangt wurde {variant}.",
		NoVariantEnabled:  "Keine Art, sich zu verbinden, ist eingeschaltet; erwartet wird genau eine von {variants}.",
		SeveralVariants:   "Mehrere Arten, sich zu verbinden, sind eingeschaltet: {enabled}; erwartet wird genau eine von {variants}.",
		VariantNotEnabled: "Eine Art, sich zu verbinden, namens {variant} ist nicht eingeschaltet; erwartet wird genau eine von {variants}.",
		VariantNotNamed:   "Die Verbindung nennt keine der Arten, sich zu verbinden; erwartet wird genau eine von {variants}.",
		VariantUnknown:    "Die Beschreibung kennt keine Art, sich zu verbinden, namens {variant}; erwartet wird genau eine von {variants}.",
		VariantGone:       "Die Beschreibung kennt keine Art, sich zu verbinden, namens {variant}.",

		Status:          "Der Dienst antwortete mit [{status}] {reason}.",
		StatusDetail:    "Der Dienst antwortete mit [{status}] {reason}: {detail}",
		NotValid:        "Die Antwort ist nicht gültig.",
		NoAnswer:        "Keine Antwort ({cause}).",
		NoAnswerFrom:    "Keine Antwort von {host} ({cause}).",
		Destination:     "Keine Antwort von {host} ({cause}): Das Ziel {destination} wird nicht zugelassen: {refusal}",
		Unreadable:      "Die Antwort ist nicht als {type} lesbar.",
		RedirectLoop:    "Der Dienst leitet zu oft weiter, wohl im Kreis: {url}",
		RedirectInvalid: "Der Dienst leitet an eine ungültige Adresse weiter: {url}",
		RedirectSecret:  "Der Dienst leitet an eine fremde Adresse weiter, die ein Geheimnis zu sehen bekäme.",
		TokenPage:       "Statt oauth_token und oauth_token_secret kam eine HTML-Seite; zu prüfen sind die Adresse des Aufrufs und was der Dienst antwortet.",
		TokenIncomplete: "In der Antwort fehlt ein brauchbares {missing}, erwartet werden oauth_token und oauth_token_secret als Texte; zu prüfen sind die Adresse des Aufrufs und was der Dienst antwortet.",
		TokenUnreadable: "Die Antwort vom Typ {type} ist nicht lesbar, erwartet wird ein Formular, JSON oder XML: {detail}",
		IdentityMissing: "{field} hat keinen Wert.",

		HostFailed:     "Der Betreiber konnte seinen Teil nicht leisten ({part}).",
		NotAllowed:     "Der Betreiber erlaubt zurzeit keine Anfrage an {host}.",
		NoRoom:         "Der Betreiber hat keinen Platz für den Inhalt der Anfrage.",
		BodyUnreadable: "Der Inhalt der Anfrage ist nicht lesbar.",
		SecretNotGiven: "Der Betreiber gibt das Geheimnis {secret} nicht.",

		Limit:     "Die Grenze für {name} ist erreicht ({limit}).",
		Cancelled: "Der Betreiber hat abgebrochen.",

		Expression:     "Ein Ausdruck der Verbindung schlug fehl: {detail}",
		Setting:        "Die Anfrage ist falsch beschrieben, {setting}: {detail}",
		NoURL:          "Die Adresse der Anfrage fehlt.",
		BadURL:         "Die Adresse „{url}“ ist ungültig.",
		NoObject:       "{pointer}: Erwartet wird ein Objekt, gefunden wurde {kind}.",
		NoDate:         "{pointer}: Erwartet wird ein Datum, Unix-Sekunden oder ein Text wie 2030-01-02T03:04:05Z, gefunden wurde {kind}.",
		DateBeyond:     "{pointer}: Erwartet wird ein Datum der Jahre 1 bis 9999, dieses liegt außerhalb; sind Millisekunden als Sekunden gelesen?",
		ResponseType:   "{pointer}: {word} ist keine Art von Antwort; möglich sind automatic, json, urlencoded, text, string, raw, binary und xml.",
		BodyType:       "{pointer}: {word} ist keine Art von Inhalt; möglich sind json, urlencoded, multipart/form-data, text, string, raw und binary.",
		ScriptBodyType: "{word} ist keine Art von Inhalt; möglich sind json, form und text.",
		ValueMissing:   "{of}: {key} fehlt, erwartet wird ein Text.",
		ValueEmpty:     "{of}: {key} ist leer, erwartet wird ein Text.",
		ValueKind:      "{of}: {key} ist {kind}, erwartet wird {expected}.",
		PathParameter:  "Der Pfadparameter {parameter} fehlt.",
		Placeholder:    "Der Platzhalter {placeholder} hat keinen Wert.",
		ListInText:     "Ein Platzhalter in einem Text ergibt eine Liste, erwartet wird ein Text, eine Zahl oder ein Wahrheitswert.",
		ObjectInText:   "Ein Platzhalter in einem Text ergibt ein Objekt, erwartet wird ein Text, eine Zahl oder ein Wahrheitswert.",

		NoConsumerKey:    "oauth: consumer_key fehlt.",
		Transport:        "oauth: transport_method ist ungültig.",
		BodyTransport:    "oauth: transport_method body verlangt POST und den Content-Type application/x-www-form-urlencoded.",
		BodyHashMethod:   "oauth: Mit body_hash geht die signature_method {method} nicht.",
		PrivateKeyMethod: "oauth: private_key ist für RSA-Verfahren da; {method} braucht consumer_secret.",
		PlaintextOpen:    "oauth: PLAINTEXT über http zeigt die Geheimnisse allen, die unterwegs mitlesen.",
		SignatureMethod:  "Das Signaturverfahren {method} ist nicht bekannt.",
		Signing:          "Die Anfrage lässt sich so nicht signieren: {detail}",

		KeyPrefix + "missing":     "oauth: {method}: Der private Schlüssel fehlt: Nötig ist ein PEM-Text.",
		KeyPrefix + "not-pem":     "oauth: {method}: Der private Schlüssel ist kein PEM-Text: Erwartet wird ein Block von -----BEGIN PRIVATE KEY----- bis -----END PRIVATE KEY-----.",
		KeyPrefix + "encrypted":   "oauth: {method}: Der private Schlüssel ist verschlüsselt: Er muss zuerst entschlüsselt werden, etwa mit openssl pkey.",
		KeyPrefix + "unreadable":  "oauth: {method}: Der private Schlüssel ist nicht lesbar: Erwartet wird ein RSA-Schlüssel als PKCS#1 oder PKCS#8.",
		KeyPrefix + "not-private": "oauth: {method}: Der PEM-Text enthält keinen privaten Schlüssel: Ein öffentlicher Schlüssel oder ein Zertifikat kann nicht signieren.",
		KeyPrefix + "not-rsa":     "oauth: {method}: Der private Schlüssel ist kein RSA-Schlüssel.",
		KeyPrefix + "too-small":   "oauth: {method}: Der RSA-Schlüssel ist zu klein: Erwartet werden mindestens 1024 Bit.",
		KeyPrefix + "too-large":   "oauth: {method}: Der RSA-Schlüssel ist zu groß: Erwartet werden höchstens 8192 Bit.",
		KeyPrefix + "not-shared":  "oauth: {method}: Es gibt einen privaten Schlüssel, aber kein Consumer Secret: Nötig ist ein RSA-Verfahren oder das Consumer Secret.",
		KeyPrefix + "unusable":    "oauth: {method}: Der Schlüssel kann diese Signatur nicht machen: Vielleicht ist er zu klein für den Hash, oder seine Teile passen nicht zusammen.",

		"word/cause/dns":                              "der Name ist nicht zu finden",
		"word/cause/connect":                          "der Rechner ist nicht zu erreichen",
		"word/cause/reset":                            "die Verbindung brach ab",
		"word/cause/tls":                              "die sichere Verbindung kam nicht zustande",
		"word/cause/timeout":                          "die Zeit ist abgelaufen",
		"word/cause/policy":                           "das Ziel ist hier nicht erlaubt",
		"word/name/steps":                             "Rechenschritte",
		"word/name/memory":                            "den Arbeitsspeicher",
		"word/name/value bytes":                       "die Größe eines Werts in Bytes",
		"word/name/items":                             "die Zahl der Einträge",
		"word/name/nesting":                           "die Verschachtelung",
		"word/name/run time":                          "die Laufzeit",
		"word/name/request time":                      "die Zeit einer Anfrage",
		"word/name/regular expression time":           "die Zeit eines regulären Ausdrucks",
		"word/name/requests":                          "die Zahl der Anfragen",
		"word/name/request URL":                       "die Länge der Adresse",
		"word/name/request headers":                   "die Kopfzeilen der Anfrage",
		"word/name/request body":                      "den Inhalt der Anfrage",
		"word/name/signed parameters":                 "die Zahl der signierten Parameter",
		"word/name/response headers":                  "die Kopfzeilen der Antwort",
		"word/name/response body":                     "den Inhalt der Antwort",
		"word/name/decompression layers":              "die Zahl der Kompressionen",
		"word/name/callback query":                    "die Länge des Rückrufs",
		"word/name/work of an expression of JSONata":  "die Arbeit eines Ausdrucks in JSONata",
		"word/name/depth of an expression of JSONata": "die Tiefe eines Ausdrucks in JSONata",
		"word/name/script source bytes":               "die Länge eines Skripts in Bytes",
		"word/name/script time in milliseconds":       "die Laufzeit eines Skripts in Millisekunden",
		"word/name/script call stack":                 "die Aufruftiefe eines Skripts",
		"word/name/script calls of its host":          "die Aufrufe eines Skripts",
		"word/name/script requests":                   "die Anfragen eines Skripts",
		"word/name/script result bytes":               "die Größe eines Skriptergebnisses in Bytes",
		"word/name/script result depth":               "die Tiefe eines Skriptergebnisses",
		"word/name/script memory":                     "den Speicher eines Skripts",
		"word/name/scripts that do not end":           "Skripte, die nicht enden",
		"word/refusal/only https and http are known":  "bekannt sind nur https und http.",
		"word/refusal/plain http is not allowed; use https or allow http":            "unverschlüsseltes http ist nicht erlaubt.",
		"word/refusal/the host is not among the allowed hosts":                       "es gehört nicht zu den erlaubten.",
		"word/refusal/the host is among the denied hosts":                            "es gehört zu den verbotenen.",
		"word/refusal/it is an address in an unusual form; write it as a.b.c.d":      "die Adresse ist ungewöhnlich geschrieben; üblich ist a.b.c.d.",
		"word/refusal/it is a loopback address; allow private addresses to reach it": "es ist eine Adresse des eigenen Rechners.",
		"word/refusal/it is a link-local, metadata or reserved address":              "es ist eine reservierte Adresse.",
		"word/refusal/it is a private address; allow private addresses to reach it":  "es ist eine private Adresse.",
		"word/refusal/the name must mean a loopback address":                         "der Name muss eine Adresse des eigenen Rechners bedeuten.",
		"word/refusal/its address cannot be read":                                    "seine Adresse ist nicht lesbar.",

		"word/expected/a text": "ein Text",

		"word/part/part":                              "allgemein",
		"word/part/giving of common data":             "gemeinsame Daten geben",
		"word/part/giving of the environment":         "die Umgebung geben",
		"word/part/giving of a random text":           "einen Zufallstext geben",
		"word/part/giving of an id":                   "eine Kennung geben",
		"word/part/giving of a nonce":                 "einen Einmalwert geben",
		"word/part/giving of a request":               "eine Anfrage geben",
		"word/part/keeping of connections":            "Verbindungen aufbewahren",
		"word/part/keeping of state":                  "Zustand aufbewahren",
		"word/part/keeping of pending authorisations": "offene Autorisierungen aufbewahren",
		"word/part/keeping of a note":                 "eine Notiz aufbewahren",
		"word/part/sealing of state":                  "Zustand versiegeln",

		"field/required":          "Das Feld muss ausgefüllt sein.",
		"field/type":              "Erwartet wird der Typ „{expected}“, gefunden wurde „{found}“.",
		"field/not-array":         "Der Wert ist keine Liste.",
		"field/static":            "Der Wert enthält einen Ausdruck, der hier nicht stehen darf.",
		"field/format":            "Der Wert ist nicht von der Form {format}.",
		"field/pattern":           "Der Wert passt nicht zum Muster: {pattern}",
		"field/too-short":         "Der Wert muss mindestens {limit} Zeichen haben.",
		"field/too-long":          "Der Wert darf höchstens {limit} Zeichen haben.",
		"field/enum":              "Der Wert muss einer von diesen sein: {options}",
		"field/option":            "Der Wert „{value}“ steht nicht zur Wahl.",
		"field/too-small":         "Der Wert ist zu klein; der kleinste ist {limit}.",
		"field/too-big":           "Der Wert ist zu groß; der größte ist {limit}.",
		"field/too-few":           "Die Liste hat weniger als {limit} Einträge.",
		"field/too-many":          "Die Liste hat mehr als {limit} Einträge.",
		"field/selected-too-few":  "Gewählt sind weniger als {limit} Einträge.",
		"field/selected-too-many": "Gewählt sind mehr als {limit} Einträge.",
	}
})
