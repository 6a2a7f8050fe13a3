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
	// OutOfBand says that the service shows users a code instead of sending their browsers back.
	OutOfBand bool
}

// Gallery returns the examples of real services, one for each.
func Gallery() []Example {
	return []Example{
		{Name: "discogs", Title: "Discogs", Help: "Music releases and collections. Make an application in the developer settings.", Folder: "make/discogs"},
		{Name: "etrade", Title: "E*TRADE", Help: "Brokerage accounts. Keys come from the developer site.", Folder: "make/etrade", OutOfBand: true},
		{Name: "flickr", Title: "Flickr", Help: "Photos. Ask for a key in the App Garden.", Folder: "make/flickr"},
		{Name: "jira", Title: "Jira Data Center", Help: "Issues of your own server, by an application link with an RSA key.", Folder: "make/jira"},
		{Name: "netsuite", Title: "NetSuite", Help: "ERP records, by token-based authentication.", Folder: "make/netsuite"},
		{Name: "nounproject", Title: "Noun Project", Help: "Icons. Signed without a user's token.", Folder: "make/nounproject"},
		{Name: "plurk", Title: "Plurk", Help: "Short messages. Make an application at plurk.com/PlurkApp.", Folder: "membrane/plurk"},
		{Name: "smugmug", Title: "SmugMug", Help: "Photos and galleries.", Folder: "make/smugmug"},
		{Name: "trello", Title: "Trello", Help: "Boards and cards. Make a Power-Up for a key.", Folder: "make/trello"},
		{Name: "tripit", Title: "TripIt", Help: "Trips.", Folder: "make/tripit"},
		{Name: "tumblr", Title: "Tumblr", Help: "Blogs. Register an application.", Folder: "make/tumblr"},
		{Name: "uservoice", Title: "UserVoice", Help: "Feedback of your customers.", Folder: "zapier/uservoice"},
		{Name: "wikimedia", Title: "Wikimedia", Help: "Wikipedia and its sisters. Propose a consumer at Meta-Wiki.", Folder: "make/wikimedia"},
		{Name: "x", Title: "X", Help: "Posts, by OAuth 1.0a user context.", Folder: "make/x"},
		{Name: "zotero", Title: "Zotero", Help: "References.", Folder: "make/zotero"},
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
