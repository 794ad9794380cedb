using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Support.Datasets;

/// <summary>Texts parsed under one rule by an engine, as the field of a contract of one column is.</summary>
public static class ParsedTexts
{
    /// <summary>Column of the text's place in the list.</summary>
    public const string Place = StagedColumns.Offset;

    /// <summary>Column of the value, null where the rule is broken.</summary>
    public const string Value = "value";

    /// <summary>One row a text: place (bigint), value (of the rule's type), and the broken rules.</summary>
    public static DataFrame Of(IEngine engine, ParseRule rule, IReadOnlyList<string> texts)
    {
        var contract = new TableContract("values", "one text", [new ColumnContract(Value, "text", rule, "The text")]);
        var columns = new StructType(new StructField("text", new StringType()), new StructField("place", new LongType()));
        var rows = SparkSession.ForEngine(engine).CreateDataFrame(texts.Index().Select(static text => new object?[] { text.Item, (long)text.Index }), columns);
        var fields = rows.Select(
        [
            Col("text"), Col("text").As(StagedColumns.Raw),
            .. StagedColumns.Provenance.Skip(1).Select(static name => (name == Place ? Col("place") : Lit(null).Cast("string")).As(name)),
            Lit(null).Cast("string").As(StagedColumns.Format),
        ]);
        return ContractParser.Parse(fields, contract).Select(Col(Value), Col(Place), Col(StagedColumns.Broken));
    }
}
