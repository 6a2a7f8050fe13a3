package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/form"
)

// Problem is an error as the API tells it (RFC 9457). It never repeats what was sent.
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty" doc:"What happened, for people"`
	// Code is stable.
	Code  string `json:"code" doc:"What happened, for programs"`
	Class string `json:"class,omitempty" doc:"Who can do something about it: user, spec, provider, network, host or limit"`
	// Retryable says that the same request may succeed a little later, RetryAfter in how many seconds at the earliest.
	Retryable  bool           `json:"retryable,omitempty"`
	RetryAfter int            `json:"retryAfter,omitempty" doc:"Seconds"`
	Help       string         `json:"help,omitempty"`
	Fields     []fieldProblem `json:"fields,omitempty" doc:"What is wrong with each field"`
	// Provider is what the service said.
	Provider       string `json:"provider,omitempty"`
	ProviderStatus int    `json:"providerStatus,omitempty"`

	cause error
}

// fieldProblem is what is wrong with one field.
type fieldProblem struct {
	Path    string `json:"path"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// Unwrap returns what the problem comes from.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func problem(status int, code, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

func notFound(kind, id string) error {
	return problem(http.StatusNotFound, "not-found", "there is no "+kind+" "+strconv.Quote(id))
}

func conflict(detail string) error { return problem(http.StatusConflict, "conflict", detail) }

func invalid(field, code, message string) *Problem {
	p := problem(http.StatusUnprocessableEntity, "invalid", field+": "+message)
	p.Fields = []fieldProblem{{field, code, message}}
	return p
}

// problemOf turns an error of the engine, the store or the form into what the API tells. What it does not know is told
// without its text, which may be about the inside of this installation.
func problemOf(err error) *Problem {
	var p *Problem
	var fields *form.Error
	var e *vm.Error
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &fields):
		p = problem(http.StatusUnprocessableEntity, "parameters-invalid", "the parameters are not valid")
		p.Class, p.cause = vm.ClassUser, fields
		for _, f := range fields.Fields {
			p.Fields = append(p.Fields, fieldProblem{f.Path, f.Code, f.Message})
		}
		return p
	case errors.As(err, &e):
		return engineProblem(e)
	case errors.Is(err, store.ErrConflict):
		return problem(http.StatusConflict, "conflict", "it was changed at the same time; read it again")
	}
	p = problem(http.StatusInternalServerError, "internal", "something went wrong here; the log says what")
	p.cause = err
	return p
}

func engineProblem(e *vm.Error) *Problem {
	status := http.StatusBadGateway
	switch e.Class {
	case vm.ClassUser:
		status = http.StatusConflict
	case vm.ClassSpec:
		status = http.StatusUnprocessableEntity
	case vm.ClassLimit:
		status = http.StatusServiceUnavailable
	case vm.ClassHost:
		status = http.StatusInternalServerError
		switch e.Code { // what the caller of the API asked for
		case vm.CodeForeignOrigin:
			status = http.StatusForbidden
		case vm.CodeNoCall, vm.CodeNoBaseURL:
			status = http.StatusUnprocessableEntity
		}
	}
	if e.Cause == "timeout" {
		status = http.StatusGatewayTimeout
	}
	p := problem(status, e.Code, e.Message)
	if p.Code == "" {
		p.Code = "failed"
	}
	p.Class, p.Retryable, p.Help, p.Provider, p.ProviderStatus = e.Class, e.Retryable(), e.Help, e.Provider, e.Status
	p.RetryAfter = int(e.RetryAfter.Seconds())
	p.cause = e
	return p
}

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	if p.RetryAfter == 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(p.RetryAfter)}}
}

// write answers a request with a problem.
func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the other side may be gone
}

// maxFields is how many problems of a body are told.
const maxFields = 100

func init() {
	// The library's own model repeats the value that it complains of, and values can be secrets.
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := problem(status, "invalid", message)
		switch status {
		case http.StatusNotFound:
			p.Code = "not-found"
		case http.StatusRequestTimeout:
			p = slowBody()
		}
		for i, err := range errs {
			if i == maxFields {
				p.Detail += fmt.Sprintf("; of %d problems the first %d are told", len(errs), maxFields)
				break
			}
			var own *Problem
			if errors.As(err, &own) {
				return own
			}
			var detail huma.ErrorDetailer
			if errors.As(err, &detail) {
				d := detail.ErrorDetail()
				p.Fields = append(p.Fields, fieldProblem{Path: d.Location, Code: "invalid", Message: d.Message})
			}
		}
		return p
	}
}
