package broker_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
)

// visitForm sends a form with files, each with its field, name and text.
func visitForm(t testing.TB, client *http.Client, address string, fields [][2]string, files [][3]string) (int, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, f := range fields {
		if err := form.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, f[0], f[1])}, "Content-Type": {"application/octet-stream"}})
		if err == nil {
			_, err = part.Write([]byte(f[2]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	form.Close()
	res, err := client.Post(address, form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// TestUploadByForm sends what browsers send: a folder with its own name, files above texts, line breaks as they are typed.
func TestUploadByForm(t *testing.T) {
	w := start(t)
	client := w.operator()
	csrf := w.csrf(client)
	spec := demoSpec(t)
	send := func(path string, fields [][2]string, files ...[3]string) (int, string) {
		t.Helper()
		return visitForm(t, client, w.url+path, append([][2]string{{"csrf", csrf}}, fields...), files)
	}
	if status, _ := send("/upload", [][2]string{{"name", "folder"}}, [3]string{"folder", "my spec/demo.jsonc", spec}, [3]string{"folder", "my spec/.git/config", "\xff"}, [3]string{"folder", "my spec/.DS_Store", "x"}); status != 200 {
		t.Errorf("a folder: %d", status)
	}
	files := w.must("GET", "/v1/specs/folder/versions/1", nil)["files"].(map[string]any)
	if len(files) != 1 || files["demo.jsonc"] != spec {
		t.Errorf("of the folder was kept: %v", files)
	}
	typed := strings.ReplaceAll(spec, "\n", "\r\n")
	if status, _ := send("/upload", [][2]string{{"name", "typed"}, {"path", "demo.jsonc"}, {"text", typed}, {"path", ""}, {"text", "left out"}}); status != 200 {
		t.Errorf("a text: %d", status)
	}
	if files := w.must("GET", "/v1/specs/typed/versions/1", nil)["files"].(map[string]any); len(files) != 1 || files["demo.jsonc"] != spec {
		t.Errorf("of the text was kept: %v", files)
	}
	for name, c := range map[string]struct {
		fields [][2]string
		files  [][3]string
		status int
		says   string
	}{
		"a name that is taken": {[][2]string{{"name", "typed"}, {"path", "demo.jsonc"}, {"text", spec}}, nil, 409, "there is a spec of this name"},
		"no name":              {[][2]string{{"path", "demo.jsonc"}, {"text", spec}}, nil, 422, "small letters"},
		"no files":             {[][2]string{{"name", "none"}}, nil, 422, "0 files"},
		"a way out":            {[][2]string{{"name", "out"}, {"path", "../x.jsonc"}, {"text", spec}}, nil, 422, "no path of a file inside the folder"},
		"bytes":                {[][2]string{{"name", "bytes"}}, [][3]string{{"file", "x.jsonc", "\xff\xfe"}}, 422, "no text in UTF-8"},
		"too much":             {[][2]string{{"name", "much"}, {"path", "x.jsonc"}, {"text", strings.Repeat("x", 1<<20+1)}}, nil, 422, "more than"},
		"markup":               {[][2]string{{"name", "markup"}, {"title", "<script>"}, {"path", "<b>.jsonc"}, {"text", `{"<i>": 1}`}}, nil, 422, "&lt;i&gt;"},
	} {
		status, text := send("/upload", c.fields, c.files...)
		if status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d %s", name, status, text)
		}
		for _, markup := range []string{"<script>", "<b>", "<i>"} {
			if strings.Contains(text, markup) {
				t.Errorf("%s: the page holds %s", name, markup)
			}
		}
	}
	if status, _ := visitForm(t, client, w.url+"/upload", [][2]string{{"csrf", "wrong"}, {"name", "x"}, {"path", "demo.jsonc"}, {"text", spec}}, nil); status != 401 {
		t.Errorf("a form of another site: %d", status)
	}
}
