package examples

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed make membrane supermetrics zapier
var specs embed.FS

// Example is a spec that whoever embeds this package can offer.
type Example struct {
	// Name names the spec, Title the service, Help says what connecting takes.
	Name, Title, Help string
	// Folder is where its files lie, below this package's folder.
	Folder string
}

// Gallery returns the examples of real services, one for each.
func Gallery() []Example {
	return []Example{
		{"discogs", "Discogs", "Music releases and collections. Make an application in the developer settings.", "make/discogs"},
		{"etrade", "E*TRADE", "Brokerage accounts. Keys come from the developer site.", "make/etrade"},
		{"flickr", "Flickr", "Photos. Ask for a key in the App Garden.", "make/flickr"},
		{"jira", "Jira Data Center", "Issues of your own server, by an application link with an RSA key.", "make/jira"},
		{"netsuite", "NetSuite", "ERP records, by token-based authentication.", "make/netsuite"},
		{"nounproject", "Noun Project", "Icons. Signed without a user's token.", "make/nounproject"},
		{"plurk", "Plurk", "Short messages. Make an application at plurk.com/PlurkApp.", "membrane/plurk"},
		{"smugmug", "SmugMug", "Photos and galleries.", "make/smugmug"},
		{"trello", "Trello", "Boards and cards. Make a Power-Up for a key.", "make/trello"},
		{"tripit", "TripIt", "Trips.", "make/tripit"},
		{"tumblr", "Tumblr", "Blogs. Register an application.", "make/tumblr"},
		{"uservoice", "UserVoice", "Feedback of your customers.", "zapier/uservoice"},
		{"wikimedia", "Wikimedia", "Wikipedia and its sisters. Propose a consumer at Meta-Wiki.", "make/wikimedia"},
		{"x", "X", "Posts, by OAuth 1.0a user context.", "make/x"},
		{"zotero", "Zotero", "References.", "make/zotero"},
	}
}

// Files returns the files of a folder by their names, without its cases.
func Files(folder string) (map[string]string, error) {
	out := map[string]string{}
	err := fs.WalkDir(specs, folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".cases.yaml") {
			return err
		}
		text, err := specs.ReadFile(name)
		out[strings.TrimPrefix(name, path.Clean(folder)+"/")] = string(text)
		return err
	})
	return out, err
}
