package explain

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// jsonParams are the top-level fields of a JSON body.
func jsonParams(body []byte) []oauth1.Param {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&fields) != nil {
		return nil
	}
	var ps []oauth1.Param
	for name, value := range fields {
		s, ok := value.(string)
		if !ok {
			text, err := json.Marshal(value)
			if err != nil {
				continue
			}
			s = string(text)
		}
		ps = append(ps, bodyParam(name, s))
	}
	return ps
}

// multipartParams are the fields of a multipart body; with files also the names of files, as the values of theirs.
func multipartParams(req *oauth1.Request, files bool) []oauth1.Param {
	kind, params, err := mime.ParseMediaType(req.ContentType)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil
	}
	var ps []oauth1.Param
	for r := multipart.NewReader(bytes.NewReader(req.Body), params["boundary"]); ; {
		part, err := r.NextPart()
		if err != nil {
			return ps
		}
		switch {
		case part.FileName() == "":
			value, err := io.ReadAll(part)
			if err != nil {
				return ps
			}
			ps = append(ps, bodyParam(part.FormName(), string(value)))
		case files:
			ps = append(ps, bodyParam(part.FormName(), part.FileName()))
		}
	}
}

func bodyParam(name, value string) oauth1.Param {
	return oauth1.Param{Pair: uri.Pair{Name: name, Value: value}, Origin: oauth1.OriginBody}
}
