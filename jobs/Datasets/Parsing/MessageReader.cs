using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.Parsing;

/// <summary>From what a source gives (Kafka messages, files) to one column of text a field, with the row's provenance.</summary>
public static class MessageReader
{
    /// <summary>Longest text of a broken value that is kept with a rule; the whole row is in <c>_raw</c>.</summary>
    internal const int LongestValue = 200;

    /// <summary>What git leaves at the beginning of a line where a merge was committed unresolved.</summary>
    private const string ConflictMarker = "^(<{7}|={7}|>{7}|[|]{7})( |$)";

    /// <summary>Column of <see cref="Decode"/> that has the message's bytes.</summary>
    internal const string Value = "_value";

    /// <summary>Fields of Kafka messages whose values are JSON objects.</summary>
    /// <remarks>
    /// In: Spark's Kafka columns key, value, topic, partition, offset, headers (array of struct key, value).
    /// Out: one row a message: the contract's source columns (string; null where absent, empty for <c>null</c>, behind <see cref="StagedColumns.WrongKind"/> for a value of another kind), <see cref="StagedColumns.Provenance"/> and <see cref="StagedColumns.Format"/>. Unordered.
    /// </remarks>
    public static DataFrame FromKafka(DataFrame messages, TableContract contract)
    {
        var asked = new StructType([.. contract.SourceSchema, new StructField(StagedColumns.Extra, new ArrayType(new StringType()))]);
        var parsed = Decode(messages).WithColumn("_fields", StrictJson.Fields(Col(StagedColumns.Raw), asked));
        var raw = Col(StagedColumns.Raw);
        var hasNoField = contract.Columns.Select(column => Field(column).IsNull()).Aggregate(static (left, right) => left & right);
        return parsed.Select(
        [
            .. contract.Columns.Select(column => Field(column).As(column.SourceName)),
            raw,
            When(raw.IsNull(), Base64(Col(Value))).As(StagedColumns.RawBase64),
            .. StagedColumns.Provenance.Skip(2).Select(name => Col(name)),
            Col(StagedColumns.Version),
            When(Col(Value).IsNull(), Lit("null_value"))
                .When(raw.IsNull(), Lit("not_utf8"))
                .When(hasNoField, Lit("malformed_json"))
                .When(Col("_fields").GetField(StagedColumns.Extra).IsNotNull(), Lit("wrong_field_count"))
                .When(Field(contract.Columns[0]).RLike(ConflictMarker) & Field(contract.Columns[^1]).IsNull(), Lit("conflict_marker"))
                .As(StagedColumns.Format),
        ]);
    }

    private static Column Field(ColumnContract column) => Col("_fields").GetField(column.SourceName);

    /// <summary>Kafka's messages as text where they are UTF-8, with where they came from.</summary>
    /// <remarks>Out: <see cref="StagedColumns.Provenance"/> without <see cref="StagedColumns.RawBase64"/>, <see cref="StagedColumns.Version"/> and <see cref="Value"/>; one row a message.</remarks>
    internal static DataFrame Decode(DataFrame messages) => messages.Select(
        TryDecodeUtf8(Col("value")).As(StagedColumns.Raw),
        Col("value").As(Value),
        TryDecodeUtf8(Col("key")).As(StagedColumns.Key),
        Col("topic").As(StagedColumns.Topic),
        Col("partition").As(StagedColumns.Partition),
        Col("offset").As(StagedColumns.Offset),
        Header("source-file").As(StagedColumns.File),
        Coalesce(Header("source-line"), Header("source-cell")).As(StagedColumns.Line),
        Lit(null).Cast("bigint").As(StagedColumns.Item),
        Header("source-version").As(StagedColumns.Version));

    /// <remarks>Most topics' messages have no headers: what looks for one is then not run at all.</remarks>
    private static Column Header(string name) =>
        When(Size(Col("headers")) > Lit(0), TryDecodeUtf8(ElementAt(Filter(Col("headers"), header => header.GetField("key") == Lit(name)), 1).GetField("value")));

    /// <summary>Fields of a file's records, read with the contract's source columns, all text, and Spark's corrupt-record column.</summary>
    /// <remarks>
    /// In: the contract's source columns (string; an empty field is null), <paramref name="corruptColumn"/> (the record's text where its number of fields is off), <c>_file</c> and <c>_line</c>.
    /// Out: as <see cref="FromKafka"/>; a field is null only in a record whose number of fields is off.
    /// </remarks>
    public static DataFrame FromRecords(DataFrame records, TableContract contract, string corruptColumn)
    {
        var corrupt = Col(corruptColumn);
        return records.Select(
        [
            .. contract.Columns.Select(column => When(corrupt.IsNull(), Coalesce(Col(column.SourceName), Lit(""))).As(column.SourceName)),
            Coalesce(corrupt, ToJson(Struct([.. contract.Columns.Select(column => Col(column.SourceName))]))).As(StagedColumns.Raw),
            .. FileProvenance(),
            records.Columns().Contains(StagedColumns.Version) ? Col(StagedColumns.Version) : Lit(null).Cast("string").As(StagedColumns.Version),
            When(corrupt.RLike(ConflictMarker), Lit("conflict_marker")).When(corrupt.IsNotNull(), Lit("wrong_field_count")).As(StagedColumns.Format),
        ]);
    }

    /// <summary>Where a file's record came from: <see cref="StagedColumns.Provenance"/> after <see cref="StagedColumns.Raw"/>, with nothing of Kafka's.</summary>
    internal static Column[] FileProvenance() =>
    [
        Lit(null).Cast("string").As(StagedColumns.RawBase64),
        Lit(null).Cast("string").As(StagedColumns.Key),
        Lit(null).Cast("string").As(StagedColumns.Topic),
        Lit(null).Cast("int").As(StagedColumns.Partition),
        Lit(null).Cast("bigint").As(StagedColumns.Offset),
        Col(StagedColumns.File),
        Col(StagedColumns.Line),
        Lit(null).Cast("bigint").As(StagedColumns.Item),
    ];
}
