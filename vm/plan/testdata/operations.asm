plan "", dialect "", compiled by "", format 2
source hash 0000000000000000000000000000000000000000000000000000000000000000

function 0, value, locals 1, stack 2
     0  const         1
     1  pop
     2  root          r
     3  path          r
     4  add
     5  var           uuid
     6  subtract
     7  const         1
     8  multiply
     9  const         1
    10  divide
    11  const         1
    12  modulo
    13  const         1
    14  equal
    15  const         1
    16  not_equal
    17  const         1
    18  less
    19  const         1
    20  less_equal
    21  const         1
    22  greater
    23  const         1
    24  greater_equal
    25  negate
    26  not
    27  name          "k"
    28  item          -1
    29  const         1
    30  index
    31  jump_false    -> 32
    32  const         1
    33  and           -> 35
    34  const         1
    35  or            -> 37
    36  const         1
    37  if_empty      -> 39
    38  const         1
    39  const         1
    40  case          -> 42
    41  const         1
    42  const         1
    43  call          f@0/2
    44  join          1
    45  array         1
    46  const         1
    47  record        {"k", "f"}
    48  pop
    49  object
    50  const         1
    51  set           "k"
    52  const         1
    53  spread
    54  prune
    55  store         0
    56  local         0
    57  list          1
    58  const         1
    59  each          function 2
    60  each_null     function 3
    61  jump          -> 62
    62  return

function 1, emit, stack 1
     0  emit_open     {
     1  const         1
     2  emit_member   "k":
     3  emit_key      "k":
     4  emit_open     [
     5  const         1
     6  emit_item
     7  const         1
     8  emit_some
     9  emit_sep
    10  emit_raw      1
    11  emit_sep
    12  emit_quote
    13  const         1
    14  emit_part
    15  emit_call     f@0/0
    16  emit_quote
    17  emit_close    ]
    18  emit_close    }
    19  return

function 2, value, params 3, locals 4, stack 1
     0  local         0
     1  return

function 3, value, params 2, locals 2, stack 1
     0  local         1
     1  return
