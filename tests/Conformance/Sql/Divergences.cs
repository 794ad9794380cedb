namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Where an engine is known not to answer as Spark 4.1 does, and why. An entry whose case passes fails the tests: take it out.</summary>
internal static class Divergences
{
    private const string Overflow = "Whole numbers that overflow wrap round in Spark and are an error in DuckDB.";
    private const string Notation = "Doubles from 10⁷ on and below 10⁻³ are texts with an exponent in Spark (1.0E10), and without in DuckDB.";
    private const string JsonNumbers = "from_json: Spark refuses a text or a fraction for a number's field (NULL), DuckDB converts it.";
    private const string JsonFiles = "JSON files: Spark refuses a text for a number's or a flag's field and a fraction for a whole number's, DuckDB converts them where they fit.";
    private const string Folders = "Folders named column=value are columns to Spark; the embedded engine reads the files and not their folders' names (Delta tables have partitions on both).";
    private const string ArrayOrder = "Arrays that hold NULL: NULL is the smallest element in Spark and the greatest in DuckDB.";
    private const string SharpS = "The capital of ß is SS in Spark and ẞ in DuckDB.";
    private const string ShortYear = "DuckDB takes years of two digits from 69 on for the 20th century, Spark for the 21st: parsing 'yy' is refused.";

    private const string EnginesOwn = "Text that the parser does not know goes to the engine as it is.";

    public static IReadOnlyDictionary<string, string> Embedded { get; } = new Dictionary<string, string>
    {
        ["cast d smallint"] = "Doubles out of a short's range wrap round in Spark and stop at its ends in ours.",
        ["cast d string"] = Notation,
        ["cast bin s"] = "Bytes that are no UTF-8 become U+FFFD in Spark and NULL in DuckDB.",
        ["cast dates"] = "Spark takes a year alone for its first day, DuckDB does not.",
        ["upper"] = SharpS,
        ["initcap"] = SharpS,
        ["levenshtein"] = "Spark counts characters, DuckDB bytes.",
        ["format"] = "Spark writes 'null' for NULL, DuckDB answers NULL.",
        ["to_ts MM/dd/yy HH:mm:ss"] = ShortYear,
        ["to_date MM/dd/yy HH:mm:ss"] = ShortYear,
        ["transform"] = Overflow,
        ["transform outer"] = Overflow,
        ["from_json"] = JsonNumbers,
        ["from_json bigint"] = JsonNumbers,
        ["from_json double"] = JsonNumbers,
        ["max list/all"] = ArrayOrder,
        ["max list/grp"] = ArrayOrder,
        ["max list/over"] = ArrayOrder,
        ["json PERMISSIVE"] = JsonFiles,
        ["json DROPMALFORMED"] = JsonFiles,
        ["save csv partitioned"] = Folders,
        ["save json partitioned"] = Folders,
        ["save parquet partitioned"] = Folders,
        ["sql i + 1 as x"] = Overflow,
        ["sql upper(s) x"] = SharpS,
        ["sql day + interval '1' day as x"] = EnginesOwn,
        ["sql typeof(i) as x"] = EnginesOwn,
    };

    public static IReadOnlyDictionary<string, string> Spark4 { get; } = new Dictionary<string, string>();

    public static IReadOnlyDictionary<string, string> Spark35 { get; } = new Dictionary<string, string>
    {
        ["initcap"] = "Spark 3.5 leaves a ß that stands first in a word; Spark 4 makes it Ss.",
    };
}
