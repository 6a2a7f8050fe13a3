package run

import (
	"context"

	"github.com/imlc-lang/imlc/vm/message"
)

// renewStage is shown as the stage of renewals.
const renewStage = "renew"

// Renew renews the token of conn, and returns it with what that changed. The error is an *Error.
func (r *Runner) Renew(ctx context.Context, conn Connection) (*Connection, error) {
	x, err := r.open(ctx, operation{Name: OpRenew}, conn, nil)
	if err != nil {
		return nil, err
	}
	defer x.end(&err)
	if err = x.renew(); err != nil {
		err = x.report(err)
		return nil, err
	}
	conn = x.conn
	return &conn, nil
}

func (r *run) renew() error {
	r.at.stage = renewStage
	if err := r.resumeVariant(); err != nil {
		return err
	}
	r.terms.scope = r.conn.Scope
	r.bindTerms()
	if err := r.requests(renewStage, r.spec.Renew, 0, nil); err != nil {
		return err
	}
	if r.sent == 0 {
		e := &Error{Class: ClassSpec, Type: InvalidConfigurationError, Code: CodeNoRenewal, Help: "authorise again, or say in the spec how to renew"}
		return e.say(message.NoRenewal, nil)
	}
	return r.commit()
}
