package builtin

import "github.com/imlc-lang/imlc/vm/value"

func callAbs(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callAdd(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callAddDays(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callAddHours(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callAddMinutes(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callAddMonths(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callAddSeconds(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callAddWeekDays(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callAddYears(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callArrayDiff(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callArrayDifference(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callArrayElement(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callArrayIntersect(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callAverage(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callCase(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callCeil(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callContains(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callCreateJSON(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDateDifference(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDateMax(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDateMin(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDayOfMonth(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDayOfWeek(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDaysInMonth(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDaysInSplitWeek(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDaysInYear(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDeduplicate(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDistinct(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callDiv(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callEndOfMonth(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callEqual(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callFirst(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callFlatten(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callFloor(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callGet(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callHour(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callIfin(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callIn(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callIndexOf(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callIsBlank(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callIsWeekend(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callKeys(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callLast(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callLeft(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callLength(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callLn(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callLog(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callMap(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callMax(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callMedian(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callMerge(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callMergeCollections(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callMime(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callMin(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callMinute(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callMonth(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callNumber(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callOmit(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callParseDate(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callParseJSON(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callParseNumber(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callPick(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callPower(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callProd(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callRemove(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callReverse(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callRight(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callRound(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSecond(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSet(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSetDate(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSetDay(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSetHour(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSetMinute(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSetMonth(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSetSecond(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSetYear(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callShuffle(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSlice(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSort(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSortAscNum(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSortAscString(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSortDescNum(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSortDescString(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSplit(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSqrt(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callStartOfMonth(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callStdevP(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callStdevS(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSub(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSubstring(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callSum(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callToArray(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callToBinary(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callToCollection(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callTrim(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callTrunc(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callWeekDayDiff(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callWorkMinutesDiff(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func callYear(c *Context, a Args) (value.Value, error) {
	return value.Undefined, fail("IML405", 0, "not yet available")
}
func appendAscii(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendBase64(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendCapitalize(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendConcat(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendDecodeURL(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendEncodeURL(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendEscapeHTML(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendEscapeJSON(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendEscapeMarkdown(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendFormatDate(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendFormatNumber(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendJoin(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendJwt(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendLower(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendMd5(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendPascal(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendRemoveAccents(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendReplace(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendReplaceEmojiCharacters(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendReplacePattern(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendSha1(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendSha256(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendSha512(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendStartcase(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendStripHTML(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendToString(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
func appendUpper(c *Context, dst []byte, a Args) ([]byte, error) {
	return dst, fail("IML405", 0, "not yet available")
}
