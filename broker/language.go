package broker

import (
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/text/language"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/message"
)

// The languages of the pages that users see; those of operators are in English. The first is what everybody gets whose
// browser asks for none of them.
var (
	languages = []string{"en", "de"}
	matcher   = language.NewMatcher([]language.Tag{language.English, language.German})
)

// languageOf is the language that a browser wants its pages in.
func languageOf(r *http.Request) string {
	_, i := language.MatchStrings(matcher, r.Header.Get("Accept-Language"))
	return languages[i]
}

// say returns a text of the broker's own in a language, by its English words, with what is put into it.
func say(lang, text string, args ...any) string {
	if lang == "de" {
		if t, ok := german[text]; ok {
			text = t
		}
	}
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	return text
}

// in returns a problem as it is told in a language. The words of services and specs stay as they are.
func (p *Problem) in(lang string) *Problem {
	if p == nil || lang == languages[0] {
		return p
	}
	out := *p
	out.Detail, out.Help = say(lang, p.Detail), say(lang, p.Help)
	catalogue := message.In(lang)
	var e *vm.Error
	if errors.As(p.cause, &e) {
		out.Detail = e.In(catalogue)
	}
	out.Fields = append([]fieldProblem(nil), p.Fields...)
	var fields *form.Error
	wrong := errors.As(p.cause, &fields)
	for i := range out.Fields {
		f := &out.Fields[i]
		if f.Message = say(lang, f.Message); wrong && i < len(fields.Fields) {
			f.Message = fields.Fields[i].In(catalogue)
		}
	}
	return &out
}

// german has the texts of users' pages, by their English words.
var german = map[string]string{
	"Skip to the content": "Zum Inhalt springen",

	"Connect %s":                          "%s verbinden",
	"Connect %s again":                    "%s erneut verbinden",
	"For %s.":                             "Für %s.",
	"Connect":                             "Verbinden",
	"Connected":                           "Verbunden",
	"Code":                                "Code",
	"Start again":                         "Noch einmal beginnen",
	"Open the service":                    "Öffnen Sie den Dienst",
	"in a new window, and approve there.": "in einem neuen Fenster und stimmen Sie dort zu.",
	"It shows a code. Type or paste it here:":                        "Er zeigt einen Code. Geben Sie ihn hier ein:",
	"The service will show you a code to bring back here.":           "Der Dienst zeigt Ihnen einen Code, den Sie hier eingeben.",
	"You may be sent to the service to approve, and come back here.": "Sie gelangen vielleicht zum Dienst, um zuzustimmen, und kommen hierher zurück.",
	"What you type is encrypted and shown to nobody.":                "Was Sie eingeben, wird verschlüsselt und niemandem gezeigt.",
	"%s is connected.":                                          "%s ist verbunden.",
	"The account is connected.":                                 "Das Konto ist verbunden.",
	"You can close this window.":                                "Sie können dieses Fenster schließen.",
	"That did not work":                                         "Das hat nicht geklappt",
	"Trying again in a moment may help.":                        "Ein neuer Versuch in einem Augenblick hilft vielleicht.",
	"Nothing was connected. Open the link again to start anew.": "Es wurde nichts verbunden. Öffnen Sie den Link noch einmal, um von vorn zu beginnen.",
	"The service said: %s":                                      "Der Dienst sagt: %s",
	"status %d":                                                 "Status %d",
	"(required)":                                                "(nötig)",
	"is set":                                                    "ist gesetzt",
	"One in each line.":                                         "Einer in jeder Zeile.",
	"As JSON.":                                                  "Als JSON.",
	"Only for %s: %s.":                                          "Nur für %s: %s.",
	"expected JSON":                                             "erwartet wird JSON",
	"expected a number":                                         "erwartet wird eine Zahl",
	"the parameters are not valid":                              "Einige Angaben passen nicht.",
	"some fields cannot be read":                                "Einige Felder sind nicht lesbar.",
	"the form cannot be read":                                   "Das Formular ist nicht lesbar.",
	"type the code that the service shows":                      "Geben Sie den Code ein, den der Dienst zeigt.",
	"this link is too old; ask for a new one":                   "Dieser Link ist zu alt; bitten Sie um einen neuen.",
	"the link is too old; ask for a new one":                    "Der Link ist zu alt; bitten Sie um einen neuen.",
	"this link is not known, or too old; ask for a new one":     "Dieser Link ist nicht bekannt oder zu alt; bitten Sie um einen neuen.",
	"this browser has not begun a connection, or too long ago; start again": "Dieser Browser hat keine Verbindung begonnen, oder vor zu langer Zeit; beginnen Sie von vorn.",
	"this connection is not made yet":                                       "Diese Verbindung besteht noch nicht.",
	"start the authorisation again":                                         "Beginnen Sie die Autorisierung von vorn.",
	"something went wrong here; the log says what":                          "Hier ging etwas schief; das Protokoll sagt, was.",
}
