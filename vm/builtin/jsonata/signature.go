package jsonata

import (
	"regexp"
	"strings"
)

// signature says what arguments a function takes, such as <s-nn?:s>.
type signature struct {
	form       *regexp.Regexp
	parameters []parameter
}

type parameter struct {
	kind, classes, subtype string
	// context is what the input must be to stand for an argument that is not there; nil: it cannot.
	context *regexp.Regexp
}

// classes are the letters of what the letters of a signature allow; m is what is missing.
var classes = map[byte]string{'s': "[sm]", 'n': "[nm]", 'b': "[bm]", 'l': "[lm]", 'o': "[om]", 'a': "[asnblfom]", 'f': "f", 'j': "[asnblom]", 'x': "[asnblfom]"}

// newSignature reads a signature.
func newSignature(text string) *signature {
	s := &signature{}
	for i := 1; i < len(text) && text[i] != ':'; i++ {
		if class, ok := classes[text[i]]; ok {
			s.parameters = append(s.parameters, parameter{kind: text[i : i+1], classes: class})
			continue
		}
		switch text[i] {
		case '(':
			end := closing(text, i, '(', ')')
			choice := text[min(i+1, end):end]
			if strings.Contains(choice, "<") || choice == "" {
				panic(failure("a signature is not known"))
			}
			s.parameters = append(s.parameters, parameter{kind: "(" + choice + ")", classes: "[" + choice + "m]"})
			i = end
			continue
		case '-', '?', '+', '<':
		default:
			continue
		}
		if len(s.parameters) == 0 {
			panic(failure("a signature is not known"))
		}
		switch p := &s.parameters[len(s.parameters)-1]; text[i] {
		case '-':
			p.context = compiled(p.classes)
			p.classes += "?"
		case '?', '+':
			p.classes += text[i : i+1]
		case '<':
			if p.kind != "a" && p.kind != "f" {
				panic(failure("a signature is not known"))
			}
			end := closing(text, i, '<', '>')
			p.subtype = text[min(i+1, end):end]
			i = end
		}
	}
	form := "^"
	for _, p := range s.parameters {
		form += "(" + p.classes + ")"
	}
	s.form = compiled(form + "$")
	return s
}

func compiled(form string) *regexp.Regexp {
	re, err := regexp.Compile(form)
	if err != nil {
		panic(failure("a signature is not known"))
	}
	return re
}

// closing is the place of the bracket that closes the one at i.
func closing(s string, i int, open, shut byte) int {
	for depth := 1; depth > 0 && i < len(s)-1; {
		switch i++; s[i] {
		case shut:
			depth--
		case open:
			depth++
		}
	}
	return i
}

// letter is the letter of a value.
func letter(v any) byte {
	switch v.(type) {
	case string:
		return 's'
	case float64:
		return 'n'
	case bool:
		return 'b'
	case null:
		return 'l'
	case *list:
		return 'a'
	case *object:
		return 'o'
	case *function:
		return 'f'
	}
	return 'm'
}

// validate checks arguments. It puts the input where an argument is left out, and values into lists where lists are wanted.
func (s *signature) validate(args []any, input any) []any {
	letters := make([]byte, len(args))
	for i, arg := range args {
		letters[i] = letter(arg)
	}
	found := s.form.FindStringSubmatch(string(letters))
	if found == nil {
		panic(failure("an argument is of another type"))
	}
	var out []any
	at := 0
	for i, p := range s.parameters {
		var arg any
		if at < len(args) {
			arg = args[at]
		}
		match := found[i+1]
		switch {
		case match == "" && p.context != nil:
			if !p.context.MatchString(string(letter(input))) {
				panic(failure("the input is of another type than the argument it stands for"))
			}
			out = append(out, input)
		case match == "":
			out = append(out, arg)
			at++
		}
		for range len(match) {
			if p.kind == "a" {
				arg = p.asList(args[at], match)
			}
			out = append(out, arg)
			at++
		}
	}
	return out
}

// asList makes a list of an argument that is none, and checks the items.
func (p parameter) asList(arg any, match string) any {
	l, ok := arg.(*list)
	switch {
	case arg == nil:
		return nil
	case !ok && p.subtype != "" && match != p.subtype:
		panic(failure("an argument is of another type"))
	case !ok:
		return &list{items: []any{arg}}
	case p.subtype == "":
		return l
	}
	for _, item := range l.items {
		if letter(item) != p.subtype[0] {
			panic(failure("an item of an argument is of another type"))
		}
	}
	return l
}
