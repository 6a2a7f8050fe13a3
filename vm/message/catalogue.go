package message

// The ids of messages that several rooms use. Those of fields are "field/" and what is wrong with the field.
const (
	UnknownPending  = "authorisation/unknown"
	AlreadyUsed     = "authorisation/used"
	InProgress      = "authorisation/in-progress"
	Expired         = "authorisation/expired"
	SpecChanged     = "authorisation/spec-changed"
	UnknownKey      = "authorisation/unknown-key"
	NoCallbackToken = "authorisation/no-callback-token"
	TokenMismatch   = "authorisation/token-mismatch"
	Refused         = "authorisation/refused"
	OtherPlan       = "connection/other-plan"
	Gone            = "connection/gone"
	ForeignOrigin   = "connection/foreign-origin"
	NoRenewal       = "connection/no-renewal"
	Renewing        = "connection/renewing"
	Status          = "answer/status"
	StatusDetail    = "answer/status-detail"
	NotValid        = "answer/not-valid"
	NoAnswer        = "answer/none"
	HostFailed      = "host/failed"
	NotAllowed      = "host/not-allowed"
	Limit           = "limit/reached"
	Cancelled       = "limit/cancelled"
	Misconfigured   = "spec/misconfigured"
	Expression      = "spec/expression"
)

var english = Catalogue{
	UnknownPending:  "this authorisation is not known",
	AlreadyUsed:     "this authorisation was already used or is not known",
	InProgress:      "this authorisation is being completed already",
	Expired:         "this authorisation took too long",
	SpecChanged:     "the connection's specification changed meanwhile",
	UnknownKey:      "this authorisation was sealed under a key that is not in use here",
	NoCallbackToken: "the callback has no oauth_token",
	TokenMismatch:   "the callback does not belong to this authorisation",
	Refused:         "Authorization was refused by the service ({said})",
	Gone:            "the connection was deleted meanwhile",
	OtherPlan:       "the connection was made by another version of its specification",
	ForeignOrigin:   "the connection must not be used with {origin}",
	NoRenewal:       "the specification does not say how to renew the connection",
	Renewing:        "the connection is being renewed elsewhere, and that takes too long",
	Status:          "[{status}] {reason}",
	StatusDetail:    "[{status}] {reason}: {detail}",
	NotValid:        "the answer is not valid",
	NoAnswer:        "{detail}",
	HostFailed:      "the host failed to do its {part}",
	NotAllowed:      "the host does not allow a request to {host} now",
	Limit:           "{code}: the limit on {name} is reached ({limit})",
	Cancelled:       "{code}: cancelled by the host",
	Misconfigured:   "{detail}",
	Expression:      "{detail}",

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

var german = Catalogue{
	UnknownPending:  "Diese Autorisierung ist nicht bekannt.",
	AlreadyUsed:     "Diese Autorisierung wurde bereits verwendet oder ist nicht bekannt.",
	InProgress:      "Diese Autorisierung wird gerade abgeschlossen.",
	Expired:         "Diese Autorisierung hat zu lange gedauert.",
	SpecChanged:     "Die Beschreibung der Verbindung wurde inzwischen geändert.",
	UnknownKey:      "Diese Autorisierung ist mit einem Schlüssel versiegelt, der hier nicht in Gebrauch ist.",
	NoCallbackToken: "Im Rückruf fehlt oauth_token.",
	TokenMismatch:   "Der Rückruf gehört nicht zu dieser Autorisierung.",
	Refused:         "Der Dienst hat die Autorisierung abgelehnt ({said}).",
	Gone:            "Die Verbindung wurde inzwischen gelöscht.",
	OtherPlan:       "Die Verbindung stammt von einer anderen Fassung ihrer Beschreibung.",
	ForeignOrigin:   "Die Verbindung darf nicht mit {origin} verwendet werden.",
	NoRenewal:       "Die Beschreibung sagt nicht, wie die Verbindung erneuert wird.",
	Renewing:        "Die Verbindung wird anderswo erneuert, und das dauert zu lange.",
	Status:          "Der Dienst antwortete mit [{status}] {reason}.",
	StatusDetail:    "Der Dienst antwortete mit [{status}] {reason}: {detail}",
	NotValid:        "Die Antwort ist nicht gültig.",
	NoAnswer:        "Keine Antwort: {detail}",
	HostFailed:      "Der Betreiber konnte seinen Teil nicht leisten ({part}).",
	NotAllowed:      "Der Betreiber erlaubt zurzeit keine Anfrage an {host}.",
	Limit:           "{code}: Die Grenze für {name} ist erreicht ({limit}).",
	Cancelled:       "{code}: Der Betreiber hat abgebrochen.",
	Misconfigured:   "Die Verbindung ist falsch beschrieben: {detail}",
	Expression:      "Ein Ausdruck der Verbindung schlug fehl: {detail}",

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
