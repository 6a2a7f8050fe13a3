package explain

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// unsorted is a list of parameters that was joined group by group instead of sorted.
func unsorted(origins ...oauth1.Origin) mistake {
	return m("not-sorted", 14, "parameters not sorted", "sort by the encoded names and values",
		func(q *quirks) { q.unsorted, q.origins = true, origins })
}

// otherMethod is a request that was signed with another method than it is sent with.
func otherMethod(method string) mistake {
	return m("other-method", 0, "signed as "+method, "sign the method that the request is sent with", func(q *quirks) { q.methodOther = method }).
		only(func(d *derivation) bool { return !strings.EqualFold(d.request.Method, method) })
}
