plan "template", dialect "make", compiled by "imlc 0.1", format 2
source hash 0102030000000000000000000000000000000000000000000000000000000000
option strict equality
needs dialect/make@1
needs iml/upper@1
file template, 46 bytes

parameters[0]
  name: "a"
  type: "select"
  label: "A"
  help: "h"
  kind: text
  format: uuid
  secret: true
  visual: true
  required: true
  advanced: true
  editable: true
  multiline: true
  multiple: true
  hasDefault: true
  default: "d"
  validate
    pattern: "^a"
    minLength: 1
    maxLength: 9
    min: -Infinity
    max: 0.5
    maxItems: 3
    enum[0]: "a"
    enum[1]: "b"
  choice: true
  options[0]
    label: "o"
    value: 1
    nested[0]
      name: "item"
      type: "text"
      static: true
  nested[0]
    name: "item"
    type: "text"
    static: true
  specIsItem: true
  spec[0]
    name: "item"
    type: "text"
    static: true
common: function 4 /objects, value, stack 4
     0  object
     1  const         false
     2  set           "key"
     3  root          parameters
     4  spread
     5  object
     6  record        {}
     7  set           "name"
     8  const         undefined
     9  array         1
    10  const         null
    11  record        {"a", "name"}
    12  set           "upper"
    13  set           "a"
    14  return
scope[0]: "read"
scopeList[0]
  name: "read"
  description: "Read all"
redirects[0]: "local"
verdicts[0]
  accept[0]
    first: 200
    last: 299
  onStatus[0]
    first: 500
    last: 599
    failure
      type: "ConnectionError"
      code: "c"
      message: "m"
  onInvalid
    type: "RuntimeError"
  types[0]: "RuntimeError"
words[0]
  event: "body-became-text"
  code: "MAKE504"
stages[0]
  name: "requestToken"
  requests[0]
    pointer: "/requestToken/0"
    temp[0]: function 4 /objects, listed above
    temp[1]: function 4 /objects, listed above
    condition: function 0, value, stack 1
      template:1:1 | {{if(parameters.a[2]; upper(data.name); "x")}}
         0  path          parameters.a[2]              ; 1:6
         1  jump_false    -> 5
         2  path          data.name                    ; 1:29
         3  call          upper@1/1
         4  jump          -> 6
         5  const         "x"                          ; 1:41
         6  return
    baseURL: function 0, listed above
    join: relative
    url: function 0, listed above
    rawURL: true
    method[0]: function 0, listed above
    method[1]: function 1 /const, value, stack 1
         0  const         undefined
         1  return
    headers[0]
      value: function 4 /objects, listed above
    headers[1]
      value: function 4 /objects, listed above
      mode: replaces
    query[0]
      value: function 4 /objects, listed above
      mode: fills
    queryMode: override
    body[0]
      value: function 4 /objects, listed above
      methods[0]: "POST"
      methods[1]: "PUT"
    bodyJSON: function 5 /body, emit, stack 1
         0  emit_open     {
         1  root          parameters
         2  emit_member   "id":
         3  emit_sep
         4  emit_raw      "raw":null
         5  root          data
         6  jump_false    -> 21
         7  emit_key      "list":
         8  emit_open     [
         9  emit_raw      1,{"x":[]}
        10  root          parameters
        11  emit_item
        12  emit_sep
        13  emit_quote
        14  emit_raw      a\n
        15  root          data
        16  emit_part
        17  root          data
        18  emit_call     upper@1/1
        19  emit_quote
        20  emit_close    ]
        21  emit_close    }
        22  return
    bodyType[0]: function 0, listed above
    byValue: true
    jsonType: "application/json; charset=utf-8"
    textType: "text/plain"
    oauth[0]
      whole: function 4 /objects, listed above
      withoutFlow: true
    oauth[1]
      consumerKey: function 0, listed above
      consumerSecret: function 0, listed above
      privateKey: function 0, listed above
      token: function 0, listed above
      tokenSecret: function 0, listed above
      verifier: function 0, listed above
      signatureMethod: function 0, listed above
      transport: function 0, listed above
      bodyHash: function 0, listed above
      callback: function 0, listed above
      realm: function 0, listed above
      needsKey: true
      version: function 0, listed above
      extra: function 4 /objects, listed above
    oauth[2]
      off: true
    callback: inject_unless_carried
    ca[0]: function 0, listed above
    gzip: true
    shareCookies: true
    insecureTLS: true
    keepRedirects: true
    keepOtherRedirects: true
    timeout: 30000
    verdict: 1
    response
      parser
        value: function 0, listed above
      ranges[0]
        first: 1
        last: 999
        parser
          value: function 0, listed above
      ranges[1]
        first: 200
        last: 200
        parser
          kind: token
      temp[0]: function 4 /objects, listed above
      error
        message: function 0, listed above
        type: function 0, listed above
        status[0]
          status: 404
          message: function 0, listed above
          type: function 1 /const, listed above
      valid
        condition: function 2 /logic, value, stack 2
          template:3:9 | 
             0  var           now
             1  and           -> 5
             2  root          data
             3  not
             4  negate
             5  or            -> 8
             6  const         true
             7  item          -3
             8  if_empty      -> 12
             9  const         null
            10  const         false
            11  pop
            12  return
        message: function 0, listed above
        type: function 0, listed above
        code: "oauth1/test-failed"
      data: function 4 /objects, listed above
      dataFields[0]: "*"
      uid: function 3 /operators, value, stack 2
           0  root          parameters
           1  name          "name"
           2  const         undefined
           3  case          -> 7
           4  const         null
           5  const         false
           6  add
           7  const         false
           8  equal
           9  const         false
          10  index
          11  const         false
          12  join          2
          13  return
      metadata
        type: function 0, listed above
        value: function 3 /operators, listed above
      expires: function 3 /operators, listed above
      iterate
        container: function 3 /operators, listed above
        condition: function 2 /logic, listed above
      output: function 4 /objects, listed above
      limit: function 3 /operators, listed above
      rows: function 3 /operators, listed above
    log: true
    sanitize[0]
      steps[0]: "headers"
      steps[1]: "authorization"
    sanitize[1]
      answer: true
      steps[0]: "body"
      text: function 0, listed above
    repeat
      condition: function 2 /logic, listed above
      delay: 50
      limit: 3
  requests[1]
    pointer: "/requestToken/1"
stages[1]
  name: "authorize"
  redirect
    pointer: "/authorize"
    temp: function 4 /objects, listed above
    condition: function 2 /logic, listed above
    url: function 0, listed above
    rawURL: true
    query: function 4 /objects, listed above
    queryMode: append
    oauth[0]
      token: function 0, listed above
    tokenFirst: true
    callbackOptional: true
    verdict: 1
    response
stages[2]
  name: "info"
  proof: true
  requests[0]
    pointer: "/requestToken/0"
    temp[0]: function 4 /objects, listed above
    temp[1]: function 4 /objects, listed above
    condition: function 0, listed above
    baseURL: function 0, listed above
    join: relative
    url: function 0, listed above
    rawURL: true
    method[0]: function 0, listed above
    method[1]: function 1 /const, listed above
    headers[0]
      value: function 4 /objects, listed above
    headers[1]
      value: function 4 /objects, listed above
      mode: replaces
    query[0]
      value: function 4 /objects, listed above
      mode: fills
    queryMode: override
    body[0]
      value: function 4 /objects, listed above
      methods[0]: "POST"
      methods[1]: "PUT"
    bodyJSON: function 5 /body, listed above
    bodyType[0]: function 0, listed above
    byValue: true
    jsonType: "application/json; charset=utf-8"
    textType: "text/plain"
    oauth[0]
      whole: function 4 /objects, listed above
      withoutFlow: true
    oauth[1]
      consumerKey: function 0, listed above
      consumerSecret: function 0, listed above
      privateKey: function 0, listed above
      token: function 0, listed above
      tokenSecret: function 0, listed above
      verifier: function 0, listed above
      signatureMethod: function 0, listed above
      transport: function 0, listed above
      bodyHash: function 0, listed above
      callback: function 0, listed above
      realm: function 0, listed above
      needsKey: true
      version: function 0, listed above
      extra: function 4 /objects, listed above
    oauth[2]
      off: true
    callback: inject_unless_carried
    ca[0]: function 0, listed above
    gzip: true
    shareCookies: true
    insecureTLS: true
    keepRedirects: true
    keepOtherRedirects: true
    timeout: 30000
    verdict: 1
    response
      parser
        value: function 0, listed above
      ranges[0]
        first: 1
        last: 999
        parser
          value: function 0, listed above
      ranges[1]
        first: 200
        last: 200
        parser
          kind: token
      temp[0]: function 4 /objects, listed above
      error
        message: function 0, listed above
        type: function 0, listed above
        status[0]
          status: 404
          message: function 0, listed above
          type: function 1 /const, listed above
      valid
        condition: function 2 /logic, listed above
        message: function 0, listed above
        type: function 0, listed above
        code: "oauth1/test-failed"
      data: function 4 /objects, listed above
      dataFields[0]: "*"
      uid: function 3 /operators, listed above
      metadata
        type: function 0, listed above
        value: function 3 /operators, listed above
      expires: function 3 /operators, listed above
      iterate
        container: function 3 /operators, listed above
        condition: function 2 /logic, listed above
      output: function 4 /objects, listed above
      limit: function 3 /operators, listed above
      rows: function 3 /operators, listed above
    log: true
    sanitize[0]
      steps[0]: "headers"
      steps[1]: "authorization"
    sanitize[1]
      answer: true
      steps[0]: "body"
      text: function 0, listed above
    repeat
      condition: function 2 /logic, listed above
      delay: 50
      limit: 3
calls[0]
  name: "list"
  requests[0]
    pointer: "/requestToken/0"
    temp[0]: function 4 /objects, listed above
    temp[1]: function 4 /objects, listed above
    condition: function 0, listed above
    baseURL: function 0, listed above
    join: relative
    url: function 0, listed above
    rawURL: true
    method[0]: function 0, listed above
    method[1]: function 1 /const, listed above
    headers[0]
      value: function 4 /objects, listed above
    headers[1]
      value: function 4 /objects, listed above
      mode: replaces
    query[0]
      value: function 4 /objects, listed above
      mode: fills
    queryMode: override
    body[0]
      value: function 4 /objects, listed above
      methods[0]: "POST"
      methods[1]: "PUT"
    bodyJSON: function 5 /body, listed above
    bodyType[0]: function 0, listed above
    byValue: true
    jsonType: "application/json; charset=utf-8"
    textType: "text/plain"
    oauth[0]
      whole: function 4 /objects, listed above
      withoutFlow: true
    oauth[1]
      consumerKey: function 0, listed above
      consumerSecret: function 0, listed above
      privateKey: function 0, listed above
      token: function 0, listed above
      tokenSecret: function 0, listed above
      verifier: function 0, listed above
      signatureMethod: function 0, listed above
      transport: function 0, listed above
      bodyHash: function 0, listed above
      callback: function 0, listed above
      realm: function 0, listed above
      needsKey: true
      version: function 0, listed above
      extra: function 4 /objects, listed above
    oauth[2]
      off: true
    callback: inject_unless_carried
    ca[0]: function 0, listed above
    gzip: true
    shareCookies: true
    insecureTLS: true
    keepRedirects: true
    keepOtherRedirects: true
    timeout: 30000
    verdict: 1
    response
      parser
        value: function 0, listed above
      ranges[0]
        first: 1
        last: 999
        parser
          value: function 0, listed above
      ranges[1]
        first: 200
        last: 200
        parser
          kind: token
      temp[0]: function 4 /objects, listed above
      error
        message: function 0, listed above
        type: function 0, listed above
        status[0]
          status: 404
          message: function 0, listed above
          type: function 1 /const, listed above
      valid
        condition: function 2 /logic, listed above
        message: function 0, listed above
        type: function 0, listed above
        code: "oauth1/test-failed"
      data: function 4 /objects, listed above
      dataFields[0]: "*"
      uid: function 3 /operators, listed above
      metadata
        type: function 0, listed above
        value: function 3 /operators, listed above
      expires: function 3 /operators, listed above
      iterate
        container: function 3 /operators, listed above
        condition: function 2 /logic, listed above
      output: function 4 /objects, listed above
      limit: function 3 /operators, listed above
      rows: function 3 /operators, listed above
    log: true
    sanitize[0]
      steps[0]: "headers"
      steps[1]: "authorization"
    sanitize[1]
      answer: true
      steps[0]: "body"
      text: function 0, listed above
    repeat
      condition: function 2 /logic, listed above
      delay: 50
      limit: 3
free
  pointer: "/base"
  baseURL: function 0, listed above
  response
