package message_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/imlc-lang/imlc/vm/message"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// Every message can be said in every language. A translation names no argument that the message does not have.
func TestLanguagesAreComplete(t *testing.T) {
	en, de := message.In("en"), message.In("de")
	if message.In("tlh") != nil {
		t.Error("a language that nobody wrote has a catalogue")
	}
	for _, id := range message.IDs() {
		if de[id] == "" || en[id] == "" {
			t.Errorf("%s: %q, in German %q", id, en[id], de[id])
		}
		for _, p := range placeholder.FindAllString(de[id], -1) {
			if !slices.Contains(placeholder.FindAllString(en[id], -1), p) {
				t.Errorf("%s: the translation names %s, which the message does not have", id, p)
			}
		}
	}
	if len(de) != len(en) {
		t.Errorf("%d messages in English, %d in German", len(en), len(de))
	}
}

// A catalogue is a copy, an argument is never read as a text with holes, and what is not known stays visible.
func TestText(t *testing.T) {
	en := message.In("en")
	en[message.Status] = "{status} is {reason}, {nothing} {"
	got, ok := en.Text(message.Status, message.Args{"status": "{reason}", "reason": "bad"})
	if want := "{reason} is bad, {nothing} {"; got != want || !ok {
		t.Errorf("%q, want %q", got, want)
	}
	if got := message.English(message.Status, message.Args{"status": "404", "reason": "Not Found"}); got != "[404] Not Found" {
		t.Errorf("a changed copy changed the catalogue: %q", got)
	}
	if _, ok := en.Text("nothing", nil); ok {
		t.Error("a message that does not exist has a text")
	}
}
