using System.Globalization;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

internal static partial class FunctionTable
{
    private static IEnumerable<Function> Texts() =>
    [
        Both("upper", "s", Is(String), "upper({0})"),
        Both("lower", "s", Is(String), "lower({0})"),
        new("initcap", "s", Is(String), "initcap({0})", "array_to_string(list_transform(string_split(lower({0}), ' '), lambda w: upper(w[1]) || w[2:]), ' ')"),
        new("trim", "s", Is(String), "trim({0})", "trim({0}, ' ')"),
        new("btrim", "ss", Is(String), "btrim({*})", "trim({*})"),
        new("ltrim", "s", Is(String), "ltrim({0})", "ltrim({0}, ' ')"),
        new("rtrim", "s", Is(String), "rtrim({0})", "rtrim({0}, ' ')"),
        new("length", ".", Is(Integer), "length({0})", Spelling.By(call => call.Type(0) is BinaryType ? $"CAST(octet_length({call.Text(0)}) AS INTEGER)" : $"CAST(length({call.Text(0)}) AS INTEGER)")) { },
        new("octet_length", ".", Is(Integer), "octet_length({0})", Spelling.By(call => call.Type(0) is BinaryType ? $"CAST(octet_length({call.Text(0)}) AS INTEGER)" : $"CAST(strlen({call.Text(0)}) AS INTEGER)")),
        new("concat", ".*", ConcatType, "concat({*})", Spelling.By(Concat)),
        new("concat_ws", "s.*", Is(String), "concat_ws({*})", Spelling.By(ConcatWithSeparator)) { },
        new("substring", ".ii", Of(0), "substring({*})", Spelling.By(Substring)),
        new("left", "si", Is(String), "left({*})", Spelling.By(call => ByLength(call, "left"))),
        new("right", "si", Is(String), "right({*})", Spelling.By(call => ByLength(call, "right"))),
        new("substring_index", "ssi", Is(String), "substring_index({*})", Spelling.By(SubstringIndex)),
        Both("replace", "sss", Is(String), "replace({*})"),
        Both("translate", "sss", Is(String), "translate({*})"),
        new("lpad", "sis", Is(String), "lpad({*})", Spelling.By(call => ByLength(call, "lpad"))),
        new("rpad", "sis", Is(String), "rpad({*})", Spelling.By(call => ByLength(call, "rpad"))),
        new("repeat", "si", Is(String), "repeat({*})", "repeat({0}, greatest({1}, 0))"),
        new("reverse", ".", Of(0), "reverse({0})", Spelling.By(call => call.Type(0) is ArrayType ? $"list_reverse({call.Text(0)})" : $"reverse({call.Text(0)})")),
        new("instr", "ss", Is(Integer), "instr({*})", "CAST(instr({*}) AS INTEGER)"),
        new("ascii", "s", Is(Integer), "ascii({0})", "CASE WHEN {(0)} = '' THEN 0 ELSE ascii({0}) END"),
        new("chr", "l", Is(String), "chr({0})", "CASE WHEN {(0)} < 0 THEN '' ELSE chr(CAST({(0)} % 256 AS INTEGER)) END"),
        new("levenshtein", "ss", Is(Integer), "levenshtein({*})", "CAST(levenshtein({*}) AS INTEGER)"),
        new("format_string", "s.*", Is(String), "format_string({*})", "printf({*})"),
        new("format_number", "ni", Is(String), "format_number({*})", Spelling.By(FormatNumber)),
        Both("startswith", "ss", Is(Boolean), "starts_with({*})") with { Spark = "startswith({*})" },
        new("endswith", "ss", Is(Boolean), "endswith({*})", "ends_with({*})"),
        Both("contains", "ss", Is(Boolean), "contains({*})"),
        new("uuid", "", Is(String), "uuid()", "CAST(uuid() AS VARCHAR)") { NeverNull = true, IsVolatile = true },
        new("strip_accents", "s", Is(String), Spelling.Refused("Spark has no such function. Translate(column, \"àâéè\", \"aaee\") names the letters."), "strip_accents({0})"),
        new("monotonically_increasing_id", "", Is(Long), "monotonically_increasing_id()", "(row_number() OVER () - 1)") { NeverNull = true, IsVolatile = true },
        new("input_file_name", "", Is(String), "input_file_name()", Spelling.Refused("ask the source for a column of the file's name instead.")) { NeverNull = true, IsVolatile = true },
        new("spark_partition_id", "", Is(Integer), "spark_partition_id()", "0") { NeverNull = true, IsVolatile = true },
    ];

    private static DataType? ConcatType(Call call) => call.Arguments.Any(argument => argument.Type is ArrayType)
        ? CommonOf(call)
        : call.Arguments.All(argument => argument.Type is BinaryType) && !call.Arguments.IsEmpty ? Binary : String;

    private static string Concat(CallText call)
    {
        if (call.Count == 0) return "''";
        if (call.Result is ArrayType)
            return $"CASE WHEN {string.Join(" AND ", call.Operands().Select(operand => $"{operand} IS NOT NULL"))} THEN {call.Texts().Aggregate((all, next) => $"list_concat({all}, {next})")} END";
        var parts = Enumerable.Range(0, call.Count).Select(i => call.Type(i) is StringType or BinaryType or null ? call.Operand(i) : call.Render(Typing.Convert(call.Argument(i), String)));
        return $"({string.Join(" || ", parts)})";
    }

    private static string ConcatWithSeparator(CallText call)
    {
        if (call.Count == 1) return $"CASE WHEN {call.Operand(0)} IS NOT NULL THEN '' END";
        if (Enumerable.Range(1, call.Count - 1).All(i => call.Type(i) is not ArrayType))
            return $"concat_ws({call.Text(0)}, {string.Join(", ", Enumerable.Range(1, call.Count - 1).Select(i => call.Render(Typing.Convert(call.Argument(i), String))))})";
        var lists = Enumerable.Range(1, call.Count - 1).Select(i => call.Type(i) is ArrayType ? call.Text(i) : $"[{call.Render(Typing.Convert(call.Argument(i), String))}]");
        return $"CASE WHEN {call.Operand(0)} IS NOT NULL THEN coalesce(array_to_string({lists.Aggregate((all, next) => $"list_concat({all}, {next})")}, {call.Text(0)}), '') END";
    }

    /// <summary>DuckDB takes a length below 0 as counted from the other end; Spark gives the empty text.</summary>
    private static string ByLength(CallText call, string function)
    {
        var text = $"{function}({string.Join(", ", call.Texts())})";
        return call.ConstantOrNull(1) switch
        {
            int and > 0 => text,
            int => $"CASE WHEN {call.Operand(0)} IS NOT NULL THEN '' END",
            _ => $"CASE WHEN {call.Operand(1)} > 0 THEN {text} WHEN {call.Operand(0)} IS NOT NULL AND {call.Operand(1)} IS NOT NULL THEN '' END",
        };
    }

    private static string Substring(CallText call)
    {
        var text = call.Type(0) is BinaryType ? $"{call.Text(0)}" : call.Render(Typing.Convert(call.Argument(0), String));
        var length = call.ConstantOrNull(2) is int fixedLength ? Math.Max(0, fixedLength).ToString(CultureInfo.InvariantCulture) : $"greatest({call.Text(2)}, 0)";
        if (call.Type(0) is BinaryType) throw new NotSupportedException("DuckDB cannot say 'substring' of binary. Decode it to text first.");
        if (call.ConstantOrNull(1) is int start and >= 0) return string.Create(CultureInfo.InvariantCulture, $"substring({text}, {Math.Max(1, start)}, {length})");
        // A negative start counts from the end; what lies before the first character counts against the length, as in Spark.
        var from = call.ConstantOrNull(1) is int negative ? negative.ToString(CultureInfo.InvariantCulture) : call.Operand(1);
        var back = $"(length({text}) + {from})";
        var fromEnd = $"CASE WHEN {back} >= 0 THEN substring({text}, {back} + 1, {length}) ELSE substring({text}, 1, greatest({length} + {back}, 0)) END";
        return call.ConstantOrNull(1) is int ? fromEnd : $"CASE WHEN {call.Operand(1)} >= 0 THEN substring({text}, greatest({call.Text(1)}, 1), {length}) ELSE {fromEnd} END";
    }

    private static string SubstringIndex(CallText call)
    {
        var count = call.Constant<int>(2, "the count");
        var parts = $"string_split({call.Text(0)}, {call.Text(1)})";
        return count switch
        {
            0 => "''",
            > 0 => string.Create(CultureInfo.InvariantCulture, $"array_to_string(({parts})[1:{count}], {call.Text(1)})"),
            _ => string.Create(CultureInfo.InvariantCulture, $"array_to_string(({parts})[{count}:], {call.Text(1)})"),
        };
    }

    private static string FormatNumber(CallText call)
    {
        var places = call.Constant<int>(1, "the number of places");
        var number = call.Type(0) is DecimalType ? string.Create(CultureInfo.InvariantCulture, $"round_even(CAST({call.Text(0)} AS DOUBLE), {places})") : $"CAST({call.Text(0)} AS DOUBLE)";
        var formatted = string.Create(CultureInfo.InvariantCulture, $"format('{{:,.{places}f}}', {number})");
        return call.Type(0) is DecimalType or IntegralType ? formatted
            : $"CASE WHEN isnan({number}) THEN 'NaN' WHEN isinf({number}) THEN CASE WHEN {number} > 0 THEN '∞' ELSE '-∞' END ELSE {formatted} END";
    }
}
