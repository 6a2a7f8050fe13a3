package conformance

// BuiltIn returns the engines of this build: the machine on the compiled plan, on the plan after encode and decode, and
// the plain loop instead of linked code.
func BuiltIn() []Engine {
	return []Engine{
		{Name: "plan", Evaluator: planEvaluator{}, Signer: runtimeSigner{}, Flow: planFlow{}},
		{Name: "loop", Evaluator: planEvaluator{plain: true}, Signer: runtimeSigner{}, Flow: planFlow{plain: true}},
		{Name: "file", Evaluator: planEvaluator{reload: true}, Signer: runtimeSigner{}, Flow: planFlow{reload: true}},
	}
}
