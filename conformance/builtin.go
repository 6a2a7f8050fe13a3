package conformance

// BuiltIn returns the engines of this build: the machine on the compiled plan, on the plan after encode and decode, and
// the interpreter instead of closures.
func BuiltIn() []Engine {
	return []Engine{
		{Name: "plan", Evaluator: planEvaluator{}, Formula: planEvaluator{}, Signer: runtimeSigner{}, Flow: planFlow{}},
		{Name: "interpreter", Evaluator: planEvaluator{interpreted: true}, Formula: planEvaluator{interpreted: true}, Signer: runtimeSigner{}, Flow: planFlow{interpreted: true}},
		{Name: "file", Evaluator: planEvaluator{reload: true}, Formula: planEvaluator{reload: true}, Signer: runtimeSigner{}, Flow: planFlow{reload: true}},
	}
}
