package iml_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestArrays(t *testing.T) {
	runCases(t, testContext(), []exprCase{
		{`add(emptyarray; undefined; null; emptyarray)`, `array [null,null,[]]`},
		{`add(null; 1)`, `IML404`},
		{`add("a"; 1)`, `IML203`},
		{`arrayDiff(p.mix; split("10,1,b"; ","))`, `array [3,null,{"a":1},"B",false,2]`},
		{`arrayDiff(p.mix; split("10,1,b,4,5,6,7,8,9,11"; ","))`, `array [3,null,{"a":1},"B",false,2]`},
		{`arrayIntersect(p.mix; add(emptyarray; 10; 1; null; "b"; 4; 5; 6; 7; 8; 9; 11))`, `array ["10",true,null,[1],"b"]`},
		{`arrayDiff(null; null)`, `array []`},
		{`arrayDiff(p.arr; null)`, `IML404`},
		{`contains(p.mix; null)`, `boolean true`},
		{`contains(p.arr; null)`, `boolean false`},
		{`deduplicate(add(emptyarray; 1; "1"; 1; true; true; null; undefined; p.obj; p.obj; nan; nan))`, `array [1,"1",true,null,{"k":"a","v":1},null,null]`},
		{`deduplicate(add(emptyarray; p.big; p.big; 9007199254740992))`, `array [9007199254740993,9007199254740992]`},
		{`distinct(p.objs; "t")`, `array [{"k":"a","v":1,"t":"w"},{"k":"b","v":2,"t":"h"}]`},
		{`distinct(p.objs; null)`, `array [{"k":"a","v":1,"t":"w"},{"k":"b","v":2,"t":"h"},{"k":"c","v":3,"t":"w"}]`},
		{`first(p.empty)`, `undefined`},
		{`first(null)`, `undefined`},
		{`flatten(p.nest; 9)`, `array [1,2,3,4]`},
		{`flatten(p.nest; -1)`, `array [1,[2,[3,[4]]]]`},
		{`flatten(p.nest; infinity)`, `array [1,2,3,4]`},
		{`join(p.mix; null)`, `text "310true1{\"a\":1}Bbfalse2"`},
		{`keys("a")`, `IML401`},
		{`keys(null)`, `array []`},
		{`map(p.objs; "v"; "t"; "w")`, `array [1,3]`},
		{`map(p.objs; "v"; "t"; "w, h")`, `array [1,2,3]`},
		{`map(p.objs; "v"; "v"; 2)`, `array [2]`},
		{`map(p.objs; "k"; "v"; add(emptyarray; 3; "1"))`, `array ["a","c"]`},
		{`map(p.objs; "v"; "t"; null)`, `array []`},
		{`map(p.objs; "v"; "t"; )`, `array [1,2,3]`},
		{`map(p.objs; "v"; "zz"; "")`, `array []`},
		{`map(p.objs; "zz")`, `array [null,null,null]`},
		{`map(add(emptyarray; 1; "x"); "v")`, `array [null,null]`},
		{`map(null; "v")`, `IML404`},
		{`merge(null; undefined)`, `array []`},
		{`merge(p.obj; null; b)`, `collection {"k":"a","v":1,"t":"w"}`},
		{`merge(p.obj; p.arr)`, `IML404`},
		{`merge("a"; p.arr)`, `IML404`},
		{`remove(p.mix; "1"; null; "B"; p.obj; p.arr)`, `array [3,"10",[1],{"a":1},"b",false,2]`},
		{`reverse(null)`, `null`},
		{`slice(p.arr; -2)`, `array [20,30]`},
		{`slice(p.arr; null; -1)`, `array [10,20]`},
		{`slice(p.arr; 2; 1)`, `array []`},
		{`slice(p.arr; -9; 9)`, `array [10,20,30]`},
		{`sort(p.mix)`, `array [2,3,"10","B","b",false,true,[1],{"a":1},null]`},
		{`sort(p.mix; "desc")`, `array [null,{"a":1},[1],true,false,"b","B","10",3,2]`},
		{`sort(p.objs; "t")`, `array [{"k":"b","v":2,"t":"h"},{"k":"a","v":1,"t":"w"},{"k":"c","v":3,"t":"w"}]`},
		{`map(sort(p.objs; "desc"; "t"); "k")`, `array ["a","c","b"]`},
		{`map(sort(p.objs; null; "v"); "k")`, `array ["a","b","c"]`},
		{`sort(p.objs; "up"; "v")`, `IML405`},
		{`sort(split("é,z,Z,É"; ","); "asc ci")`, `array ["z","Z","é","É"]`},
		{`sort(add(emptyarray; p.big; 9007199254740992; 1e300; -1))`, `array [-1,9007199254740992,9007199254740993,1e+300]`},
		{`toArray(p.arr)`, `array [10,20,30]`},
		{`toArray(null)`, `array []`},
		{`toArray("a")`, `IML401`},
		{`toCollection(p.objs; "t"; "v")`, `collection {"w":3,"h":2}`},
		{`toCollection(p.objs; "zz"; "v")`, `collection {}`},
		{`toCollection(p.objs; "t"; "zz")`, `collection {}`},
		{`sort(shuffle(p.arr))`, `array [10,20,30]`},
	})
}

func TestRuntime(t *testing.T) {
	runCases(t, testContext(), []exprCase{
		{`createJSON(undefined)`, `undefined`},
		{`createJSON(null)`, `text "null"`},
		{`createJSON(nan)`, `text "null"`},
		{`createJSON(now)`, `text "\"2024-02-29T12:34:56.789Z\""`},
		{`parseJSON(" {""a"": 1, ""a"": 2} ")`, `collection {"a":2}`},
		{`parseJSON("")`, `IML407`},
		{`parseJSON("[1,]")`, `IML407`},
		{`parseJSON(5)`, `number 5`},
		{`parseJSON(toBinary("5b5d"; "hex"))`, `array []`},
		{`mime("a.tar.GZ")`, `text "application/gzip"`},
		{`mime(".png")`, `undefined`},
		{`mime("a/.png")`, `undefined`},
		{`mime("a.")`, `undefined`},
		{`mime("a.png/")`, `undefined`},
		{`mime(null)`, `null`},
		{`jwt(null; "k")`, `IML401`},
		{`jwt(p.obj; "")`, `IML405`},
		{`jwt(p.obj; null)`, `IML405`},
		{`jwt(p.obj; "k"; "none")`, `IML204`},
		{`jwt(p.obj; "k"; p.a)`, `IML405`},
		{`jwt(p.obj; "k"; "RS256")`, `IML408`},
		{`jwt(set(p.obj; "exp"; 1); "k"; ; set(emptyarray; "expiresIn"; 60))`, `IML405`},
		{`jwt(p.obj; "k"; ; set(null; "header"; 60))`, `IML405`},
		{`jwt(p.obj; "k"; ; set(null; "expiresIn"; "soon"))`, `IML405`},
		{`get(split(jwt(p.obj; "k"; ; set(null; "noTimestamp"; true)); "."); 2)`, `text "eyJrIjoiYSIsInYiOjF9"`},
	})
}

func TestPack(t *testing.T) {
	runCases(t, testContext(), []exprCase{
		{`mergeCollections(p.obj; b)`, `collection {"k":"a","v":1,"t":"w"}`},
		{`mergeCollections(null; b)`, `collection {"t":"w"}`},
		{`isBlank("")`, `boolean true`},
		{`isBlank(0)`, `boolean false`},
		{`in("2"; 1; 2)`, `boolean false`},
		{`ifin("B"; "A"; "B"; "yes"; "no")`, `text "yes"`},
		{`case(2; "Sun"; "Mon")`, `text "Mon"`},
		{`case(3; "Sun"; "Mon")`, `null`},
		{`arrayElement(p.arr; 5)`, `null`},
		{`arrayElement(p.arr; 1)`, `number 10`},
		{`arrayDifference(p.arr; split("20,7"; ","); "symmetric")`, `array [10,30,"7"]`},
		{`arrayDifference(p.arr; split("20,7"; ","))`, `array [10,30]`},
		{`concat("-"; "a"; "b")`, `text "a-b"`},
		{`left("Hello"; 3)`, `text "Hel"`},
		{`left("Hello"; -3)`, `text ""`},
		{`right("Hello"; 3)`, `text "llo"`},
		{`right("Hello"; 30)`, `text "Hello"`},
		{`removeAccents("Héllo wörld")`, `text "Hello world"`},
		{`pascal("foo  bar")`, `text "FooBar"`},
		{`sortDescNum(3; 1; 2)`, `array [3,2,1]`},
		{`sortAscNum("3"; "10")`, `array [3,10]`},
		{`sortAscString("b"; "a")`, `array ["a","b"]`},
		{`sortDescString("b"; "a"; 3)`, `array ["b","a","3"]`},
		{`div(100; 5; 4)`, `number 5`},
		{`sub(10; 3; 2)`, `number 5`},
		{`prod(2; 3; 4)`, `number 24`},
		{`power(2; 3)`, `number 8`},
		{`power(1; infinity)`, `number null`},
		{`sqrt(9)`, `number 3`},
		{`ln(1)`, `number 0`},
		{`log(2; 8)`, `number 3`},
		{`number("42")`, `number 42`},
		{`year("2016-12-08")`, `number 2016`},
		{`month("2016-12-08T15:55:57.536Z")`, `number 12`},
		{`dayOfMonth("2016-12-08")`, `number 8`},
		{`hour("2016-12-08T15:55:57.536Z")`, `number 15`},
		{`minute("2016-12-08T15:55:57.536Z")`, `number 55`},
		{`second("2016-12-08T15:55:57.536Z")`, `number 57`},
		{`dayOfWeek("2016-12-25T16:03:06.372Z")`, `number 1`},
		{`isWeekend("2016-12-12")`, `boolean false`},
		{`isWeekend("2016-12-11")`, `boolean true`},
		{`daysInMonth("2016-02-01")`, `number 29`},
		{`daysInYear("2015-06-01")`, `number 365`},
		{`daysInSplitWeek("2016-12-28")`, `number 3`},
		{`daysInSplitWeek("2016-11-29")`, `number 2`},
		{`daysInSplitWeek("2016-12-31")`, `number 0`},
		{`startOfMonth("2016-02-11")`, `date "2016-02-01T00:00:00.000Z"`},
		{`endOfMonth("2016-02-01")`, `date "2016-02-29T23:59:59.999Z"`},
		{`endOfMonth("2016-12-01")`, `date "2016-12-31T23:59:59.999Z"`},
		{`dateMax("2016-02-01"; "2017-02-01")`, `date "2017-02-01T00:00:00.000Z"`},
		{`dateMin("2016-02-01"; "2017-02-01")`, `date "2016-02-01T00:00:00.000Z"`},
		{`addWeekDays("2016-12-08T15:55:57.536Z"; 2)`, `date "2016-12-12T15:55:57.536Z"`},
		{`addWeekDays("2016-12-10"; 1)`, `date "2016-12-12T00:00:00.000Z"`},
		{`addWeekDays("2016-12-11"; -1)`, `date "2016-12-09T00:00:00.000Z"`},
		{`addWeekDays("2016-12-12"; -11)`, `date "2016-11-25T00:00:00.000Z"`},
		{`addWeekDays("2016-12-09"; 5)`, `date "2016-12-16T00:00:00.000Z"`},
		{`weekDayDiff("2016-12-07T12:00:00Z"; "2016-12-05T00:00:00Z")`, `number 2.5`},
		{`weekDayDiff("2016-12-05"; "2016-12-09")`, `number -4`},
		{`workMinutesDiff("2016-12-05T09:00:00Z"; "2016-12-06T17:00:00Z")`, `number 960`},
		{`workMinutesDiff("2016-12-09T16:30:00Z"; "2016-12-12T09:15:00Z")`, `number 45`},
	})
}

func TestStrictEquality(t *testing.T) {
	c := testContext()
	c.StrictEquality = true
	runCases(t, c, []exprCase{
		{`equal("5"; 5)`, `boolean false`},
		{`contains(p.arr; "20")`, `boolean false`},
		{`arrayDiff(p.arr; split("20,1,2,3,4,5,6,7,8,9"; ","))`, `array [10,20,30]`},
	})
}

func TestSecretsTaint(t *testing.T) {
	secret := value.Text("hunter2").AsSecret()
	holder := value.NewObject(1)
	holder.Set("password", secret)
	holder.Set("user", value.Text("ann"))
	zero := value.NewObject(1)
	zero.Set("pin", value.Number(0).AsSecret())
	box := value.Collection(holder)
	tests := []struct {
		name string
		args []value.Value
		want bool
	}{
		{"upper", []value.Value{secret}, true},
		{"length", []value.Value{secret}, true},
		{"replace", []value.Value{value.Text("a"), value.Text("a"), secret}, true},
		{"split", []value.Value{secret, value.Text("")}, true},
		{"get", []value.Value{box, value.Text("password")}, true},
		{"get", []value.Value{box, value.Text("user")}, false},
		{"get", []value.Value{value.Collection(zero), value.Text("pin")}, true},
		{"createJSON", []value.Value{box}, true},
		{"toString", []value.Value{box}, true},
		{"upper", []value.Value{box}, true},
		{"split", []value.Value{box, value.Text(",")}, true},
		{"toArray", []value.Value{box}, false},
		{"map", []value.Value{value.Array([]value.Value{box}), value.Text("user")}, false},
		{"join", []value.Value{value.Array([]value.Value{secret}), value.Text("")}, true},
		{"upper", []value.Value{value.Text("plain")}, false},
		{"toCollection", []value.Value{value.Array([]value.Value{box}), value.Text("password"), value.Text("user")}, true},
	}
	for _, tt := range tests {
		f, _ := iml.Library().Lookup(tt.name)
		v, err := builtin.Invoke(f, testContext(), builtin.MakeArgs(tt.args, 7))
		if err != nil || v.IsSecret() != tt.want {
			t.Errorf("%s: secret %t, want %t (%v)", tt.name, v.IsSecret(), tt.want, err)
		}
	}
}

func TestLimits(t *testing.T) {
	big := value.Text(strings.Repeat("a", 1000))
	doubled := value.Array([]value.Value{big, big})
	for range 20 {
		doubled = value.Array([]value.Value{doubled, doubled})
	}
	tests := []struct {
		name string
		args []value.Value
		code string
	}{
		{"join", []value.Value{doubled, value.Text("")}, "IML503"},
		{"createJSON", []value.Value{doubled}, "IML503"},
		{"upper", []value.Value{doubled}, "IML503"},
		{"equal", []value.Value{doubled, value.Text("a")}, "IML503"},
		{"replace", []value.Value{big, value.Text("a"), big}, "IML503"},
		{"replace", []value.Value{big, value.Text("/a/g"), big}, "IML503"},
		{"base64", []value.Value{value.Text(strings.Repeat("a", 90_000))}, "IML503"},
		{"formatDate", []value.Value{value.Date(0), value.Text(strings.Repeat("LLLL", 10_000))}, "IML503"},
		{"split", []value.Value{value.Text(strings.Repeat("a", 2000)), value.Text("")}, "IML503"},
		{"replaceEmojiCharacters", []value.Value{value.Text(strings.Repeat("👍", 200)), big}, "IML503"},
		{"parseJSON", []value.Value{value.Text("[" + strings.Repeat("1,", 2000) + "1]")}, "IML503"},
		{"parseJSON", []value.Value{value.Text(strings.Repeat("[", 300))}, "IML407"},
		{"set", []value.Value{value.Null(), value.Text(strings.Repeat("a.", 250) + "a"), value.Null()}, "IML405"},
	}
	for _, tt := range tests {
		c := limited(func(l *builtin.Limits) { l.ValueBytes, l.Items = 100_000, 1000 })
		f, _ := iml.Library().Lookup(tt.name)
		_, err := builtin.Invoke(f, c, builtin.MakeArgs(tt.args, 7))
		if codeOf(err) != tt.code {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.code)
		}
	}
}

func TestCharge(t *testing.T) {
	c := limited(func(l *builtin.Limits) { l.Steps = 5 })
	f, _ := iml.Library().Lookup("reverse")
	items := value.Array(make([]value.Value, 5))
	if _, err := builtin.Invoke(f, c, builtin.MakeArgs([]value.Value{items}, 1)); err != nil {
		t.Errorf("5 items of 5 steps: %v", err)
	}
	if _, err := builtin.Invoke(f, c, builtin.MakeArgs([]value.Value{items}, 1)); codeOf(err) != builtin.CodeSteps {
		t.Errorf("got %v, want the limit on steps", err)
	}
}

// codeOf returns the code of an error of a function, "" when it is none.
func codeOf(err error) string {
	var failure *builtin.Error
	var limit *builtin.LimitError
	switch {
	case errors.As(err, &failure):
		return failure.Code
	case errors.As(err, &limit):
		return limit.Code
	}
	return ""
}
