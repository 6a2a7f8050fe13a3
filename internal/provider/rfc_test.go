package provider

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// rfcProvider holds the credentials of RFC 5849 §1.2 as if its first legs had taken place.
func rfcProvider(t *testing.T, now int64) *harness {
	h := newHarness(t, func(c *Config) {
		c.Consumers = []Consumer{{Key: "dpf43f3p2l4k3l03", Secret: "kd94hf93k423kf44"}, {Key: "9djdj82h48djs9d2", Secret: "j49sk3j29djd"}, {Key: "jd83jd92dhsh93js", Secret: "ja893SD9"}}
	})
	h.clock.now = time.Unix(now, 0)
	later := h.clock.now.Add(time.Hour)
	h.store.temporary["hh5s93j4hdidpola"] = &temporary{client: "dpf43f3p2l4k3l03", secret: "hdhd0244k9j7ao03", expires: later, decision: approved, verifier: "hfdp7dh39dks9884"}
	h.store.temporary["hdk48Djdsa"] = &temporary{client: "jd83jd92dhsh93js", secret: "xyz4992k83j47x0b", expires: later, decision: approved, verifier: "473f82d3"}
	h.store.access["nnch734d00sl2jdk"] = &access{client: "dpf43f3p2l4k3l03", secret: "pfkkdhi9sl3r4s00", expires: later, sessionExpires: later}
	h.store.access["kkk9d7dh3k39sjv7"] = &access{client: "9djdj82h48djs9d2", secret: "dh893hdasih9", expires: later, sessionExpires: later}
	return h
}

// TestRFCExamples sends the PLAINTEXT requests of RFC 5849 §2.1 and §2.3, without timestamp and nonce, to the
// endpoints.
func TestRFCExamples(t *testing.T) {
	tests := []struct {
		name, url, authorization string
		status                   int
	}{
		{"2.1 plaintext", "https://server.example.com/request_token",
			`OAuth realm="Example", oauth_consumer_key="jd83jd92dhsh93js", oauth_signature_method="PLAINTEXT", oauth_callback="http%3A%2F%2Fclient.example.net%2Fcb%3Fx%3D1", oauth_signature="ja893SD9%26"`,
			http.StatusOK},
		{"2.3 plaintext", "https://server.example.com/access_token",
			`OAuth realm="Example", oauth_consumer_key="jd83jd92dhsh93js", oauth_token="hdk48Djdsa", oauth_signature_method="PLAINTEXT", oauth_verifier="473f82d3", oauth_signature="ja893SD9%26xyz4992k83j47x0b"`,
			http.StatusOK},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := rfcProvider(t, 137131200)
			r := httptest.NewRequest(http.MethodPost, test.url, nil)
			r.Header.Set("Authorization", test.authorization)
			if w := h.serve(r); w.Code != test.status {
				t.Errorf("status %d, want %d: %s", w.Code, test.status, w.Body)
			}
		})
	}
}

// TestRFCSignatures verifies the requests printed in RFC 5849 §1.2 and §3.4.1 on their own paths, which the provider
// does not serve. The signature printed in §3.1 cannot be had from its inputs; the one all implementations agree on is
// used.
func TestRFCSignatures(t *testing.T) {
	tests := []struct {
		name, method, url, contentType, body, authorization string
		use                                                 tokenUse
		now                                                 int64
	}{
		{"1.2 initiate", "POST", "https://photos.example.net/initiate", "", "",
			`OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131200", oauth_nonce="wIjqoS", oauth_callback="http%3A%2F%2Fprinter.example.com%2Fready", oauth_signature="74KNZJeDHnMBp0EMJ9ZHt%2FXKycU%3D"`, noToken, 137131200},
		{"1.2 token", "POST", "https://photos.example.net/token", "", "",
			`OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="hh5s93j4hdidpola", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="walatlh", oauth_verifier="hfdp7dh39dks9884", oauth_signature="gKgrFCywp7rO0OXSjdot%2FIHF7IU%3D"`, temporaryToken, 137131201},
		{"1.2 photos", "GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", "", "",
			`OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH", oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"`, accessToken, 137131202},
		{"3.4.1", "POST", "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", "application/x-www-form-urlencoded", "c2&a3=2+q",
			`OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", oauth_signature="r6%2FTJjbCOr97%2F%2BUU0NsvSne7s5g%3D"`, accessToken, 137131201},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := rfcProvider(t, test.now)
			r := httptest.NewRequest(test.method, test.url, strings.NewReader(test.body))
			r.Header.Set("Authorization", test.authorization)
			if test.contentType != "" {
				r.Header.Set("Content-Type", test.contentType)
			}
			m, refusal := readMessage(r, 1<<20)
			if refusal != nil {
				t.Fatal(refusal)
			}
			if _, refusal := h.verify(m, test.use); refusal != nil {
				t.Fatalf("refused: %v\nbase string %s", refusal, refusal.BaseString)
			}
			if _, refusal := h.verify(m, test.use); refusal == nil || refusal.Problem != "nonce_used" {
				t.Fatalf("the replay gives %v, want nonce_used", refusal)
			}
		})
	}
}

// TestRFCBaseString pins RFC 5849 §3.4.1.1 literally.
func TestRFCBaseString(t *testing.T) {
	params := append(splitForm("b5=%3D%253D&a3=a&c%40=&a2=r%20b"), splitForm("c2&a3=2+q")...)
	params = append(params, Parameter{"oauth_consumer_key", "9djdj82h48djs9d2"}, Parameter{"oauth_token", "kkk9d7dh3k39sjv7"},
		Parameter{"oauth_signature_method", "HMAC-SHA1"}, Parameter{"oauth_timestamp", "137131201"}, Parameter{"oauth_nonce", "7d8f3e4a"})
	want := "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	compare(t, want, baseString("post", baseStringURI("HTTP", "EXAMPLE.com:80", "/request"), params))
}
