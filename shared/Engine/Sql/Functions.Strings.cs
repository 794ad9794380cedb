namespace Pipeline.Engine.Sql;

// Text.
public static partial class Functions
{
    /// <summary>In capitals.</summary>
    public static Column Upper(Column column) => Of("upper", column.Node);

    /// <summary>In small letters.</summary>
    public static Column Lower(Column column) => Of("lower", column.Node);

    /// <summary>The first letter of each word in capitals, the rest small; words are separated by spaces.</summary>
    public static Column InitCap(Column column) => Of("initcap", column.Node);

    /// <summary>Without spaces at both ends (the space only, as in Spark).</summary>
    public static Column Trim(Column column) => Of("trim", column.Node);

    /// <summary>Without any of the characters at both ends.</summary>
    public static Column Trim(Column column, string trimString) => Of("btrim", column.Node, Value(trimString));

    /// <summary>Without spaces at its start.</summary>
    public static Column Ltrim(Column column) => Of("ltrim", column.Node);

    /// <summary>Without spaces at its end.</summary>
    public static Column Rtrim(Column column) => Of("rtrim", column.Node);

    /// <summary>Number of characters; of bytes for binary.</summary>
    public static Column Length(Column column) => Of("length", column.Node);

    /// <summary>Number of bytes in UTF-8.</summary>
    public static Column OctetLength(Column column) => Of("octet_length", column.Node);

    /// <summary>Texts joined; NULL where one is NULL. Arrays too.</summary>
    public static Column Concat(params Column[] columns) => Of("concat", [.. Sql.Column.Nodes(columns)]);

    /// <summary>Texts joined with a separator; NULLs left out, arrays taken apart.</summary>
    public static Column ConcatWs(string separator, params Column[] columns) => Of("concat_ws", [Value(separator), .. Sql.Column.Nodes(columns)]);

    /// <summary>The characters from <paramref name="pos"/> (1 is the first; a negative one counts from the end), at most <paramref name="len"/>.</summary>
    public static Column Substring(Column column, int pos, int len) => Of("substring", column.Node, Value(pos), Value(len));

    /// <summary>The characters from a place on, at most so many.</summary>
    public static Column Substring(Column column, Column pos, Column len) => Of("substring", column.Node, pos.Node, len.Node);

    /// <summary>The first characters.</summary>
    public static Column Left(Column column, int len) => Of("left", column.Node, Value(len));

    /// <summary>The last characters.</summary>
    public static Column Right(Column column, int len) => Of("right", column.Node, Value(len));

    /// <summary>What stands before the <paramref name="count"/>th delimiter; counted from the end where negative.</summary>
    public static Column SubstringIndex(Column column, string delim, int count) => Of("substring_index", column.Node, Value(delim), Value(count));

    /// <summary>Parts between matches of a regular expression, as an array.</summary>
    public static Column Split(Column column, string pattern, int limit = -1) => Of("split", column.Node, Value(pattern), Value(limit));

    /// <summary>The part between delimiters, counted from 1; the empty text where there is none.</summary>
    public static Column SplitPart(Column column, string delimiter, int partNum) => Of("split_part", column.Node, Value(delimiter), Value(partNum));

    /// <summary>What the group of the regular expression matched; the empty text where nothing did.</summary>
    public static Column RegexpExtract(Column column, string exp, int groupIdx = 1) => Of("regexp_extract", column.Node, Value(exp), Value(groupIdx));

    /// <summary>All that the group of the regular expression matched, as an array.</summary>
    public static Column RegexpExtractAll(Column column, string exp, int groupIdx = 1) => Of("regexp_extract_all", column.Node, Value(exp), Value(groupIdx));

    /// <summary>Every match replaced; <c>$1</c> stands for a group.</summary>
    public static Column RegexpReplace(Column column, string pattern, string replacement) => Of("regexp_replace", column.Node, Value(pattern), Value(replacement));

    /// <summary>Number of matches.</summary>
    public static Column RegexpCount(Column column, string pattern) => Of("regexp_count", column.Node, Value(pattern));

    /// <summary>Every occurrence of a text replaced.</summary>
    public static Column Replace(Column column, string search, string replacement) => Of("replace", column.Node, Value(search), Value(replacement));

    /// <summary>Characters replaced one by one; those without a partner are left out.</summary>
    public static Column Translate(Column column, string matchingString, string replaceString) => Of("translate", column.Node, Value(matchingString), Value(replaceString));

    /// <summary>Filled at its left, or cut, to a length.</summary>
    public static Column Lpad(Column column, int len, string pad) => Of("lpad", column.Node, Value(len), Value(pad));

    /// <summary>Filled at its right, or cut, to a length.</summary>
    public static Column Rpad(Column column, int len, string pad) => Of("rpad", column.Node, Value(len), Value(pad));

    /// <summary>Repeated.</summary>
    public static Column Repeat(Column column, int n) => Of("repeat", column.Node, Value(n));

    /// <summary>Backwards; arrays too.</summary>
    public static Column Reverse(Column column) => Of("reverse", column.Node);

    /// <summary>Place of the text from 1; 0 where it is not in it.</summary>
    public static Column Instr(Column column, string substring) => Of("instr", column.Node, Value(substring));

    /// <summary>Place of the text from 1; 0 where it is not in it.</summary>
    public static Column Locate(string substring, Column column) => Of("instr", column.Node, Value(substring));

    /// <summary>Bytes in base64.</summary>
    public static Column Base64(Column column) => Of("base64", column.Node);

    /// <summary>Bytes of base64.</summary>
    public static Column Unbase64(Column column) => Of("unbase64", column.Node);

    /// <summary>Text of bytes in UTF-8, ISO-8859-1 or US-ASCII.</summary>
    public static Column Decode(Column column, string charset) => Of("decode", column.Node, Value(charset));

    /// <summary>Bytes of text in UTF-8.</summary>
    public static Column Encode(Column column, string charset) => Of("encode", column.Node, Value(charset));

    /// <summary>Hexadecimal digits of a number or bytes, in capitals.</summary>
    public static Column Hex(Column column) => Of("hex", column.Node);

    /// <summary>Bytes of hexadecimal digits; NULL where they are none.</summary>
    public static Column Unhex(Column column) => Of("unhex", column.Node);

    /// <summary>MD5 of the bytes or the text in UTF-8, in small hexadecimal digits.</summary>
    public static Column Md5(Column column) => Of("md5", column.Node);

    /// <summary>A word of the MD5 of the bytes or the text in UTF-8, 0 to 4,294,967,295, its first byte the least: sums of them tell sets of rows apart whatever their order.</summary>
    /// <param name="column">Bytes or text.</param>
    /// <param name="word">Which of the four, 0 to 3.</param>
    public static Column Md5Word(Column column, int word) => Of("md5_word", column.Node, Lit(word).Node);

    /// <summary>SHA-1 of the bytes or the text in UTF-8, in small hexadecimal digits.</summary>
    public static Column Sha1(Column column) => Of("sha1", column.Node);

    /// <summary>SHA-2 of 256 bits (0 is 256) in small hexadecimal digits. DuckDB has 256 only.</summary>
    public static Column Sha2(Column column, int numBits) => Of("sha2", column.Node, Value(numBits));

    /// <summary>SHA-256 of the bytes or the text in UTF-8, in small hexadecimal digits. Ours, not Spark's.</summary>
    public static Column Sha256Hex(Column column) => Sha2(column, 256);

    /// <summary>CRC-32 as long. DuckDB has none.</summary>
    public static Column Crc32(Column column) => Of("crc32", column.Node);

    /// <summary>Number of the first character.</summary>
    public static Column Ascii(Column column) => Of("ascii", column.Node);

    /// <summary>The character of a number.</summary>
    public static Column Chr(Column column) => Of("chr", column.Node);

    /// <summary>Edits that lead from one text to the other.</summary>
    public static Column Levenshtein(Column left, Column right) => Of("levenshtein", left.Node, right.Node);

    /// <summary>Text by C's format with <c>%s</c>, <c>%d</c>, <c>%.2f</c>.</summary>
    public static Column FormatString(string format, params Column[] columns) => Of("format_string", [Value(format), .. Sql.Column.Nodes(columns)]);

    /// <summary>A number with so many places and commas between thousands.</summary>
    public static Column FormatNumber(Column column, int d) => Of("format_number", column.Node, Value(d));

    /// <summary>Whether the regular expression is found in the text.</summary>
    public static Column Rlike(Column column, string pattern) => Of("rlike", column.Node, Value(pattern));

    /// <summary>The text of bytes in UTF-8; NULL where they are not valid UTF-8. Ours, not Spark's.</summary>
    public static Column TryDecodeUtf8(Column binary) => Of("try_decode_utf8", binary.Node);

    /// <summary>The text without accents: <c>é</c> is <c>e</c>. Ours, not Spark's; DuckDB only.</summary>
    public static Column StripAccents(Column column) => Of("strip_accents", column.Node);

    /// <summary>A random UUID as text.</summary>
    public static Column Uuid() => Of("uuid");

    /// <summary>Whether it begins with the text.</summary>
    public static Column StartsWith(Column column, Column prefix) => Of("startswith", column.Node, prefix.Node);

    /// <summary>Whether it ends with the text.</summary>
    public static Column EndsWith(Column column, Column suffix) => Of("endswith", column.Node, suffix.Node);

    /// <summary>Whether the text is in it.</summary>
    public static Column Contains(Column left, Column right) => Of("contains", left.Node, right.Node);

    /// <summary>A finite number written as data contracts allow (thousands separated by a kind of space, a decimal point or comma, an exponent); NULL where the text is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="meaning">The same in plain functions, for engines without a function of their own for it.</param>
    public static Column NumberOfText(Column text, Column meaning) => Of("number_of_text", text.Node, meaning.Node);

    /// <summary>A whole number of 64 bits written as data contracts allow (thousands separated by a kind of space, a fraction of zeros); NULL where the text is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="meaning">The same in plain functions, for engines without a function of their own for it.</param>
    public static Column WholeNumberOfText(Column text, Column meaning) => Of("whole_number_of_text", text.Node, meaning.Node);

    /// <summary>An instant written as data contracts allow (<c>MM/dd/yyyy HH:mm:ss</c>, or ISO with a space or T between), in UTC and the years 1 to 9999; NULL where the text is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="meaning">The same in plain functions, for engines without a function of their own for it.</param>
    public static Column InstantOfText(Column text, Column meaning) => Of("instant_of_text", text.Node, meaning.Node);
}
