using System.Collections.Frozen;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Options of Spark's file formats that would change the rows and that the embedded engine does not have: refused by name.</summary>
/// <remarks>
/// An option that asks for what is done anyway is taken, and so is one that only bounds what is read (maxColumns); names that Spark does not know are ignored, as Spark does.
/// Source: Spark's documentation of CSV, JSON, Parquet and text files, "Data Source Option".
/// </remarks>
internal static class OptionsWithoutSupport
{
    private static readonly string[] Never = [];
    private static readonly string[] No = ["false"];
    private static readonly string[] Yes = ["true"];
    private static readonly string[] UnixLines = ["\n", @"\n"];
    private static readonly string[] Lines = [.. UnixLines, "\r\n"];
    private static readonly string[] Utf8 = ["UTF-8", "UTF8"];
    private static readonly string[] English = ["en-US", "en"];
    private static readonly string[] Utc = ["UTC", "Etc/UTC", "Z", "+00:00"];
    private static readonly string[] AllRows = ["1", "1.0"];

    /// <summary>Options of every kind of file, with the values that change nothing.</summary>
    private static readonly (string Name, string[] Neutral)[] Files =
    [
        ("modifiedBefore", Never), ("modifiedAfter", Never), ("pathGlobFilter", ["*"]),
        ("recursiveFileLookup", No), ("ignoreCorruptFiles", No), ("ignoreMissingFiles", No),
    ];

    private static readonly FrozenDictionary<string, FrozenDictionary<string, string[]>> Reading = Of(
        ("csv",
        [
            .. Files, ("lineSep", Lines), ("timeZone", Utc), ("locale", English), ("samplingRatio", AllRows),
            ("nanValue", ["NaN"]), ("positiveInf", ["Inf", "Infinity"]), ("negativeInf", ["-Inf", "-Infinity"]),
            ("enforceSchema", Yes), ("preferDate", Yes), ("columnPruning", Yes),
            ("charToEscapeQuoteEscaping", Never), ("unescapedQuoteHandling", ["STOP_AT_DELIMITER"]),
            ("timestampNTZFormat", Never), ("singleVariantColumn", Never),
        ]),
        ("json",
        [
            .. Files, ("lineSep", Lines), ("timeZone", Utc), ("locale", English), ("samplingRatio", AllRows),
            ("primitivesAsString", No), ("prefersDecimal", No), ("dropFieldIfAllNull", No),
            ("allowComments", No), ("allowUnquotedFieldNames", No), ("allowNumericLeadingZeros", No),
            ("allowBackslashEscapingAnyCharacter", No), ("allowUnquotedControlChars", No),
            ("dateFormat", ["yyyy-MM-dd"]), ("timestampFormat", Iso8601()), ("timestampNTZFormat", Iso8601()),
            ("singleVariantColumn", Never),
        ]),
        ("parquet", [.. Files, ("mergeSchema", No)]),
        ("text", [.. Files, ("lineSep", Lines)]));

    private static readonly FrozenDictionary<string, FrozenDictionary<string, string[]>> Writing = Of(
        ("csv",
        [
            ("lineSep", UnixLines), ("encoding", Utf8), ("charset", Utf8), ("timeZone", Utc), ("locale", English),
            ("emptyValue", ["\"\""]), ("escapeQuotes", Yes), ("charToEscapeQuoteEscaping", Never),
        ]),
        ("json", [("lineSep", UnixLines), ("encoding", Utf8), ("charset", Utf8), ("timeZone", Utc), ("locale", English)]),
        ("text", [("lineSep", UnixLines), ("encoding", Utf8), ("charset", Utf8)]));

    /// <exception cref="EngineException">An option would have Spark read other rows.</exception>
    public static void RefuseReading(string format, IReadOnlyDictionary<string, string> options) => Refuse(Reading, "reading", format, options);

    /// <exception cref="EngineException">An option would have Spark write other files.</exception>
    public static void RefuseWriting(string format, IReadOnlyDictionary<string, string> options) => Refuse(Writing, "writing", format, options);

    private static void Refuse(
        FrozenDictionary<string, FrozenDictionary<string, string[]>> known, string doing, string format, IReadOnlyDictionary<string, string> options)
    {
        if (!known.TryGetValue(format, out var refused)) return;
        foreach (var (name, value) in options)
        {
            if (!refused.TryGetValue(name, out var neutral) || neutral.Contains(value, StringComparer.OrdinalIgnoreCase)) continue;
            throw new EngineException(
                $"The embedded engine does not have the option {name}='{value}' for {doing} {format} files, and without it the result would be another than Spark's. "
                + "Leave the option out, or run on Spark.")
            {
                ErrorClass = "UNSUPPORTED_FEATURE",
                SqlState = "0A000",
            };
        }
    }

    /// <summary>Patterns whose texts are read without a pattern, too.</summary>
    private static string[] Iso8601() =>
    [
        .. from separator in (string[])["'T'", " "]
           from fraction in (string[])["", ".SSS", ".SSSSSS", "[.SSS]", "[.SSSSSS]"]
           from zone in (string[])["", "X", "XXX", "[XXX]"]
           select $"yyyy-MM-dd{separator}HH:mm:ss{fraction}{zone}",
    ];

    private static FrozenDictionary<string, FrozenDictionary<string, string[]>> Of(params (string Format, (string Name, string[] Neutral)[] Options)[] formats) =>
        formats.ToFrozenDictionary(
            static format => format.Format,
            static format => format.Options.ToFrozenDictionary(static option => option.Name, static option => option.Neutral, StringComparer.OrdinalIgnoreCase));
}
