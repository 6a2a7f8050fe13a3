package builtin

import (
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	runCases(t, testContext(), []exprCase{
		{`addSeconds("2016-12-08T15:55:57.536Z"; 0.0005)`, `date "2016-12-08T15:55:57.537Z"`},
		{`addSeconds(1e15; 1e15)`, `IML402`},
		{`addSeconds(0; nan)`, `IML402`},
		{`addSeconds(8.64e15; 0)`, `date "+275760-09-13T00:00:00.000Z"`},
		{`addSeconds(8.64e15; 0.001)`, `IML402`},
		{`addSeconds(9e15; 0)`, `IML402`},
		{`addDays("2016-12-08"; -0.5)`, `date "2016-12-07T00:00:00.000Z"`},
		{`addDays("2016-12-08"; 1e30)`, `IML402`},
		{`addDays("2016-12-08"; null)`, `IML401`},
		{`addDays(""; 1)`, `undefined`},
		{`addDays(null; 1)`, `null`},
		{`addDays(true; 1)`, `IML203`},
		{`addDays(p.arr; 1)`, `IML401`},
		{`addDays(p.a; 1)`, `IML402`},
		{`addMonths("2016-03-31"; -1)`, `date "2016-02-29T00:00:00.000Z"`},
		{`addMonths("2016-12-31"; 2)`, `date "2017-02-28T00:00:00.000Z"`},
		{`addYears("2016-02-29"; 0.5)`, `date "2016-08-29T00:00:00.000Z"`},
		{`setSecond("2015-10-07T11:36:39.138Z"; -1)`, `date "2015-10-07T11:35:59.138Z"`},
		{`setDate("2015-08-07"; 0)`, `date "2015-07-31T00:00:00.000Z"`},
		{`setDay("2018-06-27"; "SUN")`, `date "2018-06-24T00:00:00.000Z"`},
		{`setDay("2018-06-27"; "3")`, `date "2018-06-26T00:00:00.000Z"`},
		{`setDay("2018-06-27"; 8)`, `date "2018-07-01T00:00:00.000Z"`},
		{`setDay("2018-06-27"; "su")`, `IML405`},
		{`setDay("2018-06-27"; null)`, `IML401`},
		{`setMonth("2015-08-31"; "feb")`, `date "2015-02-28T00:00:00.000Z"`},
		{`setMonth("2015-08-31"; 0)`, `date "2014-12-31T00:00:00.000Z"`},
		{`setMonth("2015-08-31"; "sept")`, `IML405`},
		{`setYear("2016-02-29"; 2015)`, `date "2015-02-28T00:00:00.000Z"`},
		{`setYear("2016-02-29"; 400000)`, `IML402`},
		{`dateDifference("2021-05-11T18:10:00Z"; "2021-05-11T18:00:59Z"; "minutes")`, `number 9`},
		{`dateDifference("2021-01-31"; "2021-02-28"; "months")`, `number -1`},
		{`dateDifference("2021-02-28"; "2021-01-31"; "months")`, `number 1`},
		{`dateDifference("2021-03-30"; "2021-01-31"; "months")`, `number 1`},
		{`dateDifference("2021-02-10T09:59:59Z"; "2021-01-10T10:00:00Z"; "months")`, `number 0`},
		{`dateDifference("2021-01-15"; "2021-01-01"; "weeks")`, `number 2`},
		{`dateDifference("2021-01-15"; ""; "weeks")`, `undefined`},
		{`dateDifference(null; "2021-01-01")`, `undefined`},
		{`dateDifference("2021-01-15"; now; "years")`, `IML204`},
		{`parseDate("2016-12-28T24:00")`, `IML402`},
		{`parseDate("2016-12-28 10:00:60")`, `IML402`},
		{`parseDate("2015-02-29")`, `IML402`},
		{`parseDate("0000-02-29")`, `date "0000-02-29T00:00:00.000Z"`},
		{`parseDate(" 2016-1-2t3:04 ")`, `date "2016-01-02T03:04:00.000Z"`},
		{`parseDate("1/2/2016")`, `date "2016-01-02T00:00:00.000Z"`},
		{`parseDate("1.2.2016   0:30am")`, `IML402`},
		{`parseDate("1.2.2016   12:30am utc-0530")`, `date "2016-02-01T06:00:00.000Z"`},
		{`parseDate("2016-01-02 03:04:05,1234567+02")`, `date "2016-01-02T01:04:05.123Z"`},
		{`parseDate("2016-01-02 03:04:05.1234567890")`, `IML402`},
		{`parseDate("2016-01-02 03:04 GMT")`, `date "2016-01-02T03:04:00.000Z"`},
		{`parseDate("2016-01-02Z")`, `IML402`},
		{`parseDate("2016-01/02")`, `IML402`},
		{`parseDate("2016.01.02")`, `IML402`},
		{`parseDate("")`, `IML402`},
		{`parseDate(null)`, `null`},
		{`parseDate(1482940986)`, `IML402`},
		{`parseDate(now)`, `date "2024-02-29T12:34:56.789Z"`},
		{`parseDate("2016-01-02 10:00"; ; "America/New_York")`, `date "2016-01-02T15:00:00.000Z"`},
	})
}

func TestFormatDate(t *testing.T) {
	c := testContext()
	c.Zone = loadZone("Europe/Prague")
	runCases(t, c, []exprCase{
		{`formatDate("2017-01-01T13:04:09.017Z"; "Do DDDo wo Wo Qo Mo do")`, `text "1st 1st 1st 52nd 1st 1st 0th"`},
		{`formatDate("2017-01-01T13:04:09.017Z"; "S SS SSS SSSS SSSSSSSSSS Z ZZ z zz")`, `text "0 01 017 0170 0170000000 +01:00 +0100 CET CET"`},
		{`formatDate("2017-07-01T13:04:09.017Z"; "z Z"; "America/St_Johns")`, `text "NDT -02:30"`},
		{`formatDate("2017-01-01T13:04:09Z"; "LT LTS L LL LLL LLLL")`, `text "2:04 PM 2:04:09 PM 01/01/2017 January 1, 2017 January 1, 2017 2:04 PM Sunday, January 1, 2017 2:04 PM"`},
		{`formatDate("2017-01-01T13:04:09Z"; "l ll lll llll e")`, `text "1/1/2017 Jan 1, 2017 Jan 1, 2017 2:04 PM Sun, Jan 1, 2017 2:04 PM 0"`},
		{`formatDate("2017-01-01T13:04:09Z"; "YYYYY YYY ggg gg GG GGGG [YYYY] [x")`, "text \"20172017 172017 17g 17 16 2016 YYYY [1483275849000\""},
		{`formatDate("2017-01-01T13:04:09Z"; "é年 \ mm")`, `text "é年 \\ 04"`},
		{`formatDate("2017-01-11T13:04:09Z"; "Do DDDD hmm k kk")`, `text "11th 011 204 14 14"`},
		{`formatDate("2017-01-01T23:30:00Z"; "DD HH k a"; "nonsense")`, `text "02 00 24 am"`},
		{`formatDate("2017-01-01T23:30:00Z"; "DD HH"; "utc")`, `text "01 23"`},
		{`formatDate(-1; "X x")`, `text "-1 -1"`},
		{`formatDate(8.64e15; "Y YYYY"; "UTC")`, `text "+275760 275760"`},
		{`formatDate("2017-06-15"; "")`, `text "2017-06-14T22:00:00.000Z"`},
		{`formatDate("2017-06-15"; null)`, `text "2017-06-14T22:00:00.000Z"`},
		{`formatDate("yesterday"; "YYYY")`, `IML203`},
		{`addDays("2021-10-30T00:30:00Z"; 1)`, `date "2021-10-31T00:30:00.000Z"`},
		{`addHours("2021-10-31T00:30:00Z"; 1)`, `date "2021-10-31T01:30:00.000Z"`},
		{`setMinute("2021-10-31T01:30:00Z"; 45)`, `date "2021-10-31T01:45:00.000Z"`},
		{`setHour("2021-03-27T23:30:00Z"; 2)`, `date "2021-03-28T01:30:00.000Z"`},
		{`dateDifference("2021-03-28T22:00:00Z"; "2021-03-27T23:00:00Z"; "hours")`, `number 23`},
		{`dateDifference("2021-03-28T22:00:00Z"; "2021-03-27T23:00:00Z"; "days")`, `number 1`},
	})
}

func TestParseFormats(t *testing.T) {
	runCases(t, testContext(), []exprCase{
		{`parseDate("5"; "D")`, `date "2024-02-05T00:00:00.000Z"`},
		{`parseDate("30"; "D")`, `IML402`},
		{`parseDate("March"; "MMM")`, `date "2024-03-01T00:00:00.000Z"`},
		{`parseDate("2015"; "YYYY")`, `date "2015-01-01T00:00:00.000Z"`},
		{`parseDate("15"; "YYYY")`, `date "2015-01-01T00:00:00.000Z"`},
		{`parseDate("69"; "YY")`, `date "1969-01-01T00:00:00.000Z"`},
		{`parseDate("-44"; "Y")`, `date "-000044-01-01T00:00:00.000Z"`},
		{`parseDate("2015 60"; "YYYY DDD")`, `date "2015-03-01T00:00:00.000Z"`},
		{`parseDate("2015 366"; "YYYY DDDD")`, `IML402`},
		{`parseDate("3 2015"; "Q YYYY")`, `date "2015-07-01T00:00:00.000Z"`},
		{`parseDate("3rd 2015"; "Qo YYYY")`, `date "2015-07-01T00:00:00.000Z"`},
		{`parseDate("3 2015"; "Qo YYYY")`, `IML402`},
		{`parseDate("Sunday, 3rd Feb 2019"; "dddd, Do MMM YYYY")`, `date "2019-02-03T00:00:00.000Z"`},
		{`parseDate("2015-13"; "YYYY-MM")`, `IML402`},
		{`parseDate("20150213"; "YYYYMMDD")`, `date "2015-02-13T00:00:00.000Z"`},
		{`parseDate("2015 February"; "YYYY MMMM DD")`, `date "2015-02-01T00:00:00.000Z"`},
		{`parseDate("12:30 am"; "hh:mm a")`, `date "2024-02-29T00:30:00.000Z"`},
		{`parseDate("12:30 pm"; "HH:mm A")`, `date "2024-02-29T12:30:00.000Z"`},
		{`parseDate("15:30 am"; "HH:mm A")`, `date "2024-02-29T15:30:00.000Z"`},
		{`parseDate("24:10"; "kk:mm")`, `date "2024-02-29T00:10:00.000Z"`},
		{`parseDate("24:10"; "HH:mm")`, `IML402`},
		{`parseDate("13"; "h")`, `IML402`},
		{`parseDate("2015-01-01T10:00:00.1234+0530"; "YYYY-MM-DDTHH:mm:ss.SSSZ")`, `date "2015-01-01T04:30:00.123Z"`},
		{`parseDate("2015-01-01 10:00 -05"; "YYYY-MM-DD HH:mm Z")`, `date "2015-01-01T15:00:00.000Z"`},
		{`parseDate("2015-01-01 10:00 Z"; "YYYY-MM-DD HH:mm ZZ"; "Europe/Prague")`, `date "2015-01-01T10:00:00.000Z"`},
		{`parseDate("-1.5"; "X")`, `date "1969-12-31T23:59:58.500Z"`},
		{`parseDate(1.5; "X")`, `date "1970-01-01T00:00:01.500Z"`},
		{`parseDate(-5; "x")`, `date "1969-12-31T23:59:59.995Z"`},
		{`parseDate("99999999999999999999"; "x")`, `IML402`},
		{`parseDate("2015x"; "YYYYw")`, `IML402`},
		{`parseDate("2015w"; "YYYYw")`, `date "2015-01-01T00:00:00.000Z"`},
		{`parseDate("W05 2015"; "[w]WW GGGG")`, `date "2015-01-26T00:00:00.000Z"`},
		{`parseDate("53 2015"; "W GGGG")`, `date "2015-12-28T00:00:00.000Z"`},
		{`parseDate("53 2016"; "W GGGG")`, `IML402`},
		{`parseDate("5"; "E")`, `date "2024-01-05T00:00:00.000Z"`},
		{`parseDate("---"; "YYYY")`, `IML402`},
		{`parseDate("bcf"; "bcf")`, `IML402`},
		{`parseDate("2015年3月"; "YYYY年M月")`, `date "2015-03-01T00:00:00.000Z"`},
		{`parseDate("   2015 "; "YYYY")`, `date "2015-01-01T00:00:00.000Z"`},
		{`parseDate("2021-10-31 02:30"; "YYYY-MM-DD HH:mm"; "Europe/Prague")`, `date "2021-10-31T00:30:00.000Z"`},
		{`parseDate("2021-03-28 02:30"; "YYYY-MM-DD HH:mm"; "Europe/Prague")`, `date "2021-03-28T01:30:00.000Z"`},
	})
}

func TestPreparedFormats(t *testing.T) {
	prague := loadZone("Europe/Prague")
	for _, format := range []string{"", "YYYY-MM-DD HH:mm:ss", "[a]b Do LLLL z SSS", "x X [[] é"} {
		for _, ms := range []int64{0, 1709210096789, -62_200_000_000_000, 8_640_000_000_000_000} {
			var want []byte
			m := momentAt(ms, prague)
			for i := 0; i < len(format); {
				tok, text, size := nextToken(format[i:])
				want = m.append(want, tok, text)
				i += size
			}
			if format == "" {
				want = []byte(time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"))
				if len(want) != 24 || want[0] == '-' {
					continue
				}
			}
			if got := PrepareDateFormat(format).Append(nil, ms, prague); string(got) != string(want) {
				t.Errorf("%q of %d: got %s, want %s", format, ms, got, want)
			}
		}
	}
}
