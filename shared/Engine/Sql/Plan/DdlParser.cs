using System.Globalization;
using System.Text;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Types and schemas in Spark's DDL: <c>decimal(10,2)</c>, <c>id BIGINT NOT NULL, tags ARRAY&lt;STRING&gt;</c>.</summary>
internal ref struct DdlParser
{
    private readonly string text;
    private int at;

    private DdlParser(string text) => this.text = text;

    /// <summary>Reads one type.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static DataType ParseType(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var parser = new DdlParser(text);
        var type = parser.Type();
        parser.End();
        return type;
    }

    /// <summary>Reads a list of columns.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static StructType ParseSchema(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var parser = new DdlParser(text);
        var fields = new List<StructField>();
        do fields.Add(parser.Field());
        while (parser.Take(','));
        parser.End();
        return new StructType(fields);
    }

    private StructField Field()
    {
        var name = Name();
        Take(':');
        var type = Type();
        var isNullable = true;
        if (TakeWord("NOT"))
        {
            if (!TakeWord("NULL")) throw Wrong("NULL after NOT");
            isNullable = false;
        }
        if (!TakeWord("COMMENT")) return new StructField(name, type, isNullable);
        var comment = System.Text.Json.JsonSerializer.Serialize(Quoted());
        return new StructField(name, type, isNullable, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("comment", comment));
    }

    private DataType Type()
    {
        var name = Name();
        return name.ToLowerInvariant() switch
        {
            "string" or "varchar" or "char" => Sized(new StringType()),
            "binary" => new BinaryType(),
            "boolean" or "bool" => new BooleanType(),
            "date" => new DateType(),
            "timestamp" or "timestamp_ltz" => new TimestampType(),
            "timestamp_ntz" => new TimestampNTZType(),
            "double" => new DoubleType(),
            "float" or "real" => new FloatType(),
            "tinyint" or "byte" => new ByteType(),
            "smallint" or "short" => new ShortType(),
            "int" or "integer" => new IntegerType(),
            "bigint" or "long" => new LongType(),
            "void" => new NullType(),
            "decimal" or "dec" or "numeric" => Decimal(),
            "array" => Array(),
            "map" => Map(),
            "struct" => Struct(),
            _ => throw new FormatException($"The type '{name}' in '{text}' is not known. Known are string, binary, boolean, date, timestamp, timestamp_ntz, double, float, tinyint, smallint, int, bigint, decimal(p,s), array<…>, map<…,…> and struct<…>."),
        };
    }

    private StringType Sized(StringType type)
    {
        if (!Take('(')) return type;
        Number();
        Expect(')');
        return type;
    }

    private DecimalType Decimal()
    {
        if (!Take('(')) return new DecimalType();
        var precision = Number();
        var scale = Take(',') ? Number() : 0;
        Expect(')');
        return precision is >= 1 and <= 38 && scale <= precision
            ? new DecimalType(precision, scale)
            : throw new FormatException($"decimal({precision},{scale}) in '{text}' has no meaning: the precision is 1 to 38 and the scale at most the precision.");
    }

    private ArrayType Array()
    {
        Expect('<');
        var element = Type();
        Expect('>');
        return new ArrayType(element);
    }

    private MapType Map()
    {
        Expect('<');
        var key = Type();
        Expect(',');
        var value = Type();
        Expect('>');
        return new MapType(key, value);
    }

    private StructType Struct()
    {
        Expect('<');
        var fields = new List<StructField>();
        if (Take('>')) return new StructType(fields);
        do fields.Add(Field());
        while (Take(','));
        Expect('>');
        return new StructType(fields);
    }

    private string Name()
    {
        Space();
        if (at < text.Length && text[at] == '`') return Backquoted();
        var start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_')) at++;
        return at > start ? text[start..at] : throw Wrong("a name");
    }

    private string Backquoted()
    {
        var name = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '`') name.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '`') name.Append(text[at++]);
            else
            {
                at++;
                return name.ToString();
            }
        }
        throw Wrong("a closing `");
    }

    private string Quoted()
    {
        Space();
        if (at >= text.Length || text[at] is not ('\'' or '"')) throw Wrong("a text in quotes");
        var end = text.IndexOf(text[at], at + 1);
        if (end < 0) throw Wrong("a closing quote");
        var quoted = text[(at + 1)..end];
        at = end + 1;
        return quoted;
    }

    private int Number()
    {
        Space();
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong("a number");
    }

    private bool Take(char character)
    {
        Space();
        if (at >= text.Length || text[at] != character) return false;
        at++;
        return true;
    }

    private bool TakeWord(string word)
    {
        Space();
        if (string.Compare(text, at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0) return false;
        var end = at + word.Length;
        if (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_')) return false;
        at = end;
        return true;
    }

    private void Expect(char character)
    {
        if (!Take(character)) throw Wrong($"'{character}'");
    }

    private void Space()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }

    private void End()
    {
        Space();
        if (at < text.Length) throw Wrong("the end");
    }

    private readonly FormatException Wrong(string expected) => new($"Cannot read the type or schema '{text}': {expected} is expected at place {at + 1}.");
}
