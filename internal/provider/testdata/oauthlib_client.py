"""Plays the client with python3-oauthlib against a provider: oauthlib_client.py URL RSA_KEY_FILE.

Prints one JSON line per request, {"name", "status", "want"}: the status that came and the one that has to come.
"""
import http.client, json, sys, urllib.parse
from oauthlib import oauth1

base, key_file = sys.argv[1:3]
rsa_key = open(key_file).read()
host = urllib.parse.urlsplit(base).netloc
METHODS = ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'RSA-SHA1', 'RSA-SHA256', 'RSA-SHA512', 'PLAINTEXT']
FORM = 'application/x-www-form-urlencoded'
connection = http.client.HTTPConnection(host)


def send(url, method, headers, body):
    parts = urllib.parse.urlsplit(url)
    target = parts.path + ('?' + parts.query if parts.query else '')
    connection.request(method, target, body=body, headers={str(k): str(v) for k, v in headers.items()})
    response = connection.getresponse()
    return response.status, response.read().decode(), response.getheader('Location')


def report(name, status, want=200):
    print(json.dumps({'name': name, 'status': status, 'want': want}))


def client(method, transport, **more):
    key, secret = ('ck-rsa', None) if method.startswith('RSA') else ('ck-hmac', 'cs-hmac')
    if method.startswith('RSA'):
        more['rsa_key'] = rsa_key
    return oauth1.Client(key, client_secret=secret, signature_method=method, signature_type=transport, **more)


def signed(c, url, method, transport, content_type=None, body=None):
    headers = {}
    if transport == oauth1.SIGNATURE_TYPE_BODY and body is None:
        content_type, body = FORM, ''
    if content_type:
        headers['Content-Type'] = content_type
    return c.sign(url, method, body=body, headers=headers)


def dance(method, transport):
    name = method + '/' + transport
    url, headers, body = signed(client(method, transport, callback_uri='http://client.test/cb?keep=1'), base + '/request_token', 'POST', transport)
    status, text, _ = send(url, 'POST', headers, body)
    report(name + ' request token', status)
    temp = dict(urllib.parse.parse_qsl(text))
    status, _, location = send(base + '/authorize?' + urllib.parse.urlencode({'oauth_token': temp['oauth_token']}), 'GET', {}, None)
    report(name + ' authorize', status, 302)
    verifier = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))['oauth_verifier']
    for given, want in (('wrong', 401), (verifier, 200), (verifier, 401)):
        c = client(method, transport, resource_owner_key=temp['oauth_token'], resource_owner_secret=temp['oauth_token_secret'], verifier=given)
        status, text, _ = send(*place(signed(c, base + '/access_token', 'POST', transport), 'POST'))
        report('%s access token for %s' % (name, 'a wrong verifier' if given == 'wrong' else 'the verifier, want %d' % want), status, want)
        if want == 200:
            token = dict(urllib.parse.parse_qsl(text))
    return token


def place(request, method):
    url, headers, body = request
    return url, method, headers, body


def calls(method, transport, token):
    name = method + '/' + transport
    owner = dict(resource_owner_key=token['oauth_token'], resource_owner_secret=token['oauth_token_secret'])
    kinds = [('POST', FORM, 'a=b+c&a=%2B&d=%C3%A9'), ('PUT', FORM, 'a=1'), ('PATCH', FORM, 'a=1'), ('DELETE', FORM, 'a=1')]
    if transport != oauth1.SIGNATURE_TYPE_BODY:
        kinds += [('GET', None, None), ('DELETE', None, None), ('POST', 'application/json', '{"a": "b&c"}')]
    for verb, content_type, body in kinds:
        request = signed(client(method, transport, **owner), base + '/resource/x%20y/~z?q=a%26b&q=a&e=', verb, transport, content_type, body)
        status, _, _ = send(*place(request, verb))
        report('%s %s %s' % (name, verb, content_type), status)
        status, _, _ = send(*place(request, verb))
        report('%s %s %s replayed' % (name, verb, content_type), status, 401)


for method in METHODS:
    for transport in (oauth1.SIGNATURE_TYPE_AUTH_HEADER, oauth1.SIGNATURE_TYPE_BODY, oauth1.SIGNATURE_TYPE_QUERY):
        calls(method, transport, dance(method, transport))
