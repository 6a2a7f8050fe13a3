package perfbench

// typicalSpec is a connection as providers need it: a form, a three-legged authorisation, and the user's name at the
// end. The server address is a parameter.
const typicalSpec = `{
	"oauth": {
		"consumer_key": "{{parameters.consumerKey}}",
		"consumer_secret": "{{parameters.consumerSecret}}",
		"token": "{{connection.token}}",
		"token_secret": "{{connection.tokenSecret}}"
	},
	"requestToken": {
		"url": "{{parameters.base}}/oauth/request_token",
		"method": "POST",
		"response": {
			"type": "urlencoded",
			"temp": {"token": "{{body.oauth_token}}", "tokenSecret": "{{body.oauth_token_secret}}"},
			"error": {"message": "[{{statusCode}}] {{body.error}}"}
		}
	},
	"authorize": {
		"url": "{{parameters.base}}/authorize",
		"qs": {"oauth_token": "{{temp.token}}"},
		"response": {"temp": {"verifier": "{{query.oauth_verifier}}"}}
	},
	"accessToken": {
		"url": "{{parameters.base}}/oauth/access_token",
		"method": "POST",
		"oauth": {"token": "{{temp.token}}", "token_secret": "{{temp.tokenSecret}}", "verifier": "{{temp.verifier}}"},
		"response": {
			"type": "urlencoded",
			"data": {"token": "{{body.oauth_token}}", "tokenSecret": "{{body.oauth_token_secret}}"},
			"error": {"message": "[{{statusCode}}] {{body.error}}"}
		}
	},
	"info": {
		"url": "{{parameters.base}}/me",
		"response": {
			"type": "urlencoded",
			"uid": "{{body.oauth_token}}",
			"metadata": {"type": "text", "value": "{{body.oauth_token}}"},
			"error": {"message": "[{{statusCode}}] {{body.error}}"}
		}
	}
}`

// postCall is a signed POST whose answer is parsed.
const postCall = `{
	"url": "{{connection.base}}/oauth/request_token",
	"method": "POST",
	"response": {"type": "urlencoded", "output": "{{body.oauth_token}}"}
}`

// formFields are the fields of the parameters file that goes with typicalSpec.
const formFields = `[
	{"name": "consumerKey", "type": "text", "required": true},
	{"name": "consumerSecret", "type": "text", "required": true},
	{"name": "base", "type": "text", "required": true}
]`
