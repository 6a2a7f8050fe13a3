plan "template", dialect "make", compiled by "imlc 0.1", format 2
source hash 0000000000000000000000000000000000000000000000000000000000000000
needs dialect/make@1
needs iml/upper@1
file template, 46 bytes

function 0, value, stack 1
  template:1:1 | {{if(parameters.a[2]; upper(data.name); "x")}}
     0  path          parameters.a[2]              ; 1:6
     1  jump_false    -> 5
     2  path          data.name                    ; 1:29
     3  call          upper@1/1
     4  jump          -> 6
     5  const         "x"                          ; 1:41
     6  return
