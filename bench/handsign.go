package perfbench

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
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
	callback, verifier    string // encoded, "" sends none: of the two requests for tokens
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
	timestamp := string(strconv.AppendInt(number[:0], time.Now().Unix(), 10))
	s.base = append(append(append(append(s.base[:0], method...), '&'), url.QueryEscape(target)...), '&')
	s.head = append(s.head[:0], "OAuth "...)
	if s.callback != "" {
		s.add("oauth_callback", s.callback, escape(s.callback))
	}
	s.add("oauth_consumer_key", s.consumerKey, s.consumerKey)
	s.add("oauth_nonce", string(nonce[:]), string(nonce[:]))
	s.add("oauth_signature_method", "HMAC-SHA1", "HMAC-SHA1")
	s.add("oauth_timestamp", timestamp, timestamp)
	if s.token != "" {
		s.add("oauth_token", s.token, s.token)
	}
	if s.verifier != "" {
		s.add("oauth_verifier", s.verifier, s.verifier)
	}
	s.add("oauth_version", "1.0", "1.0")
	s.base = s.base[:len(s.base)-len("%26")]
	s.mac.Reset()
	s.mac.Write(s.base)
	s.sum = s.mac.Sum(s.sum[:0])
	s.text = base64.StdEncoding.AppendEncode(s.text[:0], s.sum)
	s.head = append(append(s.head, `oauth_signature="`...), url.QueryEscape(string(s.text))...)
	return string(append(s.head, '"'))
}

// add writes a parameter to the base string, where its value is encoded twice, and to the header.
func (s *handSigner) add(name, value, twice string) {
	s.base = append(append(append(append(s.base, name...), "%3D"...), twice...), "%26"...)
	s.head = append(append(append(append(s.head, name...), `="`...), value...), `", `...)
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
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
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

// seal returns temporary credentials as a text that only open reads, within ten minutes.
func (s handSeal) seal(token, secret string) string {
	var nonce [12]byte
	_, _ = rand.Read(nonce[:])
	deadline := strconv.FormatInt(time.Now().Add(10*time.Minute).Unix(), 10)
	return base64.RawURLEncoding.EncodeToString(s.Seal(nonce[:], nonce[:], []byte(deadline+"\x00"+token+"\x00"+secret), nil))
}

func (s handSeal) open(sealed string) (token, secret string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(b) < 12 {
		return "", "", fmt.Errorf("no sealed text: %w", err)
	}
	plain, err := s.Open(nil, b[:12], b[12:], nil)
	if err != nil {
		return "", "", err
	}
	until, rest, _ := strings.Cut(string(plain), "\x00")
	if deadline, err := strconv.ParseInt(until, 10, 64); err != nil || time.Now().Unix() > deadline {
		return "", "", errors.New("the authorisation has expired")
	}
	token, secret, _ = strings.Cut(rest, "\x00")
	return token, secret, nil
}

// handFlow is the flow of authorise by hand, and sends the same requests.
func handFlow(client *http.Client, seal handSeal, base string) error {
	redirect, state, err := handStart(client, seal, base)
	if err != nil {
		return err
	}
	token := redirect[strings.LastIndex(redirect, "=")+1:]
	return handCallback(client, seal, base, state, "oauth_token="+token+"&oauth_verifier=verifier123")
}

// handStart gets temporary credentials and returns the address for the browser, and what handCallback needs.
func handStart(client *http.Client, seal handSeal, base string) (redirect, state string, err error) {
	s := newHandSigner("consumerkey", "consumersecret", "", "")
	s.callback = escape("http://localhost/cb")
	v, err := byHand(client, s, http.MethodPost, base+"/oauth/request_token")
	if err != nil {
		return "", "", err
	}
	if v.Get("oauth_callback_confirmed") != "true" {
		return "", "", errors.New("the callback address was not confirmed")
	}
	token := v.Get("oauth_token")
	return base + "/authorize?oauth_token=" + escape(token), seal.seal(token, v.Get("oauth_token_secret")), nil
}

// handCallback gets the token, and the user with it.
func handCallback(client *http.Client, seal handSeal, base, state, query string) error {
	token, secret, err := seal.open(state)
	if err != nil {
		return err
	}
	back, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(back.Get("oauth_token")), []byte(token)) != 1 {
		return errors.New("another authorisation came back")
	}
	s := newHandSigner("consumerkey", "consumersecret", token, secret)
	s.verifier = escape(back.Get("oauth_verifier"))
	v, err := byHand(client, s, http.MethodPost, base+"/oauth/access_token")
	if err != nil {
		return err
	}
	_, err = byHand(client, newHandSigner("consumerkey", "consumersecret", v.Get("oauth_token"), v.Get("oauth_token_secret")), http.MethodGet, base+"/me")
	return err
}
