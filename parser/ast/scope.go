package ast

// Scope says which names the expressions of one place may start with, and what each stands for. Front ends make one for
// each kind of place (the request of a stage, its answer, a call, …) and hang it on every leaf that they read there, so
// that nothing behind them has to know the places of a dialect. A scope is immutable and shared by leaves. A nil Scope
// knows every name and leaves it as it is written, which is how single templates are compiled.
type Scope struct {
	// Names maps the first name of a path to what it stands for.
	Names map[string]Binding
	// Elsewhere says, for a name that exists in other places only, where: "accessToken, info". It becomes the help of
	// the diagnostic about an unknown name.
	Elsewhere map[string]string
}

// Binding is what a name stands for: a root, a value inside a root, or an object of further bindings.
type Binding struct {
	// Root is the neutral name of a root (RootInput and those that follow it).
	Root string
	// Key selects one member of the root; "" is the root itself.
	Key string
	// Members makes the name an object of bindings, in order. Root and Key are then without meaning. A path through the
	// object reads the member at once; the object is only built where the whole of it is asked for.
	Members []Member
}

// Member is one name of an object of bindings.
type Member struct {
	Name    string
	Binding Binding
}

// The roots: the values of a run that expressions can read. The engine knows these names and no others. Those that do
// not exist at some point of a run are undefined there.
const (
	RootInput       = "input"       // what the caller of a call passes in
	RootData        = "data"        // the stored data of the connection, its parameters first
	RootCommon      = "common"      // what the owner of the app gives
	RootEnvironment = "environment" // what the host gives
	RootTemp        = "temp"        // what earlier requests of the run left
	RootScope       = "scope"       // the list of scopes wanted
	RootRedirect    = "redirect"    // the callback addresses of the run by name; "default" is always there
	RootState       = "state"       // a random text of the run
	RootIdentity    = "identity"    // an id that the host gives each new connection; that of the user once it is stored
	RootCallback    = "callback"    // the parameters of the callback
	RootBody        = "body"        // the answer, parsed
	RootHeaders     = "headers"     // its headers
	RootStatus      = "status"      // its status
	RootItem        = "item"        // the item of an answer that is iterated
	RootRequest     = "request"     // the request that is about to be sent: method, url, headers, body
)

// DefaultRedirect is the key of RootRedirect that holds the callback address of the run.
const DefaultRedirect = "default"
