package formula

import (
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/regex"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/vm/value"
)

// Error is why a formula has no result; Code is one of spec dialects.md §2.9.
type Error struct{ Code string }

// Error implements error.
func (e *Error) Error() string { return e.Code }

// Evaluate evaluates a document over variables. The result is undefined when it comes to no value. The error is an
// *Error.
func Evaluate(n *document.Node, variables *value.Object) (v value.Value, err error) {
	defer func() {
		if failed, ok := recover().(*Error); ok {
			v, err = value.Undefined, failed
		}
	}()
	vars, _ := fromValue(value.Collection(variables)).(*object)
	return toValue(resolveCopies(evaluate(fromDocument(n), vars))), nil
}

// evaluate evaluates any value: a formula, or plain data.
func evaluate(v any, vars *object) any {
	switch v := v.(type) {
	case *list:
		out := &list{}
		for _, item := range v.items {
			if x := evaluate(item, vars); x != any(missing{}) {
				out.items = append(out.items, x)
			}
		}
		if len(v.items) > 0 && len(out.items) == 0 {
			return missing{}
		}
		return out
	case *object:
		keys := v.ordered()
		if name, ok := formulaOf(v); ok {
			return formulas()[name](v.get(name), keys[1:], v, vars)
		}
		out := &object{}
		for _, key := range keys {
			if x := evaluate(v.get(key), vars); x != any(missing{}) {
				out.set(key, x)
			}
		}
		if len(keys) > 0 && len(out.keys) == 0 {
			return missing{}
		}
		return out
	}
	return v
}

// formulaOf returns the formula that a value is: the first key of an object, when it names one.
func formulaOf(v any) (string, bool) {
	o, ok := v.(*object)
	if !ok || len(o.keys) == 0 {
		return "", false
	}
	name := o.ordered()[0]
	return name, formulas()[name] != nil
}

// function is a formula: its argument, the keys behind it, the object that it is, and the variables.
type function func(arg any, rest []string, whole, vars *object) any

func formulas() map[string]function {
	return map[string]function{
		"$var": variable, "$plain": plain, "$concat": concat, "$tpl": template, "$case": choose, "$map": mapping, "$eval": compare,
		"$and": logic(true), "$or": logic(false), "$firstNotEmpty": firstNotEmpty, "$mergeObjects": mergeObjects, "$iterate": iterate,
		"$jsonata": func(any, []string, *object, *object) any { panic(&Error{"MEM308"}) },
		"$formula": unevaluated, "$copy": copying, "$record": record,
		"$firstName": ofText(firstName), "$lastName": ofText(lastName), "$domainFromEmail": domain,
		"$extractDate": ofText(extractDate), "$extractTime": ofText(extractTime),
		"$lookup": platform("$lookup"), "$findExternalRecordId": platform("$findExternalRecordId"), "$findAppRecordId": platform("$findAppRecordId"),
		"$dataSchemaRef": func(any, []string, *object, *object) any { return missing{} },
	}
}

// member is an entry of an object that is written; missing in anything else.
func member(v any, key string) any {
	if o, ok := v.(*object); ok {
		return o.get(key)
	}
	return missing{}
}

func variable(arg any, _ []string, _, vars *object) any {
	steps, ok := parseLocator(arg)
	if !ok {
		return nil
	}
	return follow(vars, steps, false)
}

func plain(arg any, _ []string, _, _ *object) any { return arg }

func concat(arg any, _ []string, _, vars *object) any {
	values, delimiter := arg, ""
	if _, isList := arg.(*list); !isList {
		values = member(arg, "values")
		if o, ok := arg.(*object); ok && o.has("delimiter") && o.get("delimiter") != nil {
			delimiter = text(evaluate(o.get("delimiter"), vars))
		}
	}
	items, ok := evaluate(values, vars).(*list)
	if !ok || len(items.items) == 0 {
		return missing{}
	}
	var kept []string
	for _, item := range items.items {
		if s := text(item); item != nil && s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, delimiter)
}

func template(arg any, _ []string, _, vars *object) any {
	s, ok := member(arg, "template").(string)
	if !ok {
		return member(arg, "template")
	}
	values := indexed(member(arg, "values"))
	for _, key := range values.ordered() {
		re, err := regex.Compile(`\{`+key+`\}`, "gn")
		if err != nil {
			panic(&Error{"MEM307"})
		}
		with := ""
		if v := evaluate(values.get(key), vars); !absent(v) {
			with = text(v)
		}
		s = replaceAll(re, s, with)
	}
	return s
}

// indexed is a value as an object: that of a list or a text has its indexes as keys.
func indexed(v any) *object {
	out := &object{}
	switch v := v.(type) {
	case *object:
		return v
	case *list:
		for i, item := range v.items {
			out.set(strconv.Itoa(i), item)
		}
	case string:
		for i, r := range []rune(v) {
			out.set(strconv.Itoa(i), string(r))
		}
	}
	return out
}

func choose(arg any, _ []string, _, vars *object) any {
	cases, ok := arg.(*list)
	if !ok {
		if cases, ok = member(arg, "cases").(*list); !ok {
			return missing{}
		}
	}
	for _, item := range cases.items {
		if isContainer(item) && matches(member(item, "filter"), vars) {
			return evaluate(member(item, "value"), vars)
		}
	}
	if v := evaluate(member(arg, "default"), vars); v != nil {
		return v
	}
	return missing{}
}

// matches reports whether the filter of a case holds.
func matches(filter any, vars *object) bool {
	if !truthy(filter) {
		return true
	}
	if conditions, ok := filter.(*list); ok {
		for _, c := range conditions.items {
			if !legacyHolds(c, vars) {
				return false
			}
		}
		return true
	}
	v := evaluate(filter, vars)
	return absent(v) || truthy(v)
}

func mapping(arg any, _ []string, _, vars *object) any {
	v := evaluate(member(arg, "value"), vars)
	if entries, ok := member(arg, "mapping").(*list); ok {
		for _, entry := range entries.items {
			if _, ok := entry.(*object); !ok {
				continue
			}
			from := evaluate(member(entry, "from"), vars)
			if absent(v) && absent(from) || deeplyEqual(v, from) || looselyEqual(v, from) {
				return evaluate(member(entry, "to"), vars)
			}
		}
	}
	return evaluate(member(arg, "default"), vars)
}

func compare(arg any, rest []string, whole, vars *object) any {
	if len(rest) == 0 {
		return true
	}
	holds, ok := operators()[rest[0]]
	return !ok || holds(evaluate(arg, vars), evaluate(whole.get(rest[0]), vars))
}

func logic(every bool) function {
	return func(arg any, _ []string, _, vars *object) any {
		var out any = missing{}
		l, _ := evaluate(arg, vars).(*list)
		if l == nil {
			return out
		}
		for _, item := range l.items {
			if absent(item) {
				continue
			}
			if truthy(item) != every {
				return !every
			}
			out = every
		}
		return out
	}
}

func firstNotEmpty(arg any, _ []string, _, vars *object) any {
	if l, ok := evaluate(arg, vars).(*list); ok {
		for _, item := range l.items {
			if !absent(item) {
				return item
			}
		}
	}
	return missing{}
}

func mergeObjects(arg any, _ []string, _, vars *object) any {
	out := &object{}
	l, _ := evaluate(arg, vars).(*list)
	if l == nil {
		return missing{}
	}
	for _, item := range l.items {
		if isContainer(item) {
			o := indexed(item)
			for _, key := range o.ordered() {
				out.set(key, o.get(key))
			}
		}
	}
	if len(out.keys) == 0 {
		return missing{}
	}
	return out
}

func iterate(arg any, _ []string, _, vars *object) any {
	source, ok := evaluate(member(arg, "source"), vars).(*list)
	if !ok {
		return missing{}
	}
	out := &list{}
	for i, item := range source.items {
		inner := &object{}
		inner.set("item", item)
		inner.set("index", float64(i))
		inner.set("parent", vars)
		if v := evaluate(member(arg, "item"), inner); truthy(v) {
			out.items = append(out.items, v)
		}
	}
	if len(out.items) == 0 {
		return missing{}
	}
	return out
}

// unevaluated is $formula.
func unevaluated(arg any, _ []string, _, vars *object) any {
	if name, _ := formulaOf(arg); name == "$var" {
		return arg
	}
	return leaves(arg, vars)
}

// leaves replaces the variables in a tree: of a formula in its argument only, of $iterate in its source only.
func leaves(v any, vars *object) any {
	name, isFormula := formulaOf(v)
	switch v := v.(type) {
	case *list:
		out := &list{}
		for _, item := range v.items {
			if x := leaves(item, vars); x != any(missing{}) {
				out.items = append(out.items, x)
			}
		}
		return out
	case *object:
		if name == "$var" {
			return evaluate(v, vars)
		}
		out := &object{}
		for i, key := range v.ordered() {
			inner := v.get(key)
			switch source := member(inner, "source"); {
			case isFormula && i > 0:
			case name == "$iterate" && i == 0:
				if source != any(missing{}) {
					copied := &object{}
					for _, k := range inner.(*object).ordered() {
						copied.set(k, inner.(*object).get(k))
					}
					copied.remove("source")
					if x := leaves(source, vars); x != any(missing{}) {
						copied.set("source", x)
					}
					inner = copied
				}
			default:
				inner = leaves(inner, vars)
			}
			if inner != any(missing{}) {
				out.set(key, inner)
			}
		}
		return out
	}
	return v
}

func record(arg any, _ []string, _, _ *object) any { return member(arg, "id") }

func ofText(f func(string) any) function {
	return func(arg any, _ []string, _, vars *object) any {
		if v := evaluate(arg, vars); !absent(v) {
			return f(text(v))
		}
		return missing{}
	}
}

func domain(arg any, _ []string, _, vars *object) any {
	s, ok := evaluate(arg, vars).(string)
	if !ok || strings.Count(s, "@") != 1 {
		return missing{}
	}
	return s[strings.IndexByte(s, '@')+1:]
}

func platform(name string) function {
	return func(arg any, _ []string, _, vars *object) any {
		out := &object{}
		if v := evaluate(arg, vars); v != any(missing{}) {
			out.set(name, v)
		}
		return out
	}
}

// copying leaves the copy where it is, with its locator evaluated, until the whole result is built.
func copying(arg any, _ []string, _, vars *object) any {
	out := &object{}
	out.set("$copy", evaluate(arg, vars))
	return out
}

func copyOf(v any) (path any, ok bool) {
	o, ok := v.(*object)
	if !ok || len(o.keys) != 1 || !o.has("$copy") {
		return nil, false
	}
	return o.get("$copy"), true
}

// resolveCopies replaces the copies in a result, in order; later ones see what earlier ones put in.
func resolveCopies(root any) any {
	if _, ok := copyOf(root); ok {
		return root
	}
	root = clone(root)
	var replace func(v any)
	child := func(v any) any {
		path, ok := copyOf(v)
		if !ok {
			replace(v)
			return v
		}
		steps, ok := parseLocator(path)
		if !ok {
			return missing{}
		}
		found := follow(root, steps, true)
		if holdsCopy(found) {
			panic(&Error{"MEM312"})
		}
		return found
	}
	replace = func(v any) {
		switch v := v.(type) {
		case *list:
			for i := range v.items {
				v.items[i] = child(v.items[i])
			}
			kept := v.items[:0]
			for _, item := range v.items {
				if item != any(missing{}) {
					kept = append(kept, item)
				}
			}
			v.items = kept
		case *object:
			for _, key := range v.ordered() {
				if x := child(v.get(key)); x == any(missing{}) {
					v.remove(key)
				} else {
					v.set(key, x)
				}
			}
		}
	}
	replace(root)
	return root
}

// clone is a result of its own, so that variables stay as they are.
func clone(v any) any {
	switch v := v.(type) {
	case *list:
		out := &list{}
		for _, item := range v.items {
			out.items = append(out.items, clone(item))
		}
		return out
	case *object:
		out := &object{}
		for _, key := range v.keys {
			out.set(key, clone(v.values[key]))
		}
		return out
	}
	return v
}

func holdsCopy(v any) bool {
	if _, ok := copyOf(v); ok {
		return true
	}
	for _, inner := range indexed(v).values {
		if isContainer(inner) && holdsCopy(inner) {
			return true
		}
	}
	return false
}
