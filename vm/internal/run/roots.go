package run

import (
	"errors"

	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// root is a value of a run that expressions can read; ast.Root says what each is.
type root int

const (
	rootInput root = iota
	rootData
	rootCommon
	rootEnvironment
	rootTemp
	rootScope
	rootRedirect
	rootState
	rootIdentity
	rootCallback
	rootBody
	rootHeaders
	rootStatus
	rootItem
	rootRequest
	roots // how many there are
)

var rootNames = [roots]string{"input", "data", "common", "environment", "temp", "scope", "redirect", "state", "identity", "callback", "body", "headers",
	"status", "item", "request"}

// slots holds the slot of each root, negative when the plan does not look at it.
type slots [roots]int

func slotsOf(image *expr.Image) (s slots) {
	for r, name := range rootNames {
		s[r] = image.Slot(name)
	}
	return s
}

// knows reports whether the plan looks at a root.
func (r *run) knows(root root) bool { return r.slots[root] >= 0 }

// bind sets the value of a root.
func (r *run) bind(root root, v value.Value) { r.frame.Set(r.slots[root], v) }

func (r *run) bindData() { r.bind(rootData, value.Collection(r.conn.Data)) }

func (r *run) bindTemp() { r.bind(rootTemp, value.Collection(r.temp)) }

// bindCommon shows the common data of the plan and of the variant that is run, over which that of the host goes. Its
// texts are secret.
func (r *run) bindCommon() error {
	common, err := r.evalObject(r.plan.Connection.Common)
	if err != nil {
		return err
	}
	if r.conn.Variant != "" {
		own, err := r.evalObject(r.spec.Common)
		if err != nil {
			return err
		}
		common = overlay(common, own)
	}
	common = overlay(common, r.terms.common)
	if common != nil {
		r.veil.addCommon(value.Collection(common))
	}
	if common, err = r.checkCommon(common); err != nil {
		return err
	}
	common = secretObject(common)
	r.veil.addCommon(value.Collection(common))
	r.bind(rootCommon, value.Collection(common))
	return nil
}

// checkCommon gives common data the defaults of its parameters and checks it: those of the plan, then those of the variant.
func (r *run) checkCommon(common *value.Object) (*value.Object, error) {
	levels := [][]plan.Parameter{r.plan.Connection.CommonParameters}
	if r.conn.Variant != "" {
		levels = append(levels, r.spec.CommonParameters)
	}
	for _, defs := range levels {
		if len(defs) == 0 {
			continue
		}
		var err error
		if common, err = form.Validate(r.frame.Meter(), defs, common); err == nil {
			continue
		}
		if bad, ok := errors.AsType[*form.Error](err); ok {
			e := misconfigured(message.CommonNotValid, message.Args{"fields": bad.List()})
			e.Class, e.Code, e.Help = ClassHost, r.word(CodeCommon), "give the common data that the spec describes"
			err = e
		}
		return nil, err
	}
	return common, nil
}

// secretObject returns a copy whose values are marked as secret.
func secretObject(o *value.Object) *value.Object {
	if o.Len() == 0 {
		return noEntries
	}
	out := value.NewObject(o.Len())
	for i := range o.Len() {
		k, v := o.At(i)
		out.Set(k, v.AsSecret())
	}
	return out
}

// bindTerms shows the scope, the callback addresses and the random text of the run.
func (r *run) bindTerms() {
	t := &r.terms
	r.bind(rootScope, texts(t.scope))
	r.bind(rootState, optional(t.random))
	if !r.knows(rootRedirect) || t.redirects.Default == "" { // what is no authorisation has no addresses
		return
	}
	o := value.NewObject(1 + len(r.spec.Redirects))
	for _, name := range r.spec.Redirects {
		uri := t.redirects.Default
		if other := t.redirects.Others[name]; other != "" {
			uri = other
		}
		o.Set(name, optional(uri))
	}
	o.Set(defaultRedirect, optional(t.redirects.Default))
	r.bind(rootRedirect, value.Collection(o))
}

// defaultRedirect is the key of the default callback address.
const defaultRedirect = "default"

// bindAnswer shows an answer to the directives that read one, or hides the last one.
func (r *run) bindAnswer(a answer) {
	if !a.have && !r.answer.have {
		return
	}
	r.answer = a
	status := value.Undefined
	if a.have {
		status = value.Int(int64(a.status))
	}
	r.bind(rootBody, a.body)
	r.bind(rootHeaders, a.headers)
	r.bind(rootStatus, status)
}

func optional(s string) value.Value {
	if s == "" {
		return value.Undefined
	}
	return value.Text(s)
}

func texts(list []string) value.Value {
	items := make([]value.Value, len(list))
	for i, s := range list {
		items[i] = value.Text(s)
	}
	return value.Array(items)
}

// bindIdentity shows the id of the user, or for a new connection one that the host gives.
func (r *run) bindIdentity() error {
	if !r.knows(rootIdentity) {
		return nil
	}
	if r.terms.identity == "" {
		r.terms.identity = r.conn.UID
	}
	if r.terms.identity == "" {
		var err error
		if r.terms.identity, err = r.host.Identity(); err != nil {
			return hostFailed("giving of an id", err)
		}
	}
	r.bind(rootIdentity, value.Text(r.terms.identity))
	return nil
}
