package conformance

// BuiltIn returns the engines of this build.
func BuiltIn() []Engine {
	return []Engine{
		{Name: "plan", Signer: runtimeSigner{}},
	}
}
