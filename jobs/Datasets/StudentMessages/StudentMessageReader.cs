using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.StudentMessages;

namespace Pipeline.Jobs.Datasets.StudentMessages;

/// <summary>Students from messages of any of the shapes that are known, in one query and on every engine.</summary>
/// <remarks>
/// Every shape ends as two arrays, names and values, side by side; one place picks the four fields from them. What has no known shape gets a reason:
/// what is told already (<c>null_value</c>), <c>empty_message</c>, <c>not_text</c> (bytes that are neither UTF-8 nor Latin-1), <c>too_long</c>, <c>not_a_flat_object</c> (begins like JSON or a dict and is neither, or has values inside
/// values), <c>malformed_pairs</c>, <c>several_students</c>, <c>header_only</c>, <c>wrong_field_count</c>, <c>unknown_order</c> (a line without a header whose columns cannot be told), <c>unknown_shape</c>, <c>ambiguous_field</c> (told twice).
/// </remarks>
public static class StudentMessageReader
{
    private const string Text = "_text", Shape = "_shape", Names = "_names", Values = "_values", Members = "_members", Header = "_header", FirstCells = "_first_cells", Cells = "_cells";
    private const string IsObject = "object", IsPairs = "pairs", IsLine = "line", IsTable = "table";

    private static readonly StructType Entry = new(new StructField("k", new StringType()), new StructField("v", new StringType()));

    /// <summary>Reads messages that are text.</summary>
    /// <remarks>
    /// In: as <see cref="MessageTexts"/> gives them, Latin-1 decoded. Out: one row a message: Nom, Prenom, Age, Filiere (string; null where the message does not tell them),
    /// <see cref="StagedColumns.Provenance"/> and <see cref="StagedColumns.Format"/>. Unordered.
    /// </remarks>
    public static DataFrame Read(DataFrame texts)
    {
        var shaped = texts
            .WithColumn(Text, RegexpReplace(Col(StagedColumns.Raw), "^[\\s\\x{00A0}\\x{FEFF}]+|[\\s\\x{00A0}]+$", ""))
            .WithColumn(Text, Unwrapped(Col(Text)))
            .WithColumn(FirstCells, CellsOf(SubstringIndex(Lines(Col(Text)), "\n", 1)))
            .WithColumn(Header, Transform(Col(FirstCells), FieldNames.Known))
            .WithColumn(Shape, ShapeOf(Col(Text)));
        var parts = shaped
            .WithColumn(Members, When(Col(Shape) == Lit(IsObject), FromJson(ObjectAsList(Col(Text)), new ArrayType(Entry))))
            .WithColumn(Cells, When(Col(Shape) == Lit(IsTable), CellsOf(SubstringIndex(Lines(Col(Text)), "\n", -1))).When(Col(Shape) == Lit(IsLine), Col(FirstCells)));
        var pairs = RegexpExtractAll(Col(Text), MessageShapes.Pair, 0);
        var named = parts
            .WithColumn(
                Names,
                When(Col(Shape) == Lit(IsObject), Transform(Col(Members), member => FieldNames.Known(member.GetField("k"))))
                    .When(Col(Shape) == Lit(IsPairs), Transform(pairs, pair => FieldNames.Known(RegexpExtract(pair, MessageShapes.PairKey, 1))))
                    .When(Col(Shape) == Lit(IsTable), Col(Header))
                    .When((Col(Shape) == Lit(IsLine)) & (Size(Col(Cells)) == Lit(4)), LineOrder(Col(Cells))))
            .WithColumn(
                Values,
                When(Col(Shape) == Lit(IsObject), Transform(Col(Members), member => Trimmed(member.GetField("v"))))
                    .When(Col(Shape) == Lit(IsPairs), Transform(pairs, pair => Unquoted(RegexpExtract(pair, MessageShapes.PairValue, 1))))
                    .Otherwise(Col(Cells)));
        return named.Select(
        [
            .. Contract.Students.Columns.Select(column => FieldOf(column.SourceName).As(column.SourceName)),
            .. StagedColumns.Provenance.Select(name => Col(name)),
            Reason().As(StagedColumns.Format),
        ]);
    }

    /// <summary>A list of one object is that object.</summary>
    private static Column Unwrapped(Column text) =>
        When(text.RLike("^\\[\\s*\\{[^{}]*\\}\\s*,?\\s*\\]$"), RegexpReplace(text, "^\\[\\s*|\\s*,?\\s*\\]$", "")).Otherwise(text);

    private static Column ShapeOf(Column text)
    {
        var isHeader = ForAll(Col(Header), name => name != Lit(""));
        var lines = Size(Split(Lines(text), "\n"));
        return When(Col(StagedColumns.Format).IsNotNull(), Col(StagedColumns.Format))
            .When(text == Lit(""), Lit("empty_message"))
            .When(text.RLike(MessageShapes.NotText), Lit("not_text"))
            .When(Length(text) > MessageShapes.LongestMessage, Lit("too_long"))
            .When(text.RLike(MessageShapes.FlatObject), Lit(IsObject))
            .When(text.RLike("^\\[\\s*\\{"), Lit("several_students"))
            .When(text.RLike("^[{\\[]"), Lit("not_a_flat_object"))
            .When(text.RLike(MessageShapes.Pairs), Lit(IsPairs))
            .When(text.RLike(MessageShapes.BeginsWithPair), Lit("malformed_pairs"))
            .When(!text.RLike("[;|\\t,]"), Lit("unknown_shape"))
            .When((lines > Lit(2)) | ((lines == Lit(2)) & !isHeader), Lit("several_students"))
            .When((lines == Lit(1)) & isHeader, Lit("header_only"))
            .When(lines == Lit(2), Lit(IsTable))
            .Otherwise(IsLine);
    }

    /// <summary>The members of an object as a strict JSON list of k and v, all texts, whatever quotes the object has.</summary>
    private static Column ObjectAsList(Column text) => Concat(
        Lit("["),
        ArrayJoin(
            Transform(
                RegexpExtractAll(text, MessageShapes.Member, 0),
                member => Concat(Lit("{\"k\":"), JsonText(RegexpExtract(member, MessageShapes.MemberParts, 1)), Lit(",\"v\":"), JsonText(RegexpExtract(member, MessageShapes.MemberParts, 2)), Lit("}"))),
            ","),
        Lit("]"));

    /// <summary>A token as JSON text: quotes of either kind and none, Python's escapes too; null is the empty text.</summary>
    private static Column JsonText(Column token)
    {
        const string escapedBackslash = "\u0001";
        var isQuoted = token.RLike("[\"']$");
        var inner = RegexpReplace(token, "^[uU]?[\"']|[\"']$", "");
        // An escaped backslash stands aside, so that what follows it is not taken for an escape.
        inner = Functions.Replace(inner, "\\\\", escapedBackslash);
        inner = RegexpReplace(inner, "\\\\x([0-9a-fA-F]{2})", "\\\\u00$1");
        inner = Functions.Replace(Functions.Replace(inner, "\\'", "'"), "\\\"", "\"");
        inner = Functions.Replace(Functions.Replace(inner, "\"", "\\\""), escapedBackslash, "\\\\");
        return When(isQuoted, Concat(Lit("\""), inner, Lit("\""))).When(token.IsIn("null", "None"), Lit("\"\"")).Otherwise(Concat(Lit("\""), token, Lit("\"")));
    }

    /// <summary>Lines separated by LF alone, none of them empty.</summary>
    private static Column Lines(Column text) => RegexpReplace(text, "\\s*[\\r\\n]\\s*", "\n");

    private static Column CellsOf(Column line)
    {
        Column? cells = null;
        foreach (var delimiter in MessageShapes.Delimiters)
        {
            var mark = delimiter.ToString();
            var found = Transform(RegexpExtractAll(Concat(Lit(mark), line), MessageShapes.CellAfter(delimiter), 1), Unquoted);
            cells = cells is null ? When(line.Contains(mark), found) : cells.When(line.Contains(mark), found);
        }
        return cells!.Otherwise(Array(line));
    }

    /// <summary>Names of four fields without a header: as in the contract where the third is an age; else the age and a known field of study tell themselves, and the family name is before the first name.</summary>
    private static Column LineOrder(Column cells)
    {
        var at = Enumerable.Range(0, 4).Select(place => cells.GetItem(place)).ToArray();
        Column IsAge(int place) => at[place].RLike(RuleExpressions.AgePattern);
        Column IsField(int place) => FieldNames.IsKnownField(at[place]);
        Column Number(Func<int, Column> holds, int until) => Enumerable.Range(0, until).Select(place => When(holds(place), Lit(1)).Otherwise(0)).Aggregate(Lit(0), static (left, right) => left + right);
        Column Name(int place) => When(IsAge(place), Lit("Age")).When(IsField(place), Lit("Filiere")).When(Number(earlier => !IsAge(earlier) & !IsField(earlier), place) == Lit(0), Lit("Nom")).Otherwise("Prenom");

        var isUsual = IsAge(2) | ((Number(IsAge, 4) == Lit(0)) & IsField(3));
        var tellsItself = (Number(IsAge, 4) == Lit(1)) & (Number(IsField, 4) == Lit(1));
        return When(isUsual, Array(Lit("Nom"), Lit("Prenom"), Lit("Age"), Lit("Filiere"))).When(tellsItself, Array([.. Enumerable.Range(0, 4).Select(Name)]));
    }

    private static Column Trimmed(Column text) => RegexpReplace(text, "^[\\s\\x{00A0}]+|[\\s\\x{00A0}]+$", "");

    /// <summary>Without blanks around, and without a pair of quotes around; a doubled quote is one.</summary>
    private static Column Unquoted(Column text) => Trimmed(Functions.Replace(
        RegexpReplace(RegexpReplace(Trimmed(text), "^\"([^\"]*(?:\"\"[^\"]*)*)\"$", "$1"), "^'([^']*)'$", "$1"), "\"\"", "\""));

    private static Column FieldOf(string name)
    {
        var value = Col(Values).GetItem(ArrayPosition(Col(Names), name).Cast("int") - 1);
        return When(HasNames & (ArrayPosition(Col(Names), name) > 0L), name == "Filiere" ? FieldNames.Field(value) : value);
    }

    private static Column HasNames => Reason().IsNull();

    private static Column Reason()
    {
        var shape = Col(Shape);
        var twice = Contract.Students.Columns.Select(column => Size(Filter(Col(Names), name => name == Lit(column.SourceName))) > Lit(1)).Aggregate(static (left, right) => left | right);
        return When(!shape.IsIn(IsObject, IsPairs, IsLine, IsTable), shape)
            .When((shape == Lit(IsLine)) & (Size(Col(Cells)) != Lit(4)), Lit("wrong_field_count"))
            .When((shape == Lit(IsTable)) & (Size(Col(Cells)) != Size(Col(Header))), Lit("wrong_field_count"))
            .When(Col(Names).IsNull(), Lit("unknown_order"))
            .When(twice, Lit("ambiguous_field"));
    }
}
