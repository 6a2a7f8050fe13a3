package lettercase

// specialCase is a character whose upper case is more than one character.
type specialCase struct {
	lower rune
	upper string
}

// specialUpper has those characters in ascending order, without the Greek vowels with iota subscript from U+1F80 to
// U+1FAF, which follow a rule. They are the unconditional mappings of Unicode's SpecialCasing.txt; a test holds them to
// x/text/cases.
var specialUpper = [...]specialCase{
	{0x00DF, "SS"},                 // ß
	{0x0149, "\u02BCN"},            // ŉ
	{0x01F0, "J\u030C"},            // ǰ
	{0x0390, "\u0399\u0308\u0301"}, // ΐ
	{0x03B0, "\u03A5\u0308\u0301"}, // ΰ
	{0x0587, "\u0535\u0552"},       // և
	{0x1E96, "H\u0331"},            // ẖ
	{0x1E97, "T\u0308"},            // ẗ
	{0x1E98, "W\u030A"},            // ẘ
	{0x1E99, "Y\u030A"},            // ẙ
	{0x1E9A, "A\u02BE"},            // ẚ
	{0x1F50, "\u03A5\u0313"},       // ὐ
	{0x1F52, "\u03A5\u0313\u0300"}, // ὒ
	{0x1F54, "\u03A5\u0313\u0301"}, // ὔ
	{0x1F56, "\u03A5\u0313\u0342"}, // ὖ
	{0x1FB2, "\u1FBA\u0399"},       // ᾲ
	{0x1FB3, "\u0391\u0399"},       // ᾳ
	{0x1FB4, "\u0386\u0399"},       // ᾴ
	{0x1FB6, "\u0391\u0342"},       // ᾶ
	{0x1FB7, "\u0391\u0342\u0399"}, // ᾷ
	{0x1FBC, "\u0391\u0399"},       // ᾼ
	{0x1FC2, "\u1FCA\u0399"},       // ῂ
	{0x1FC3, "\u0397\u0399"},       // ῃ
	{0x1FC4, "\u0389\u0399"},       // ῄ
	{0x1FC6, "\u0397\u0342"},       // ῆ
	{0x1FC7, "\u0397\u0342\u0399"}, // ῇ
	{0x1FCC, "\u0397\u0399"},       // ῌ
	{0x1FD2, "\u0399\u0308\u0300"}, // ῒ
	{0x1FD3, "\u0399\u0308\u0301"}, // ΐ
	{0x1FD6, "\u0399\u0342"},       // ῖ
	{0x1FD7, "\u0399\u0308\u0342"}, // ῗ
	{0x1FE2, "\u03A5\u0308\u0300"}, // ῢ
	{0x1FE3, "\u03A5\u0308\u0301"}, // ΰ
	{0x1FE4, "\u03A1\u0313"},       // ῤ
	{0x1FE6, "\u03A5\u0342"},       // ῦ
	{0x1FE7, "\u03A5\u0308\u0342"}, // ῧ
	{0x1FF2, "\u1FFA\u0399"},       // ῲ
	{0x1FF3, "\u03A9\u0399"},       // ῳ
	{0x1FF4, "\u038F\u0399"},       // ῴ
	{0x1FF6, "\u03A9\u0342"},       // ῶ
	{0x1FF7, "\u03A9\u0342\u0399"}, // ῷ
	{0x1FFC, "\u03A9\u0399"},       // ῼ
	{0xFB00, "FF"},                 // ﬀ
	{0xFB01, "FI"},                 // ﬁ
	{0xFB02, "FL"},                 // ﬂ
	{0xFB03, "FFI"},                // ﬃ
	{0xFB04, "FFL"},                // ﬄ
	{0xFB05, "ST"},                 // ﬅ
	{0xFB06, "ST"},                 // ﬆ
	{0xFB13, "\u0544\u0546"},       // ﬓ
	{0xFB14, "\u0544\u0535"},       // ﬔ
	{0xFB15, "\u0544\u053B"},       // ﬕ
	{0xFB16, "\u054E\u0546"},       // ﬖ
	{0xFB17, "\u0544\u053D"},       // ﬗ
}
