package perfbench

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// handSigner signs requests without parameters of their own, HMAC-SHA1 in the header, and does nothing else: the least
// that a signed request costs. It belongs to one goroutine.
type handSigner struct {
	mac                   hash.Hash
	consumerKey, token    string
	base, sum, text, head []byte
}

func newHandSigner(consumerKey, consumerSecret, token, tokenSecret string) *handSigner {
	return &handSigner{mac: hmac.New(sha1.New, []byte(escape(consumerSecret)+"&"+escape(tokenSecret))), consumerKey: escape(consumerKey), token: escape(token)}
}

// authorization returns the header of one request. Keys and tokens must be letters and digits, as they are escaped once
// only.
func (s *handSigner) authorization(method, target string) string {
	var random [16]byte
	_, _ = rand.Read(random[:])
	var nonce [32]byte
	hex.Encode(nonce[:], random[:])
	var number [20]byte
	timestamp := strconv.AppendInt(number[:0], time.Now().Unix(), 10)
	s.base = append(append(append(append(s.base[:0], method...), '&'), url.QueryEscape(target)...), "&oauth_consumer_key%3D"...)
	s.base = append(append(s.base, s.consumerKey...), "%26oauth_nonce%3D"...)
	s.base = append(append(s.base, nonce[:]...), "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D"...)
	s.base = append(append(s.base, timestamp...), "%26oauth_token%3D"...)
	s.base = append(append(s.base, s.token...), "%26oauth_version%3D1.0"...)
	s.mac.Reset()
	s.mac.Write(s.base)
	s.sum = s.mac.Sum(s.sum[:0])
	s.text = base64.StdEncoding.AppendEncode(s.text[:0], s.sum)
	s.head = append(append(s.head[:0], `OAuth oauth_consumer_key="`...), s.consumerKey...)
	s.head = append(append(s.head, `", oauth_nonce="`...), nonce[:]...)
	s.head = append(append(s.head, `", oauth_signature="`...), url.QueryEscape(string(s.text))...)
	s.head = append(append(s.head, `", oauth_signature_method="HMAC-SHA1", oauth_timestamp="`...), timestamp...)
	s.head = append(append(s.head, `", oauth_token="`...), s.token...)
	return string(append(s.head, `", oauth_version="1.0"`...))
}

// byHand sends a signed request and parses the answer.
func byHand(client *http.Client, s *handSigner, method, target string) (url.Values, error) {
	req, err := http.NewRequest(method, target, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", s.authorization(method, target))
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	v, err := url.ParseQuery(string(body))
	if err == nil && v.Get("oauth_token") == "" {
		err = fmt.Errorf("no token in %q", body)
	}
	return v, err
}

// handSeal seals what waits for a browser, and does nothing else.
type handSeal struct{ cipher.AEAD }

func newHandSeal() (handSeal, error) {
	var key [32]byte
	_, _ = rand.Read(key[:])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return handSeal{}, err
	}
	gcm, err := cipher.NewGCM(block)
	return handSeal{gcm}, err
}

// seal returns two texts as one that only open reads.
func (s handSeal) seal(token, secret string) string {
	var nonce [12]byte
	_, _ = rand.Read(nonce[:])
	return base64.RawURLEncoding.EncodeToString(s.Seal(nonce[:], nonce[:], []byte(token+"\x00"+secret), nil))
}

func (s handSeal) open(sealed string) (token, secret string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(b) < 12 {
		return "", "", fmt.Errorf("no sealed text: %w", err)
	}
	plain, err := s.Open(nil, b[:12], b[12:], nil)
	token, secret, _ = strings.Cut(string(plain), "\x00")
	return token, secret, err
}

// handFlow is the flow of authorise by hand: three signed requests, and the state sealed before the second.
func handFlow(client *http.Client, seal handSeal, base string) error {
	token, secret := "", ""
	for i, step := range [...][2]string{{http.MethodPost, "/oauth/request_token"}, {http.MethodPost, "/oauth/access_token"}, {http.MethodGet, "/me"}} {
		v, err := byHand(client, newHandSigner("consumerkey", "consumersecret", token, secret), step[0], base+step[1])
		if err != nil {
			return err
		}
		token, secret = v.Get("oauth_token"), v.Get("oauth_token_secret")
		if i == 0 {
			if token, secret, err = seal.open(seal.seal(token, secret)); err != nil {
				return err
			}
		}
	}
	return nil
}
