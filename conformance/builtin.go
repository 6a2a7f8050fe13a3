package conformance

// BuiltIn returns the engines of this build: the machine on the compiled plan, and on the plan after encode and decode.
func BuiltIn() []Engine {
	return []Engine{
		{Name: "plan", Evaluator: planEvaluator{}, Signer: runtimeSigner{}, Flow: planFlow{}},
		{Name: "file", Evaluator: planEvaluator{reload: true}, Signer: runtimeSigner{}, Flow: planFlow{reload: true}},
	}
}
