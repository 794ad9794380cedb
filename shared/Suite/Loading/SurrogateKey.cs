using Pipeline.Engine.Files;
using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;
using Window = Pipeline.Engine.Sql.Expressions.Window;

namespace Pipeline.Suite.Loading;

/// <summary>What tells a row from all others where its contract has no key: two equal rows are two rows, and the same row read again is the same.</summary>
internal static class SurrogateKey
{
    /// <summary>Column of the tables of such contracts.</summary>
    public const string ColumnName = "row_id";

    /// <summary>Staged rows with <see cref="ColumnName"/>.</summary>
    /// <remarks>
    /// SHA-256 over the data set, the row's place and its content. The place is the producer's file and line; the topic, partition and offset where it named none;
    /// and for a file whose lines are not known, the file and which of its equal rows it is.
    /// </remarks>
    public static DataFrame Add(DataFrame staged, string dataset)
    {
        var content = Coalesce(Col(StagedColumns.Raw), Col(StagedColumns.RawBase64), Lit(""));
        var among = Window.PartitionBy(Col(StagedColumns.File), Col(StagedColumns.Topic), Col(StagedColumns.Line), content).OrderBy(content);
        var place = When(Col(StagedColumns.File).IsNotNull() & Col(StagedColumns.Line).IsNotNull(), ConcatWs("|", Unpacked(Col(StagedColumns.File)), Col(StagedColumns.Line)))
            .When(Col(StagedColumns.Topic).IsNotNull(), ConcatWs("|", Col(StagedColumns.Topic), Col(StagedColumns.Partition).Cast("string"), Col(StagedColumns.Offset).Cast("string")))
            .Otherwise(ConcatWs("|", Coalesce(Unpacked(Col(StagedColumns.File)), Lit("")), Col("_among").Cast("string")));
        return staged
            .WithColumn("_among", RowNumber().Over(among))
            .WithColumn(ColumnName, Sha2(ConcatWs("|", Lit(dataset), place, Col(StagedColumns.Item).Cast("string"), content), 256))
            .Drop("_among");
    }

    /// <summary>A file's name as it is unpacked: a row of <c>a.csv.gz</c> (or <c>a.zip</c>) is the same row of <c>a.csv</c>.</summary>
    internal static Column Unpacked(Column file) => RegexpReplace(file, CompressedFile.EndingPattern, ".csv");
}
