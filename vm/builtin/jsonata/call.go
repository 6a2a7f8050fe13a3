package jsonata

// function is a function: a lambda, one of the library, a regular expression, or what was made of such.
type function struct {
	lambda *node
	input  any
	env    *frame

	native    func(c *call) any
	pattern   *pattern
	signature *signature
	// arity is how many arguments are passed to it by functions that call it for each item.
	arity int
	// object says that it is true where a boolean is wanted.
	object bool
}

// call is a call of a native function.
type call struct {
	*run
	args  []any
	input any
	env   *frame
}

// closed is a function as an argument: it sees the caller's variables, but not its input.
func closed(v any, env *frame) any {
	f, ok := v.(*function)
	if !ok {
		return v
	}
	return &function{arity: f.arity, pattern: f.pattern, native: func(c *call) any { return c.apply(f, c.args, null{}, env) }}
}

// call evaluates a call.
func (r *run) call(n *node, input any, env *frame, first ...any) any {
	f := r.evaluate(n.lhs, input, env)
	args := first
	for _, arg := range n.args {
		args = append(args, closed(r.evaluate(arg, input, env), env))
	}
	r.list(len(args))
	return r.apply(f, args, input, env)
}

// applied evaluates value ~> function, and function ~> function.
func (r *run) applied(n *node, input any, env *frame) any {
	left := r.evaluate(n.lhs, input, env)
	if n.rhs.kind == kindCall {
		return r.call(n.rhs, input, env, left)
	}
	right := r.evaluate(n.rhs, input, env)
	g, ok := right.(*function)
	if !ok {
		panic(failure("what follows ~> is no function"))
	}
	if f, ok := left.(*function); ok {
		return &function{arity: 1, object: true, native: func(c *call) any {
			return c.apply(g, []any{c.apply(f, []any{c.at(0)}, null{}, env)}, null{}, env)
		}}
	}
	return r.apply(g, []any{left}, null{}, env)
}

// apply calls a function. A lambda that ends with a call gives that call back, so that calls in its end do not nest.
func (r *run) apply(v any, args []any, input any, env *frame) any {
	result := r.applyOnce(v, args, input, env)
	for {
		f, ok := result.(*function)
		if !ok || f.lambda == nil || !f.lambda.thunk {
			return result
		}
		next := f.lambda.lhs
		procedure := r.evaluate(next.lhs, f.input, f.env)
		args = make([]any, len(next.args))
		for i, arg := range next.args {
			args[i] = r.evaluate(arg, f.input, f.env)
		}
		r.list(len(args))
		result = r.applyOnce(procedure, args, input, env)
	}
}

func (r *run) applyOnce(v any, args []any, input any, env *frame) any {
	r.step(1)
	f, ok := v.(*function)
	if !ok {
		panic(failure("what is called is no function"))
	}
	if f.signature != nil {
		args = f.signature.validate(args, input)
	}
	if f.lambda == nil {
		return f.native(&call{r, args, input, env})
	}
	r.must(r.c.Object(len(f.lambda.args)))
	inner := f.env.inner()
	for i, parameter := range f.lambda.args {
		var arg any
		if i < len(args) {
			arg = args[i]
		}
		inner.bind(parameter.text, arg)
	}
	return r.evaluate(f.lambda.lhs, f.input, inner)
}

// partial binds some of the arguments of a function.
func (r *run) partial(n *node, input any, env *frame) any {
	args := make([]any, len(n.args))
	holes := 0
	for i, arg := range n.args {
		if arg.kind == kindHole {
			holes++
		} else {
			args[i] = r.evaluate(arg, input, env)
		}
	}
	f, ok := r.evaluate(n.lhs, input, env).(*function)
	if !ok {
		panic(failure("what is called is no function"))
	}
	arity := f.arity
	if f.lambda != nil {
		arity = len(f.lambda.args)
	}
	for i := range min(arity, len(n.args)) {
		if n.args[i].kind != kindHole {
			arity--
		}
	}
	bare := *f // the bound arguments and the others are not checked
	bare.signature = nil
	return &function{arity: min(arity, holes), object: true, native: func(c *call) any {
		all, rest := make([]any, len(args)), c.args
		c.list(len(args))
		copy(all, args)
		for i, arg := range n.args {
			if arg.kind == kindHole && len(rest) > 0 {
				all[i], rest = rest[0], rest[1:]
			}
		}
		return c.apply(&bare, all, f.input, env)
	}}
}

// transform makes a function that copies its argument and changes what a pattern finds in the copy.
func (r *run) transform(n *node, env *frame) any {
	return &function{arity: 1, object: true, signature: newSignature("<(oa):o>"), native: func(c *call) any {
		if c.at(0) == nil {
			return nil
		}
		result := c.clone(c.at(0))
		found := c.evaluate(n.lhs, result, env)
		matches, ok := found.(*list)
		if !ok {
			matches = sequence(found)
		}
		for _, match := range matches.items {
			if found == nil {
				break
			}
			c.change(n, match, env)
		}
		return result
	}}
}

// change sets members of one match, and removes others.
func (r *run) change(n *node, match any, env *frame) {
	o, ok := match.(*object)
	if v := r.evaluate(n.rhs, match, env); v != nil {
		update, also := v.(*object)
		if !also {
			panic(failure("an update is no object"))
		}
		for i, key := range update.keys {
			if ok {
				r.must(r.c.Object(1))
				o.set(key, update.values[i])
			}
		}
	}
	if n.third == nil {
		return
	}
	names := r.evaluate(n.third, match, env)
	if names == nil {
		return
	}
	l, isList := names.(*list)
	if !isList {
		l = sequence(names)
	}
	if !all(l, isString) {
		panic(failure("what is to be removed is no text"))
	}
	for _, name := range l.items {
		if ok {
			r.step(len(o.keys))
			o.remove(name.(string))
		}
	}
}

// clone copies data, as writing and reading its JSON would.
func (r *run) clone(v any) any {
	r.step(1)
	switch v := v.(type) {
	case float64:
		if v != v {
			return null{}
		}
	case *function:
		return ""
	case *list:
		r.list(len(v.items))
		out := &list{items: make([]any, len(v.items))}
		for i, item := range v.items {
			if out.items[i] = r.clone(item); item == nil {
				out.items[i] = null{}
			}
		}
		return out
	case *object:
		r.must(r.c.Object(len(v.keys)))
		out := &object{}
		for i, key := range v.keys {
			if x := r.clone(v.values[i]); x != nil {
				out.set(key, x)
			}
		}
		return out
	}
	return v
}
