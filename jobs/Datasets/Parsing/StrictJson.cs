using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.Parsing;

/// <summary>JSON messages by one definition on every engine (<see cref="Functions.JsonFields"/>), and that definition in plain functions.</summary>
/// <remarks>
/// Java walks a repeated group on its stack. So the text is classified in steps, none of which repeats more than a set of characters or pieces of one length: escapes become a letter, texts, numbers and words a mark each,
/// and the innermost objects and arrays a mark, once for each level.
/// </remarks>
internal static class StrictJson
{
    private const string Escapes = "\\\\(?:[\"\\\\/bfnrt]|u(?:[0-9abcefABCEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}))";
    private const string Texts = "\"[^\"\\\\\\x00-\\x1F]*\"";
    private const string Numbers = "-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?";
    private const string Controls = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]";
    private const string Text = "\u0001", Number = "\u0002", Truth = "\u0003", Container = "\u0004";
    private const string Any = "[\\x01-\\x04]";
    private const string Innermost = "\\{(?:\\x01:" + Any + "(?:,\\x01:" + Any + ")*)?\\}|\\[(?:" + Any + "(?:," + Any + ")*)?\\]";

    /// <summary>The fields of a message that is one JSON object; null where it is not.</summary>
    /// <param name="text">The message.</param>
    /// <param name="type">What is asked for: texts, structs of them, lists of texts.</param>
    internal static Column Fields(Column text, StructType type) => JsonFields(text, Meaning(text, type));

    private static Column Meaning(Column text, StructType type)
    {
        var marks = Marks(text);
        var isObject = !text.RLike(Controls) & text.RLike("^[ \\t\\r\\n]*\\{") & (Enumerable.Range(0, DuckDbDialect.DeepestJson).Aggregate(marks, static (rest, _) => RegexpReplace(rest, Innermost, Container)) == Lit(Container));
        var nested = type.Where(static field => field.DataType is StructType).ToList();
        var parts = Struct(
        [
            JsonObjectKeys(text).As("keys"), FromJson(text, type).As("fields"), marks.RLike("\\x03|.[\\[{]").As("has_other"),
            .. nested.Select((field, i) => JsonObjectKeys(GetJsonObject(text, $"$.{field.Name}")).As(Name("keys", i))),
        ]);
        var read = Bound(parts, one =>
        {
            var isUnique = nested.Select((_, i) => IsUnique(one.GetField(Name("keys", i)))).Aggregate(IsUnique(one.GetField("keys")), static (left, right) => left & right);
            return When(isUnique, When(one.GetField("has_other"), WithKinds(text, type, one)).Otherwise(Struct([.. type.Select(field => Value(field, one).As(field.Name))])));
        });
        return When(isObject, read);
    }

    /// <summary>Texts, numbers, words and blanks taken for what they are.</summary>
    private static Column Marks(Column text)
    {
        var marks = RegexpReplace(RegexpReplace(text, Escapes, "_"), Texts, Text);
        marks = RegexpReplace(RegexpReplace(marks, Numbers, Number), "null", Number);
        return RegexpReplace(RegexpReplace(marks, "true|false", Truth), "[ \\t\\r\\n]+", "");
    }

    private static Column IsUnique(Column keys) => keys.IsNull() | (Size(keys) == Size(ArrayDistinct(keys)));

    private static Column Value(StructField field, Column one)
    {
        var value = one.GetField("fields").GetField(field.Name);
        return field.DataType is StringType ? When(value.IsNull() & ArrayContains(one.GetField("keys"), field.Name), Lit("")).Otherwise(value) : value;
    }

    /// <summary>The fields where some value of the message is an object, array or boolean: each of them that was not asked for is marked.</summary>
    private static Column WithKinds(Column text, StructType type, Column one)
    {
        var plain = type.Where(static field => field.DataType is StringType).ToList();
        if (plain.Count == 0) return Struct([.. type.Select(field => Value(field, one).As(field.Name))]);
        DataType[] kinds = [new BooleanType(), new ArrayType(new StringType()), new MapType(new StringType(), new StringType())];
        var found = Struct([one.As("one"), .. kinds.Select((kind, i) => FromJson(text, new StructType(plain.Select(field => new StructField(field.Name, kind)))).As(Name("kind", i)))]);
        return Bound(found, both =>
        {
            var inner = both.GetField("one");
            return Struct([.. type.Select(field =>
            {
                var value = Value(field, inner);
                if (field.DataType is not StringType) return value.As(field.Name);
                var isOther = kinds.Select((_, i) => both.GetField(Name("kind", i)).GetField(field.Name).IsNotNull()).Aggregate(static (left, right) => left | right);
                return When(isOther, Concat(Lit(DuckDbDialect.WrongJsonKind), value)).Otherwise(value).As(field.Name);
            })]);
        });
    }

    /// <summary>An expression over a value that is computed once.</summary>
    private static Column Bound(Column value, Func<Column, Column> expression) => ElementAt(Transform(Functions.Array(value), expression), 1);

    private static string Name(string what, int number) => FormattableString.Invariant($"{what}_{number}");
}
