package message

import (
	"maps"
	"slices"
	"strings"
)

// Args are the arguments of a message, by name.
type Args map[string]string

// Catalogue holds texts by the id of their message. In a text, {name} stands for the argument of that name. Where the
// argument is one of a few words of the engine's own, such as the name of a limit, the text with the id "word/", the name
// of the argument, "/" and the word stands for it. A host translates by a catalogue of its own: take a copy of In("en")
// and say every text in another language.
type Catalogue map[string]string

// In returns a copy of the catalogue of a language, which the caller may change: "en" or "de". Of another language it
// is nil.
func In(language string) Catalogue {
	switch language {
	case "en":
		return maps.Clone(english())
	case "de":
		return maps.Clone(german())
	}
	return nil
}

// Text returns the text of a message with its arguments, and whether the catalogue has one.
func (c Catalogue) Text(id string, args Args) (text string, ok bool) {
	template, ok := c[id]
	if !ok {
		return "", false
	}
	return c.fill(template, args), true
}

// English returns the text of a message in English, which is what errors carry.
func English(id string, args Args) string { return english().fill(english()[id], args) }

// Has reports whether there is a message of that id.
func Has(id string) bool { return english()[id] != "" }

// IDs returns the ids of all messages and words, sorted.
func IDs() []string { return slices.Sorted(maps.Keys(english())) }

// fill puts the arguments into a text. What has no argument stays as it is.
func (c Catalogue) fill(template string, args Args) string {
	var out strings.Builder
	for {
		before, rest, open := strings.Cut(template, "{")
		out.WriteString(before)
		if !open {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		text, known := args[name]
		switch {
		case !closed:
			out.WriteString("{" + rest)
			return out.String()
		case known:
			out.WriteString(c.word(name, text))
		default:
			out.WriteString("{" + name + "}")
		}
		template = after
	}
}

// word returns what is said for an argument: another text for a word that the catalogue has, else the argument itself.
func (c Catalogue) word(name, text string) string {
	if said, ok := c["word/"+name+"/"+text]; ok {
		return said
	}
	return text
}
